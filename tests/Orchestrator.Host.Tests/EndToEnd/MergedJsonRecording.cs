using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;

namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>Three real browsers, each with a page of its own, recorded as JSON and merged: once for all tests that look at the outcome.</summary>
public sealed class MergedJsonRecording : IAsyncLifetime
{
    private readonly Workshop _workshop = new();

    public IReadOnlyList<string> Pages { get; private set; } = [];

    public string TraceFile => Path.Combine(_workshop.Output, ChromeJson.FileName);

    /// <summary>By browser, as its own trace tells.</summary>
    public IReadOnlyList<JsonTraceSurvey> Surveys { get; private set; } = [];

    public async Task InitializeAsync()
    {
        if (Chromium.Path is null) return;
        Pages = [.. Enumerable.Range(1, 3).Select(number => PageOf($"page-{number}.html"))];
        var run = (await OrchestratorProcess.RunAsync(
            _workshop, ["record", "--launch", "3", "--url", Pages[0], "--url", Pages[1], "--url", Pages[2], "--duration", "2s", "--format", "json", "-o", "out", "--json"])).Expecting(0);

        Assert.Empty(run.Document.MergeProblems);
        Assert.Equal(ChromeJson.FileName, Assert.Single(run.Document.Merged).File);
        Surveys = [.. run.Document.Browsers.Select(browser => Survey(browser.File!))];
    }

    public Task DisposeAsync()
    {
        _workshop.Dispose();
        return Task.CompletedTask;
    }

    private string PageOf(string name)
    {
        var page = Path.Combine(_workshop.Folder, name);
        File.Copy(new Uri(_workshop.Page).LocalPath, page);
        return new Uri(page).AbsoluteUri;
    }

    private JsonTraceSurvey Survey(string file)
    {
        using var input = TraceInput.Open(Path.Combine(_workshop.Output, file));
        return JsonTraceReader.Survey(input, null, default);
    }
}

/// <summary>DevTools' trace engine from npm, which <c>deploy/test.sh</c> installs.</summary>
internal static class TraceEngine
{
    private static readonly string? Script = FindScript();

    /// <summary>Null when it can be run.</summary>
    public static string? WhyNone { get; } =
        Chromium.WhyNone ?? (Script is null ? "tests/trace-engine was not found above the test's folder"
        : !Directory.Exists(Path.Combine(Path.GetDirectoryName(Script)!, "node_modules")) ? "tests/trace-engine is not installed: run 'npm ci' there (deploy/test.sh does)"
        : !HasNode() ? "there is no Node.js in PATH"
        : null);

    /// <summary>What the Performance panel would draw of the trace.</summary>
    public static async Task<JsonElement> ReadAsync(string trace)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [Script!, trace]) { RedirectStandardOutput = true })!;
        var told = await node.StandardOutput.ReadToEndAsync().WaitAsync(Patience.Long);
        await node.WaitForExitAsync().WaitAsync(Patience.Long);
        return JsonDocument.Parse(told).RootElement;
    }

    private static string? FindScript()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "tests", "trace-engine", "read-trace.mjs");
            if (File.Exists(script)) return script;
        }

        return null;
    }

    private static bool HasNode() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node")));
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class TraceEngineFactAttribute : FactAttribute
{
    public TraceEngineFactAttribute() => Skip = TraceEngine.WhyNone;
}
