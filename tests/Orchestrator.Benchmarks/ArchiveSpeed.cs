using System.Text.Json;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Benchmarks;

/// <summary>How long an archive of proto traces takes, synced and hashed. The limit, <c>cat</c> of the same bytes and a sync, is the script's to measure.</summary>
public static class ArchiveSpeed
{
    /// <summary>Merges these traces as the browsers of one session, each with a clock that drifts 50 ppm against the time line.</summary>
    public static async Task RunAsync(string[] files, string output, TimeProvider time)
    {
        var session = Aligned(files);
        var began = time.GetTimestamp();
        var cpu = Environment.CpuUsage.TotalTime;
        var (merged, problems) = await PerfettoArchive.WriteAsync([session], output, null, default);
        var elapsed = time.GetElapsedTime(began);
        cpu = Environment.CpuUsage.TotalTime - cpu;

        began = time.GetTimestamp();
        var wrong = PerfettoArchiveCheck.Check(output, default);
        var checking = time.GetElapsedTime(began);
        var sourceBytes = files.Sum(file => new FileInfo(file).Length);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            sourceBytes,
            archiveBytes = merged?.Bytes,
            archiveMs = elapsed.TotalMilliseconds,
            archiveCpuMs = cpu.TotalMilliseconds,
            sourceMBps = sourceBytes / 1e6 / elapsed.TotalSeconds,
            checkMs = checking.TotalMilliseconds,
            problems = problems.Concat(wrong).Select(problem => problem.ToString()),
            peakRssMB = PeakMemory.Megabytes(),
        }));
    }

    private static AlignedSession Aligned(string[] files)
    {
        var timeline = new Timeline("monotonic", "here", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var browsers = files.Select((file, number) => Aligned(file, $"b{number + 1}")).ToList();
        return new AlignedSession
        {
            Session = new RecordedSession { Folder = Path.GetDirectoryName(Path.GetFullPath(files[0]))!, SessionId = "bench", Browsers = [.. browsers.Select(browser => browser.Recorded)], Problems = [] },
            Timeline = timeline,
            Browsers = browsers,
            Tracks = new SessionTracks("bench", [new TrackLine("session", [new TrackSlice("window", 0, 1_000_000_000, new Dictionary<string, string>())], [], [])]),
            Problems = [],
        };
    }

    private static AlignedBrowser Aligned(string file, string name)
    {
        using var input = TraceInput.Open(file);
        var survey = ProtoTraceReader.Survey(input, null, default);
        var mid = survey.FirstNanos!.Value;
        var brackets = Enumerable.Range(0, 20).Select(number => mid + number * ((survey.LastNanos!.Value - mid) / 20))
            .Select(at => (At: at, Timeline: at + 5_000_000 + (long)(50e-6 * (at - mid))))
            .Select(marker => new ClockBracket(marker.At, marker.Timeline - 50_000, marker.Timeline + 50_000));
        var recorded = new RecordedBrowser { Name = name, TracePath = Path.GetFullPath(file), IsWhole = true };
        return new AlignedBrowser(recorded, survey, ClockEstimation.Estimate([.. brackets], null, 0)) { MergedName = name };
    }
}
