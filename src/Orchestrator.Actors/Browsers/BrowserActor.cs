using Akka.Actor;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Nodes;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Browsers;

/// <summary>
/// One target of one session: connects to it, records it, brings its trace to disk, leaves it as it was found.
/// Its last message to its parent is <see cref="BrowserProtocol.Ended"/>, whatever happened.
/// </summary>
/// <remarks>
/// The actor is the shell of <see cref="RecordingMachine"/>: commands and the browser's events become
/// <see cref="RecordingEvent"/>s, and <see cref="Happened"/> alone acts on a change of state.
/// </remarks>
public sealed class BrowserActor : ReceiveActor
{
    private readonly BrowserTarget _target;
    private readonly SessionPlan _plan;
    private readonly BrowserGauge _gauge;
    private readonly NodeClock _clock;
    private readonly OrchestratorSettings _settings;
    private readonly CancellationTokenSource _over = new();
    private readonly long _startedAt;
    private RecordingState _state = new RecordingState.Idle();
    private BrowserRun? _run;
    private bool _isPageAsked;

    public BrowserActor(
        BrowserTarget target, SessionPlan plan, BrowserConnector connector, NodeClock clock, OrchestratorSettings settings, BrowserGauge gauge)
    {
        (_target, _plan, _gauge, _clock, _settings) = (target, plan, gauge, clock, settings);
        _startedAt = clock.Timestamp;
        connector.ConnectAsync(target, plan, _over.Token).PipeBack(Self, success: browser => browser, failure: ConnectFailure);
        Connecting();
    }

    public static Props Props(
        BrowserTarget target, SessionPlan plan, BrowserConnector connector, NodeClock clock, OrchestratorSettings settings, BrowserGauge gauge) =>
        Akka.Actor.Props.Create(() => new BrowserActor(target, plan, connector, clock, settings, gauge));

    protected override void PostStop()
    {
        _over.Cancel();
        // Stopped before it was over, with the actor system: nobody is left to hear of it, the browser must go all the same.
        if (_run is { } run && _state is not RecordingState.Complete) _ = run.Browser.DisposeAsync().AsTask();
        _over.Dispose();
    }

    private static object ConnectFailure(Exception failure) => failure switch
    {
        BrowserUnavailableException unavailable => new ConnectFailed(unavailable.Outcome, unavailable.Message),
        OperationCanceledException => new ConnectFailed(BrowserOutcome.Aborted, "given up"),
        _ => new ConnectFailed(BrowserOutcome.Refused, failure.Message),
    };

    private void Connecting()
    {
        BrowserProtocol.GiveUp? givenUp = null;
        Receive<BrowserProtocol.GiveUp>(giveUp =>
        {
            // The answer is awaited all the same: a browser that is just coming up must be taken down again.
            givenUp ??= giveUp;
            _over.Cancel();
        });
        Receive<ConnectFailed>(failed =>
        {
            Happened(new RecordingEvent.Failed(givenUp?.Outcome ?? failed.Outcome, givenUp?.Reason ?? failed.Reason));
            var complete = (RecordingState.Complete)_state;
            Context.Parent.Tell(new BrowserProtocol.Ended(
                new BrowserReport { Browser = _target.Name, Outcome = complete.Outcome, Reason = complete.Reason }));
            Context.Stop(Self);
        });
        Receive<ConnectedBrowser>(browser =>
        {
            var run = new BrowserRun(_target, _plan, browser, _clock, _settings, _gauge, _over.Token);
            _run = run;
            Become(() => Connected(run));
            var self = Self;
            run.Listen(self.Tell);
            browser.Connection.Broken.PipeBack(self, success: broken => new Broken(broken));
            if (givenUp is not null) self.Tell(givenUp);
            _gauge.State = _state.Name;
            run.Log.Entered("connecting", _startedAt);
            run.Log.Entered(_state.Name, _clock.Timestamp);
            Context.Parent.Tell(new BrowserProtocol.Connected(
                _target.Name, browser.Endpoint.WebSocketUrl.ToString(), browser.Product, browser.Launched?.ProcessId));
            try
            {
                run.MakeReady();
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                Happened(new RecordingEvent.StartRefused($"its trace cannot be written: {unwritable.Message}"));
            }
        });
    }

    private void Connected(BrowserRun run)
    {
        Receive<BrowserProtocol.StartAt>(start => Start(run, start));
        Receive<CallAnswered<StartCall>>(answer =>
        {
            run.Log.EnteredIndeed("starting", answer.SentAt);
            Happened(new RecordingEvent.StartAnswered(answer.AnsweredAt));
            Context.Parent.Tell(new BrowserProtocol.Started(_target.Name, answer.Call.Phase, answer.SentAt, answer.AnsweredAt));
        });
        Receive<CallFailed<StartCall>>(failed => Happened(new RecordingEvent.StartRefused(failed.Reason)));

        Receive<BrowserProtocol.Mark>(mark => Mark(run, mark));
        Receive<CallAnswered<MarkCall>>(answer =>
        {
            run.Marked(answer.Call.SyncId, answer.Call.Label, answer.SentAt, answer.AnsweredAt);
            Context.Parent.Tell(new BrowserProtocol.Marked(_target.Name, answer.Call.Phase, answer.Call.SyncId, answer.SentAt, answer.AnsweredAt));
        });
        Receive<CallFailed<MarkCall>>(failed =>
        {
            run.Warn($"clock sync marker {failed.Call.SyncId}: {failed.Reason}");
            Context.Parent.Tell(new BrowserProtocol.MarkFailed(_target.Name, failed.Call.Phase, failed.Call.SyncId));
        });

        Receive<BrowserProtocol.DumpMemory>(dump =>
        {
            if (_state is RecordingState.Recording) run.DumpMemoryAsync(dump.Level, dump.Deterministic).PipeBack(Self);
        });
        Receive<MemoryDump>(run.Dumped);
        Receive<BrowserProtocol.OpenPage>(_ =>
        {
            if (_isPageAsked) return;
            _isPageAsked = true;
            run.OpenPageAsync().PipeBack(Self);
        });
        Receive<PageOpened>(opened =>
        {
            if (opened.Problem is not null) run.Warn(opened.Problem);
        });

        Receive<BrowserProtocol.EndAt>(end => End(run, end));
        Receive<CallAnswered<EndCall>>(answer =>
        {
            run.Log.EnteredIndeed("flushing", answer.SentAt);
            Context.Parent.Tell(new BrowserProtocol.EndSent(_target.Name, answer.Call.Phase, answer.SentAt));
        });
        Receive<CallFailed<EndCall>>(failed => Happened(new RecordingEvent.Failed(BrowserOutcome.Corrupt, $"Tracing.end was refused: {failed.Reason}")));

        Receive<CallVoid>(_ => { });
        Receive<BufferUsage>(usage =>
        {
            if ((usage.PercentFull ?? usage.Value) is not { } fill) return;
            _gauge.BufferFill = fill;
            run.BufferWasReported = true;
            run.Log.Filled(fill, _clock.Timestamp);
            Happened(new RecordingEvent.BufferFilled(fill));
        });
        Receive<TracingComplete>(complete =>
        {
            var before = _state;
            Happened(new RecordingEvent.TracingCompleted(_clock.Timestamp, complete.DataLossOccurred));
            if (_state is RecordingState.Flushing { DataLoss: not null } && before is not RecordingState.Flushing { DataLoss: not null })
                run.StoreAsync(complete).PipeBack(Self, success: _ => TraceStored.Instance, failure: StoreFailure);
        });
        Receive<TraceStored>(_ => Happened(new RecordingEvent.TraceStored()));
        Receive<StoreFailed>(failed => Happened(new RecordingEvent.Failed(failed.Outcome, failed.Reason)));
        Receive<Broken>(broken =>
        {
            // While the trace is being stored, the storing judges: what it needed may have come before the connection went.
            if (_state is RecordingState.Flushing { DataLoss: not null }) return;
            Happened(new RecordingEvent.Failed(OutcomeOf(broken.Break), broken.Break.Reason));
        });
        Receive<BrowserProtocol.GiveUp>(giveUp => Happened(new RecordingEvent.Failed(giveUp.Outcome, giveUp.Reason)));
    }

    private void Finishing()
    {
        Receive<Finished>(finished =>
        {
            Context.Parent.Tell(new BrowserProtocol.Ended(finished.Report));
            Context.Stop(Self);
        });
        // Whatever else still comes belongs to a recording that has its outcome.
        ReceiveAny(_ => { });
    }

    private void Start(BrowserRun run, BrowserProtocol.StartAt start)
    {
        if (_state is not RecordingState.Idle) return;
        Happened(new RecordingEvent.StartSent(start.Instant.Due));
        Pipe(run.StartAsync(start.Instant), new StartCall(start.Phase));
    }

    private void Mark(BrowserRun run, BrowserProtocol.Mark mark)
    {
        if (_state is RecordingState.Recording)
            Pipe(run.MarkAsync(mark.SyncId, mark.Instant), new MarkCall(mark.Phase, mark.SyncId, mark.Label));
        else
            Context.Parent.Tell(new BrowserProtocol.MarkFailed(_target.Name, mark.Phase, mark.SyncId));
    }

    private void End(BrowserRun run, BrowserProtocol.EndAt end)
    {
        if (_state is not RecordingState.Recording) return;
        Happened(new RecordingEvent.EndSent(end.Instant.Due));
        Pipe(run.EndAsync(end.Instant), new EndCall(end.Phase));
    }

    private void Happened(RecordingEvent happened)
    {
        var before = _state;
        _state = RecordingMachine.Next(before, happened);
        _gauge.State = _state.Name;
        _run?.Log.Entered(_state.Name, InstantOf(_state));
        if (_state is not RecordingState.Complete complete || before is RecordingState.Complete || _run is not { } run) return;

        _over.Cancel();
        Become(Finishing);
        run.FinishAsync(complete).PipeBack(Self, success: report => new Finished(report), failure: failure => new Finished(
            new BrowserReport { Browser = _target.Name, Outcome = BrowserOutcome.Corrupt, Reason = $"its trace could not be kept: {failure.Message}" }));
    }

    private long InstantOf(RecordingState state) => state switch
    {
        RecordingState.Starting starting => starting.StartSentAt,
        RecordingState.Recording recording => recording.StartedAt,
        RecordingState.Flushing flushing => flushing.EndedAt,
        _ => _clock.Timestamp,
    };

    private void Pipe<TCall>(Task<CdpReply<CdpNothing>> answer, TCall call) =>
        answer.PipeBack(
            Self,
            success: reply => new CallAnswered<TCall>(call, reply.SentAt, reply.AnsweredAt),
            failure: failure => failure is CdpBrokenException or OperationCanceledException
                ? CallVoid.Instance // The break has a message of its own, which says why.
                : new CallFailed<TCall>(call, failure.Message));

    private static object StoreFailure(Exception failure) => failure switch
    {
        CdpBrokenException broken => new StoreFailed(OutcomeOf(broken.Break), broken.Break.Reason),
        CdpErrorException refused => new StoreFailed(BrowserOutcome.Corrupt, $"{refused.Method} was refused: {refused.Message}"),
        IOException or UnauthorizedAccessException => new StoreFailed(BrowserOutcome.Corrupt, $"its trace could not be written: {failure.Message}"),
        _ => new StoreFailed(BrowserOutcome.Corrupt, failure.Message),
    };

    private static BrowserOutcome OutcomeOf(CdpBreak broken) => broken.Kind switch
    {
        CdpBreakKind.Closed or CdpBreakKind.Disposed => BrowserOutcome.ConnectionLost,
        _ => BrowserOutcome.Corrupt,
    };

    private sealed record ConnectFailed(BrowserOutcome Outcome, string Reason);
    private sealed record Broken(CdpBreak Break);
    private sealed record StartCall(long Phase);
    private sealed record MarkCall(long Phase, string SyncId, string? Label);
    private sealed record EndCall(long Phase);
    private sealed record CallAnswered<TCall>(TCall Call, long SentAt, long AnsweredAt);
    private sealed record CallFailed<TCall>(TCall Call, string Reason);
    private sealed record StoreFailed(BrowserOutcome Outcome, string Reason);
    private sealed record Finished(BrowserReport Report);

    private sealed record CallVoid
    {
        public static CallVoid Instance { get; } = new();
    }

    private sealed record TraceStored
    {
        public static TraceStored Instance { get; } = new();
    }
}

/// <summary>The target's page was asked to open its URL.</summary>
/// <param name="Problem">Why it could not; null when it could.</param>
internal sealed record PageOpened(string? Problem);
