namespace Orchestrator.TestKit.Tests.Simulations;

/// <summary>A place for a session's folder, gone after the test.</summary>
internal sealed class KeptFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-testkit-");

    public string Session => Path.Combine(_folder.FullName, "session");

    public void Dispose() => _folder.Delete(recursive: true);
}
