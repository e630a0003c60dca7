namespace Orchestrator.Host.Tests.Support;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orchestrator-").FullName;

    public string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public byte[] Write(string relative, byte[] bytes)
    {
        var path = In(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return bytes;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
