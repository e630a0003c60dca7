using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>Writes <c>trace.json.gz</c>.</summary>
public static class ChromeJson
{
    public const string FileName = "trace.json.gz";

    private const long ReportBytes = 1 << 20;

    // Each has a thread, and a few MB. Fixed, so that the same sources make the same file everywhere.
    private const int BrowsersAtOnce = 4;

    // Keys of a trace's object that Chromium wrote years ago, beside the events.
    private static readonly HashSet<string> TellsOfEvents = ["samples", "stackFrames", "systemTraceEvents"];

    /// <summary>Writes one Chrome JSON trace of all these sessions' browsers. Sessions are on one time line already.</summary>
    /// <param name="path">Compressed with gzip, unless its name says otherwise by not ending in <c>.gz</c>.</param>
    /// <returns>Null when there is nothing to write; problems name each browser that is not in it, or not wholly, and why.</returns>
    public static async Task<(MergedFile? File, IReadOnlyList<FolderProblem> Problems)> WriteAsync(
        IReadOnlyList<AlignedSession> sessions, string path, Action<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        var problems = new List<FolderProblem>();
        var merge = ChromeJsonPlan.Make(sessions, problems);
        if (merge.Browsers.Count == 0) return (null, problems);

        var sha256 = "";
        long bytes = 0;
        await WholeFile.WriteAsync(path, async file =>
        {
            var level = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? CompressionLevel.Fastest : (CompressionLevel?)null;
            await using var output = new MergedFileStream(file, level);
            try
            {
                await WriteAsync(merge, output, problems, ProgressOf(merge, Path.GetFileName(path), progress), cancellationToken);
                sha256 = await output.CompleteAsync();
            }
            catch (OperationCanceledException)
            {
                output.ThrowIfFailed();
                throw;
            }

            bytes = output.Written;
        });
        return (new MergedFile("json", Path.GetFileName(path), bytes, sha256), problems);
    }

    private static async Task WriteAsync(
        ChromeJsonPlan merge, MergedFileStream output, List<FolderProblem> problems, Action<MergedBrowser, long> progress, CancellationToken cancellationToken)
    {
        var head = output.Open(1)[0];
        head.Write("{\"traceEvents\":["u8);
        var events = new MergedEvents(head);
        events.Write(json => MergedFrames.Write(json, merge.Browsers, merge.MainProcess, merge.FirstNanos));
        for (var i = 0; i < merge.Sessions.Count; i++)
            SessionTrackEvents.Write(events, merge.Sessions[i].Tracks, merge.SessionProcesses[i], i - merge.Sessions.Count, merge.FirstNanos, merge.ShiftNanos);
        foreach (var browser in merge.Browsers) MergedProcesses.Write(events, browser);
        head.Complete();

        foreach (var together in merge.Browsers.Chunk(BrowsersAtOnce))
        {
            var lanes = output.Open(together.Length);
            // The file takes their blocks in turn, so none goes ahead before all have begun: the pool, with a thread for each core, would
            // let the last ones wait for half a second.
            var writing = together.Select((browser, i) => Task.Factory.StartNew(
                () => Write(browser, output, lanes[i], position => progress(browser, position), cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            foreach (var found in await Task.WhenAll(writing)) problems.AddRange(found);
        }

        var tail = output.Open(1)[0];
        tail.Write("\n],\n\"metadata\":"u8);
        using (var json = new Utf8JsonWriter(tail))
            ChromeJsonMetadata.Write(json, merge.Sessions, merge.Browsers, merge.FirstNanos, merge.ShiftNanos);
        tail.Write("}\n"u8);
        tail.Complete();
    }

    /// <summary>Adds up how far each browser is, which several threads tell.</summary>
    private static Action<MergedBrowser, long> ProgressOf(ChromeJsonPlan merge, string fileName, Action<MergeProgress>? progress)
    {
        var total = merge.Browsers.Sum(browser => new FileInfo(browser.Path) is { Exists: true } file ? file.Length : 0);
        var done = new Dictionary<MergedBrowser, long>(ReferenceEqualityComparer.Instance);
        return (browser, position) =>
        {
            lock (done)
            {
                done[browser] = position;
                progress?.Invoke(new MergeProgress($"merging {browser.Name} into {fileName}", done.Values.Sum(), total));
            }
        };
    }

    /// <returns>What was wrong with its trace.</returns>
    private static List<FolderProblem> Write(
        MergedBrowser browser, MergedFileStream output, MergedLane lane, Action<long> progress, CancellationToken cancellationToken)
    {
        try
        {
            return Write(browser, lane, progress, cancellationToken);
        }
        catch (Exception e)
        {
            // The others wait for this one's blocks.
            output.Fail(e);
            throw;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static List<FolderProblem> Write(MergedBrowser browser, MergedLane lane, Action<long> progress, CancellationToken cancellationToken)
    {
        var problems = new List<FolderProblem>();
        var rewriter = new JsonEventRewriter(browser.Rewriting);
        var reported = 0L;
        var read = 0L;
        string? failure = null;
        using var input = Try(() => TraceInput.Open(browser.Path));
        var reader = input is null ? null : new JsonEventReader(input);
        while (reader is not null && Try(reader.Read))
        {
            read = reader.Events;
            // All browsers' frames stand in one event at the front.
            if (!reader.Fields.IsNamed(reader.Event, "TracingStartedInBrowser"u8))
                rewriter.Write(MergedEvents.Separator, reader.Event, reader.Fields, lane);

            if (reader.ExpandedBytes - reported < ReportBytes) continue;
            reported = reader.ExpandedBytes;
            progress(input!.FilePosition);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (input is not null) progress(input.FilePosition);
        if (failure is not null)
            problems.Add(browser.Problem(string.Create(CultureInfo.InvariantCulture, $"could not be read on while it was merged ({failure}); the {read:N0} events before are merged")));
        else if (reader?.CutOff is { } cutOff)
            problems.Add(browser.Problem(string.Create(CultureInfo.InvariantCulture, $"{cutOff}; the {read:N0} events before are merged")));
        if (failure is null && read != browser.Survey.Events)
            problems.Add(browser.Problem(string.Create(CultureInfo.InvariantCulture, $"held {browser.Survey.Events:N0} events when it was looked at and {read:N0} when it was merged; it must not change meanwhile")));
        if (browser.Survey.PassedOver.Where(TellsOfEvents.Contains).ToList() is { Count: > 0 } passedOver)
            problems.Add(browser.Problem($"its {string.Join(", ", passedOver)} cannot be merged and is left out"));

        lane.Complete();
        return problems;

        // What goes wrong on the way out is not this file's fault, and ends the merge.
        T? Try<T>(Func<T> from)
        {
            try
            {
                return from();
            }
            catch (Exception e) when (e is NotATraceException or IOException or UnauthorizedAccessException)
            {
                failure = e.Message.TrimEnd('.');
                return default;
            }
        }
    }
}
