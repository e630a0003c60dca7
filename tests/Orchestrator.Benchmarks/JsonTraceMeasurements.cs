using System.Text.Json;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Benchmarks;

/// <summary>Our reading and merging of Chrome JSON traces, beside nothing but reading the same bytes.</summary>
public static class JsonTraceMeasurements
{
    /// <summary>A plain read of the file, then its survey.</summary>
    public static void Survey(string file)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        var buffer = new byte[1 << 20];
        using (var handle = File.OpenHandle(file))
        {
            var position = 0L;
            while (RandomAccess.Read(handle, buffer, position) is var read and > 0) position += read;
        }

        var plain = time.GetElapsedTime(began);
        var cpuBefore = Environment.CpuUsage.TotalTime;
        began = time.GetTimestamp();
        TraceSurvey survey;
        using (var input = TraceInput.Open(file)) survey = JsonTraceReader.Survey(input, null, default);
        var surveyed = time.GetElapsedTime(began);
        var cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        var megabytes = survey.ExpandedBytes / 1e6;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            file = Path.GetFileName(file),
            expandedMB = Math.Round(megabytes, 1),
            events = survey.Events,
            markers = survey.Markers.Count,
            cutOff = survey.CutOff,
            plainReadMBs = Math.Round(megabytes / plain.TotalSeconds),
            surveyMBs = Math.Round(megabytes / surveyed.TotalSeconds),
            surveyMs = Math.Round(surveyed.TotalMilliseconds),
            surveyCpuMs = Math.Round(cpu.TotalMilliseconds),
            peakRssMB = PeakMemory.Megabytes(),
        }));
    }

    /// <summary>Surveys and merges the files, each as a browser of one session; every second browser's clock drifts, so that nothing comes for free.</summary>
    public static async Task MergeAsync(IReadOnlyList<string> files, string destination)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        var browsers = files.AsParallel().AsOrdered().Select(Aligned).ToList();
        var surveyed = time.GetElapsedTime(began);
        var folder = Path.GetDirectoryName(Path.GetFullPath(files[0]))!;
        var timeline = new Timeline("monotonic", "benchmark", DateTimeOffset.UnixEpoch);
        var session = new AlignedSession
        {
            Session = new RecordedSession { Folder = folder, SessionId = "benchmark", Timeline = timeline, Browsers = [.. browsers.Select(browser => browser.Recorded)], Problems = [] },
            Timeline = timeline,
            Browsers = browsers,
            Tracks = new SessionTracks("benchmark", []),
            Problems = [],
        };
        var (merged, problems) = await ChromeJson.WriteAsync([session], destination, null, default);
        var elapsed = time.GetElapsedTime(began);
        foreach (var problem in problems) Console.Error.WriteLine(problem);
        var megabytes = browsers.Sum(browser => browser.Survey!.ExpandedBytes) / 1e6;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            client = "orchestrator",
            expandedMB = Math.Round(megabytes, 1),
            events = browsers.Sum(browser => browser.Survey!.Events),
            outMB = Math.Round(merged!.Bytes / 1e6, 1),
            ms = Math.Round(elapsed.TotalMilliseconds),
            surveyMs = Math.Round(surveyed.TotalMilliseconds),
            mbPerSecond = Math.Round(megabytes / elapsed.TotalSeconds),
            cpuMs = Math.Round(Environment.CpuUsage.TotalTime.TotalMilliseconds),
            peakRssMB = PeakMemory.Megabytes(),
        }));
    }

    private static AlignedBrowser Aligned(string file, int place)
    {
        TraceSurvey survey;
        using (var input = TraceInput.Open(file)) survey = JsonTraceReader.Survey(input, null, default);
        var name = $"b{place + 1}";
        var first = survey.FirstNanos ?? 0;
        const long half = 150_000;
        var drift = place % 2 == 0 ? 0 : 20_000;
        var brackets = new[] { 0L, 1_000_000_000, 2_000_000_000 }
            .Select(after => new ClockBracket(first + after + 5_000_000 + after / 1_000_000_000 * drift - half, first + after, first + after + 5_000_000 + after / 1_000_000_000 * drift + half)).ToList();
        return new AlignedBrowser(new RecordedBrowser { Name = name, TracePath = Path.GetFullPath(file), IsWhole = true }, survey, ClockEstimation.Estimate(brackets, null, 0)) { MergedName = name };
    }
}
