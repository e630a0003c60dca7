namespace Orchestrator.Actors.Tests.Support;

/// <summary>A folder of one test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;

    public static implicit operator string(TempFolder folder) => folder.Root;

    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The files below it, relative, in order.</summary>
    public IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal);

    /// <summary>A recording that was under way when its actor system was stopped still puts its last file in place: waited for.</summary>
    public void Dispose()
    {
        if (!SpinWait.SpinUntil(TryDelete, Waiting.Never)) throw new IOException($"{Root} is still written to.");
    }

    private bool TryDelete()
    {
        try
        {
            Directory.Delete(Root, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(Root);
        }
    }
}
