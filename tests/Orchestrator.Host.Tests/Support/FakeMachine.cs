using System.Text;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.Tests.Support;

/// <summary>A machine of which everything is known: a browser in PATH, a sample page, room everywhere.</summary>
internal sealed class FakeMachine : IMachine
{
    public const string Chromium = "/usr/bin/chromium";

    public Dictionary<string, FileKind> Paths { get; } = new()
    {
        ["/"] = FileKind.FolderWithFiles,
        [Chromium] = FileKind.Executable,
        ["/opt/orchestrator/Sample/index.html"] = FileKind.File,
    };

    public Dictionary<string, byte[]> Files { get; } = [];
    public Dictionary<string, string> Variables { get; } = new() { ["PATH"] = "/usr/local/bin:/usr/bin", ["HOME"] = "/home/me" };
    public Dictionary<string, string> Unwritable { get; } = [];
    public long? Free { get; set; } = 1L << 40;

    public string WorkingFolder => "/here";
    public string SamplePage => "/opt/orchestrator/Sample/index.html";

    public string ScenarioFolder => "/opt/orchestrator/scenarios";

    public string? Variable(string name) => Variables.GetValueOrDefault(name);

    public FileRead ReadFile(string path, int maxBytes) => Files.TryGetValue(path, out var bytes)
        ? bytes.Length > maxBytes ? new FileRead([], "is too large") : new FileRead(bytes, null)
        : new FileRead([], "does not exist");

    public FileKind Look(string path) => Paths.GetValueOrDefault(path, FileKind.Missing);

    public string? WhyNotWritable(string folder) => Unwritable.GetValueOrDefault(folder);

    public long? FreeBytes(string folder) => Free;

    public FakeMachine With(string path, string text)
    {
        Files[path] = Encoding.UTF8.GetBytes(text);
        return this;
    }

    public FakeMachine With(string path, byte[] bytes)
    {
        Files[path] = bytes;
        return this;
    }
}
