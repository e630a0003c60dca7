using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

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

        var document = run.Document;
        var timeline = document.Timeline!;
        var browsers = document.Browsers.Select(Aligned).ToList();
        Surveys = [.. browsers.Select(browser => (JsonTraceSurvey)browser.Survey!)];
        var session = new AlignedSession
        {
            Session = new RecordedSession { Folder = _workshop.Output, SessionId = document.SessionId, Document = document, Timeline = timeline, Browsers = [.. browsers.Select(browser => browser.Recorded)], Problems = [] },
            Timeline = timeline,
            Browsers = browsers,
            Tracks = new SessionTracks(document.SessionId, []),
            Problems = [],
        };
        var (_, problems) = await ChromeJson.WriteAsync([session], TraceFile, null, default);
        Assert.Empty(problems);
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

    /// <summary>The browsers were launched on this machine: they read its clock.</summary>
    private AlignedBrowser Aligned(BrowserDocument browser)
    {
        var path = Path.Combine(_workshop.Output, browser.File!);
        using var input = TraceInput.Open(path);
        var survey = JsonTraceReader.Survey(input, null, default);
        return new AlignedBrowser(new RecordedBrowser { Name = browser.Name, Document = browser, TracePath = path, IsWhole = true }, survey, BrowserClock.Shared) { MergedName = browser.Name };
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
