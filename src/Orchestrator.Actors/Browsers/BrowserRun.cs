using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Nodes;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Traces;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Browsers;

/// <summary>What a browser actor does with a browser that is connected: the calls, the bytes, what is known for its report.</summary>
internal sealed class BrowserRun(
    BrowserTarget target, SessionPlan plan, ConnectedBrowser browser, NodeClock clock, OrchestratorSettings settings, BrowserGauge gauge,
    CancellationToken over)
{
    // A browser's process ends within a moment of its connection; longer than this, and the connection alone was lost.
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskingPatience = TimeSpan.FromSeconds(2);

    // More would only repeat themselves.
    private const int MostWarnings = 20;

    private readonly RecordingLogbook _log = new(plan.SessionId, target.Name, clock)
    {
        SharedClock = browser.Launched is { } launched ? SharedClockCheck.OfLaunched(launched.ProcessId, clock) : null,
    };
    private readonly List<MemoryDump> _dumps = [];
    private readonly List<string> _awaitedDumps = [];
    private readonly List<string> _warnings = [];
    private TraceSpool? _spool;
    private CdpPreparedCall<CdpNothing>? _start;
    private TraceEventCollector? _collector;
    private Task<TraceFile>? _storing;
    private TraceFile? _logFile;

    public ConnectedBrowser Browser => browser;

    public RecordingLogbook Log => _log;

    public bool BufferWasReported { get; set; }

    public void Listen(Action<object> tell)
    {
        browser.Connection.On(TracingDomain.BufferUsage, tell);
        browser.Connection.On(TracingDomain.TracingComplete, tell);
    }

    /// <summary>Makes the trace's file and the frame that starts the recording. Not at the start: a disk takes up to a millisecond for a file, and hundreds of browsers would miss their instant.</summary>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public void MakeReady()
    {
        _spool = new TraceSpool(plan.OutputFolder, target.Name + plan.Tracing.FileExtension, bytes => gauge.Bytes = bytes);
        _start = browser.Connection.Prepare(TracingDomain.Start, TracingStart.Of(plan.Tracing));
    }

    public Task<CdpReply<CdpNothing>> StartAsync(SynchronizedInstant instant)
    {
        if (plan.Tracing.Transfer is TraceTransfer.Events) _collector = new TraceEventCollector(browser.Connection, _spool!);
        return instant.Run(() => _start!.SendAsync(over));
    }

    public Task<CdpReply<CdpNothing>> MarkAsync(string syncId, SynchronizedInstant? instant)
    {
        var call = browser.Connection.Prepare(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams(syncId));
        return instant is null ? call.SendAsync(over) : instant.Run(() => call.SendAsync(over));
    }

    public Task<CdpReply<CdpNothing>> EndAsync(SynchronizedInstant instant)
    {
        var call = browser.Connection.Prepare(TracingDomain.End);
        return instant.Run(() => call.SendAsync(over));
    }

    public void Marked(string syncId, string? label, long sentAt, long answeredAt)
    {
        _log.Marked(syncId, label, sentAt, answeredAt);
        gauge.Markers = _log.Markers;
    }

    public void Dumped(MemoryDump dump)
    {
        _awaitedDumps.Remove(dump.Level);
        _dumps.Add(dump);
    }

    public void Warn(string warning)
    {
        if (_warnings.Count >= MostWarnings) return;
        _warnings.Add(warning);
        _log.Failed(warning, clock.Timestamp);
    }

    public Task<MemoryDump> DumpMemoryAsync(string level, bool deterministic)
    {
        _awaitedDumps.Add(level);
        return RequestDumpAsync(level, deterministic);
    }

    private async Task<MemoryDump> RequestDumpAsync(string level, bool deterministic)
    {
        try
        {
            var detail = JsonSerializer.SerializeToElement(level).Deserialize(CdpJsonContext.Default.MemoryDumpLevelOfDetail);
            var reply = await browser.Connection.CallAsync(
                TracingDomain.RequestMemoryDump, new RequestMemoryDumpParams(deterministic ? true : null, detail), ct: over);
            return new MemoryDump(reply.Result.DumpGuid, reply.Result.Success, level);
        }
        catch (Exception failure) when (failure is CdpException or OperationCanceledException)
        {
            return new MemoryDump(null, Success: false, level);
        }
    }

    public async Task<PageOpened> OpenPageAsync()
    {
        if (target.Url is not { } url) return new PageOpened(null);
        try
        {
            var reply = await browser.OpenAsync(url, over);
            return new PageOpened(reply.Result.ErrorText is { } error ? $"{url} did not open: {error}" : null);
        }
        catch (Exception failure) when (failure is CdpException or OperationCanceledException)
        {
            return new PageOpened($"{url} did not open: {failure.Message}");
        }
    }

    /// <summary>Brings the trace to disk, under its final name when it is whole.</summary>
    public Task<TraceFile> StoreAsync(TracingComplete complete) => _storing = Store(complete);

    /// <summary>Ends everything that is under way, keeps what came, takes the browser down, and tells how it went.</summary>
    public async Task<BrowserReport> FinishAsync(RecordingState.Complete complete)
    {
        foreach (var level in _awaitedDumps)
        {
            _dumps.Add(new MemoryDump(null, Success: false, level));
            Warn($"the {level} memory dump was not answered before the recording was over");
        }

        string? reason;
        TraceFile? stored;
        try
        {
            reason = await ReasonAsync(complete);
            // Before anything else is asked of the browser: without it, a trace that is on disk cannot be aligned any more.
            var isLogged = await OrWarn("what was seen of its recording could not be written", WriteLogAsync);
            stored = await KeepAsync();
            if (complete.Outcome.Delivered())
            {
                await CheckCategoriesAsync();
                await ListPagesAsync();
                if (isLogged && _log.Pages.Count > 0) await OrWarn("its pages could not be written down", WriteLogAsync);
            }
        }
        finally
        {
            await browser.DisposeAsync();
        }

        // The flush time-out came in the moment between the last byte and the file's final name: the file is the truth.
        var isWholeAfterAll = complete.Outcome is BrowserOutcome.FlushTimedOut && stored is { IsWhole: true };
        return new BrowserReport
        {
            Browser = target.Name,
            Outcome = isWholeAfterAll ? complete.DataLoss ? BrowserOutcome.CompleteWithLoss : BrowserOutcome.Complete : complete.Outcome,
            Reason = isWholeAfterAll ? null : reason,
            DataLoss = complete.DataLoss,
            BufferPeak = BufferWasReported ? complete.BufferPeak : null,
            Markers = _log.Markers,
            Trace = stored,
            Log = _logFile,
            MemoryDumps = [.. _dumps],
            Warnings = [.. _warnings],
        };
    }

    /// <summary>What is on disk of the trace, as far as it came. A disk that fails here takes nothing from the outcome.</summary>
    private async Task<TraceFile?> KeepAsync()
    {
        // A time-out may have cut the storing off, or come a moment after it was done: what counts is what is on disk.
        var stored = _storing is null ? null : await WhenStored(_storing);
        if (_collector is not null) await DrainAsync(_collector, anythingCame: _storing is not null || _spool is { Bytes: > 0 });
        if (stored is null && _spool is { } spool)
            await OrWarn("what came of its trace could not be kept", async () => stored = await spool.KeepPartialAsync());
        return stored;
    }

    /// <summary>
    /// Warns of categories that the browser does not list: it takes them without a word and records nothing for them.
    /// Asked at the end, because a browser that was just launched has listed few or none (seen with 156).
    /// </summary>
    private async Task CheckCategoriesAsync()
    {
        var wanted = TracingStart.Of(plan.Tracing).TraceConfig?.IncludedCategories?.Where(category => !category.Contains('*', StringComparison.Ordinal)).ToList();
        if (wanted is null or []) return;
        using var patience = clock.Patience(AskingPatience);
        try
        {
            var listed = (await browser.Connection.CallAsync(TracingDomain.GetCategories, ct: patience.Token)).Result.Categories;
            var names = listed.SelectMany(group => group.Split(',')).ToHashSet(StringComparer.Ordinal);
            var unknown = wanted.Where(category => !names.Contains(category)).ToList();
            if (names.Count > 0 && unknown.Count > 0) Warn($"the browser does not list these categories: {string.Join(", ", unknown)}");
        }
        catch (Exception failure) when (failure is CdpException or OperationCanceledException)
        {
            // The trace is on disk; that the browser has nothing more to say takes nothing from it.
        }
    }

    private async Task<bool> OrWarn(string problem, Func<Task> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Warn($"{problem}: {failure.Message}");
            return false;
        }
    }

    /// <summary>Events that came and are not written yet belong to what is kept, too.</summary>
    private async Task DrainAsync(TraceEventCollector collector, bool anythingCame)
    {
        using var patience = clock.Patience(DrainPatience);
        try
        {
            if (anythingCame) await collector.CompleteAsync(patience.Token);
        }
        catch (Exception)
        {
            // The sink has failed, or it was completed before; what is on disk stays.
        }

        await collector.DisposeAsync();
    }

    private static async Task<TraceFile?> WhenStored(Task<TraceFile> storing)
    {
        try
        {
            return await storing;
        }
        catch (Exception)
        {
            // Its failure has reached the actor as a message already, or is the cancellation that the outcome explains.
            return null;
        }
    }

    private async Task<TraceFile> Store(TracingComplete complete)
    {
        var spool = _spool ?? throw new InvalidOperationException("The browser sent a trace that was not asked for.");
        if (_collector is not null)
        {
            await _collector.CompleteAsync(over);
        }
        else
        {
            var handle = complete.Stream ?? throw new InvalidDataException("Tracing.tracingComplete names no stream to read the trace from.");
            CheckKind(complete);
            var options = new TraceStreamOptions { ReadSize = settings.ReadSizeBytes, ReadsInFlight = settings.ReadsInFlight };
            await TraceStream.CopyToAsync(browser.Connection, handle, spool, options, ct: over);
        }

        return await spool.CompleteAsync();
    }

    /// <summary>An older browser ignores a format that it does not know and sends another: the file's name must not lie.</summary>
    private void CheckKind(TracingComplete complete)
    {
        var asked = TracingStart.Of(plan.Tracing);
        if ((complete.TraceFormat is { } format && format != (asked.StreamFormat ?? StreamFormat.Json))
            || (complete.StreamCompression is { } compression && compression != (asked.StreamCompression ?? StreamCompression.None)))
        {
            throw new InvalidDataException(
                $"The browser sent its trace as {complete.TraceFormat}, {complete.StreamCompression} where {asked.StreamFormat}, {asked.StreamCompression} was asked for.");
        }
    }

    private async Task<string?> ReasonAsync(RecordingState.Complete complete)
    {
        if (complete.Outcome is not BrowserOutcome.ConnectionLost || browser.Launched is not { } launched) return complete.Reason;
        using var patience = clock.Patience(ExitPatience);
        try
        {
            return $"the browser's process {launched.ProcessId} ended ({await launched.EndedAsync(patience.Token)}); {complete.Reason}";
        }
        catch (OperationCanceledException)
        {
            return complete.Reason;
        }
    }

    /// <summary>A trace from the browser's endpoint does not tell which frames there are; whoever opens it in DevTools needs them.</summary>
    private async Task ListPagesAsync()
    {
        using var patience = clock.Patience(AskingPatience);
        try
        {
            var targets = (await browser.Connection.CallAsync(TargetDomain.GetTargets, ct: patience.Token)).Result.TargetInfos;
            _log.Pages = [.. targets.Where(info => info.Type == "page").Select(page => new LoggedPage(page.TargetId, page.Url, page.Title))];
        }
        catch (Exception failure) when (failure is CdpException or OperationCanceledException)
        {
            // A page's own endpoint need not tell; its trace names its frames itself.
        }
    }

    private async Task WriteLogAsync()
    {
        var (name, bytes) = ($"{RecordedSessions.BrowsersFolder}/{target.Name}{RecordingLog.Suffix}", _log.ToLog().ToUtf8());
        await WholeFile.WriteAsync(Path.Combine(plan.OutputFolder, name), bytes);
        _logFile = new TraceFile(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), IsWhole: true);
    }
}
