using Akka.Actor;
using Akka.Persistence;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>
/// One session, from its opening to its one persisted outcome. What happened is in <see cref="TraceSession"/>, what
/// follows from it in <see cref="SessionDecisions"/>; this actor persists, fans out to the nodes, and keeps the times.
/// </summary>
/// <remarks>
/// <code>
/// Preparing -> Starting -> Window -> Flushing -> Ended
///     |            |          |          ^
///     +------------+----------+----------+   too few browsers, abort: give up, and take what comes
/// </code>
/// A journal that fails stops the actor (Akka.Persistence does that): nothing is told that was not persisted.
/// </remarks>
public sealed class SessionActor : ReceivePersistentActor, IWithTimers
{
    // Ctrl-C should not keep anyone waiting, and a closing burst is worth this much.
    private static readonly TimeSpan HurriedClosing = TimeSpan.FromMilliseconds(200);

    private readonly string _sessionId;
    private readonly NodeClock _clock;
    private readonly OrchestratorSettings _settings;
    private TraceSession? _session;

    public SessionActor(string sessionId, NodeClock clock, OrchestratorSettings settings)
    {
        (_sessionId, _clock, _settings) = (sessionId, clock, settings);
        Recover<SessionEvent>(happened => _session = TraceSession.Apply(_session, happened));
        Command<SessionProtocol.Run>(Open);
        Command<SessionProtocol.EndWhatIsOpen>(_ => JudgeInterrupted());
    }

    public override string PersistenceId => PersistenceIdOf(_sessionId);

    public ITimerScheduler Timers { get; set; } = null!;

    private TraceSession Session => _session ?? throw new InvalidOperationException($"Session {_sessionId} has not been opened.");

    public static string PersistenceIdOf(string sessionId) => $"session-{sessionId}";

    public static Props Props(string sessionId, NodeClock clock, OrchestratorSettings settings) =>
        Akka.Actor.Props.Create(() => new SessionActor(sessionId, clock, settings));

    // By default Akka.Persistence logs an event that the journal will not have, and goes on as if it had never been.
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        Context.Stop(Self);
    }

    private void Open(SessionProtocol.Run run)
    {
        if (_session is not null)
        {
            Refuse("the journal has a session of this name already");
            return;
        }

        var running = new RunningSession(new SessionNodes(run.Placements), new SessionWatch(run.Watcher));
        PersistThen([new SessionEvent.Opened(run.Plan, _clock.Timeline) { At = _clock.Utc }], running, () =>
        {
            Become(() => Running(running));
            FanOut(running, SessionPhase.Preparing, run.Plan.Timeouts.Prepare, phase =>
            {
                foreach (var placement in run.Placements)
                {
                    Context.Watch(placement.Actor);
                    placement.Actor.Tell(new NodeProtocol.Prepare(phase, run.Plan, placement.Targets, Self));
                }
            }, () => AfterPrepare(running));
        });
    }

    private void Running(RunningSession running)
    {
        Command<NodeProtocol.Joined>(joined =>
        {
            running.Nodes.Joined(joined.Node, Sender);
            Context.Watch(Sender);
            if (running.Forced is not null) Sender.Tell(GivenUp());
        });
        Command<NodeProtocol.Probed>(probed => Learn(running, [], probed.Ended, () =>
        {
            if (probed.Phase == running.OpeningProbe) running.Nodes.Tell(probed.Node, NodeProtocol.OpenPages.Instance);
        }));
        Command<NodeProtocol.Marked>(marked => Learn(running, [], marked.Ended, () => Marked(running, marked)));
        Command<NodeProtocol.Answer>(answer => Learn(running, ReadyOf(answer), answer.Ended, () => Answered(running, answer)));
        Command<NodeProtocol.BrowsersEnded>(ended => Learn(running, [], ended.Ended, () => { }));
        Command<NodeProtocol.Progress>(progress =>
        {
            running.Watch.Progressed(progress.Browsers);
            running.Watch.Show(running.Phase, Session);
        });

        // Watch, not WatchWith: a message of one's own is lost when it comes while an event is persisted (Akka.NET 1.5.74
        // stashes the bare Terminated, and hands that out again).
        Command<Terminated>(gone =>
        {
            if (running.Nodes.NodeOf(gone.ActorRef) is { } node) Lost(running, node, "its node is gone");
        });
        Command<NodesOverdue>(_ =>
        {
            foreach (var node in running.Nodes.Names.ToList()) Lost(running, node, "its node did not answer in time");
        });

        Command<PlannedMarker>(marker => Mark(running, marker));
        Command<PlannedMemoryDump>(dump => Dump(running, dump));
        Command<CadenceDue>(_ => Probe(running, "tick", rounds: 1, Session.Plan.Window.MarkEvery));
        Command<CloseDue>(_ => Close(running));
        Command<EndDue>(_ => EndWindow(running));
        Command<SessionProtocol.EndNow>(_ =>
        {
            if (running.Phase is SessionPhase.Preparing or SessionPhase.Starting)
            {
                GiveUp(running, SessionOutcome.Aborted, "ended before the window opened");
            }
            else if (running.Phase is SessionPhase.Window && _clock.In(HurriedClosing) < running.EndAtNanos)
            {
                running.EndAtNanos = _clock.In(HurriedClosing);
                Close(running);
            }
        });
        Command<SessionProtocol.Abort>(abort => GiveUp(running, SessionOutcome.Aborted, abort.Reason));
    }

    private void AfterPrepare(RunningSession running)
    {
        if (GiveUpIfTooFew(running)) return;
        FanOut(running, SessionPhase.Starting, Session.Plan.Timeouts.Start + _settings.StartLead,
            phase => running.Nodes.Tell(new NodeProtocol.Start(phase, _clock.In(_settings.StartLead))),
            () => AfterStart(running));
    }

    private void AfterStart(RunningSession running)
    {
        if (GiveUpIfTooFew(running)) return;
        var instants = running.FanOut.Answers.OfType<NodeProtocol.Started>().SelectMany(answer => answer.Instants).ToList();
        if (Skew.Micros([.. instants.Select(instant => instant.SentNanos)]) is not { } sendSkew
            || Skew.Micros([.. instants.Select(instant => instant.AnsweredNanos)]) is not { } ackSkew)
        {
            GiveUp(running, SessionOutcome.Failed, "no browser records");
            return;
        }

        var openedNanos = instants.Max(instant => instant.AnsweredNanos);
        PersistThen([new SessionEvent.WindowOpened(openedNanos, sendSkew, ackSkew) { At = _clock.Utc }], running, () => OpenWindow(running, openedNanos));
    }

    private void OpenWindow(RunningSession running, long openedNanos)
    {
        var window = Session.Plan.Window;
        running.Phase = SessionPhase.Window;
        // The window has no answer to wait for: its end is the next thing that a node can be late for.
        Timers.Cancel(nameof(NodesOverdue));
        running.EndAtNanos = openedNanos + Nanos(window.Duration);
        // Keyed by their places: two that are planned alike are two.
        foreach (var (place, marker) in window.Markers.Index())
            Timers.StartSingleTimer((nameof(PlannedMarker), place), marker, UntilNanos(openedNanos + Nanos(marker.Offset - _settings.EndLead)));
        foreach (var (place, dump) in window.MemoryDumps.Index())
            Timers.StartSingleTimer((nameof(PlannedMemoryDump), place), dump, UntilNanos(openedNanos + Nanos(dump.Offset)));
        Timers.StartPeriodicTimer(nameof(CadenceDue), CadenceDue.Instance, window.MarkEvery);
        var closing = TimeSpan.FromTicks(Math.Min(_settings.BurstBudget.Ticks, window.Duration.Ticks / 4));
        Timers.StartSingleTimer(nameof(CloseDue), CloseDue.Instance, UntilNanos(running.EndAtNanos - Nanos(closing)));
        running.OpeningProbe = Probe(running, "opening", _settings.BurstMarkers, _settings.BurstBudget);
        EndEarlyIfNoneLeft(running);
    }

    /// <summary>The closing burst, and the end behind it.</summary>
    private void Close(RunningSession running)
    {
        Timers.Cancel(nameof(CadenceDue));
        Timers.Cancel(nameof(CloseDue));
        Timers.StartSingleTimer(nameof(EndDue), EndDue.Instance, UntilNanos(running.EndAtNanos - Nanos(_settings.EndLead)));
        Probe(running, "closing", _settings.BurstMarkers, UntilNanos(running.EndAtNanos));
    }

    private void EndWindow(RunningSession running)
    {
        AskForWhatIsDue(running);
        Timers.CancelAll();
        FanOut(running, SessionPhase.Flushing, Session.Plan.Timeouts.Flush, phase => running.Nodes.Tell(new NodeProtocol.End(phase, running.EndAtNanos)), () =>
        {
            var sent = running.FanOut.Answers.OfType<NodeProtocol.EndSent>().SelectMany(answer => answer.SentNanos).ToList();
            var closed = new SessionEvent.WindowClosed(sent.Count > 0 ? sent.Max() : running.EndAtNanos, Skew.Micros(sent)) { At = _clock.Utc };
            PersistThen([closed], running, () => EndIfAllEnded(running));
        });
    }

    /// <summary>What is planned for the window's last moment is asked for before the end is: afterwards no browser takes it.</summary>
    private void AskForWhatIsDue(RunningSession running)
    {
        var window = Session.Plan.Window;
        bool IsDue(string kind, int place, TimeSpan offset) =>
            Timers.IsTimerActive((kind, place)) && Session.WindowOpened!.TimelineNanos + Nanos(offset) <= running.EndAtNanos;

        foreach (var (place, marker) in window.Markers.Index())
        {
            if (IsDue(nameof(PlannedMarker), place, marker.Offset)) Mark(running, marker);
        }

        foreach (var (place, dump) in window.MemoryDumps.Index())
        {
            if (IsDue(nameof(PlannedMemoryDump), place, dump.Offset)) Dump(running, dump);
        }
    }

    private void Dump(RunningSession running, PlannedMemoryDump dump) =>
        running.Nodes.Tell(new NodeProtocol.DumpMemory(dump.Level, Session.Plan.Window.MemoryDumpDeterministic));

    private void Mark(RunningSession running, PlannedMarker marker)
    {
        var phase = running.NextPhase();
        var syncId = $"{_sessionId}.{marker.Label}.{phase}";
        running.Marks[phase] = new PendingMark(marker.Label, syncId, new PhaseFanOut<NodeProtocol.Answer>(phase, running.Nodes.Names));
        running.Nodes.Tell(new NodeProtocol.Mark(phase, syncId, Session.WindowOpened!.TimelineNanos + Nanos(marker.Offset)));
    }

    private void Marked(RunningSession running, NodeProtocol.Marked marked)
    {
        if (!running.Marks.Remove(marked.Phase, out var mark)) return;
        mark = mark with { FanOut = mark.FanOut.Answered(marked.Node, marked) };
        if (!mark.FanOut.IsComplete)
        {
            running.Marks[marked.Phase] = mark;
            return;
        }

        var sent = mark.FanOut.Answers.OfType<NodeProtocol.Marked>().SelectMany(answer => answer.Instants).Select(instant => instant.SentNanos).ToList();
        if (sent.Count > 0)
            PersistThen([new SessionEvent.MarkerPlaced(mark.Label, mark.SyncId, sent.Min()) { At = _clock.Utc }], running, () => { });
    }

    private long Probe(RunningSession running, string kind, int rounds, TimeSpan budget)
    {
        var phase = running.NextPhase();
        running.Nodes.Tell(new NodeProtocol.Probe(phase, $"{_sessionId}.{kind}.{phase}", rounds, budget));
        return phase;
    }

    /// <summary>Opens a phase and sends it out: <paramref name="whenAll"/> runs when every node has answered it or is lost.</summary>
    private void FanOut(RunningSession running, SessionPhase phase, TimeSpan timeout, Action<long> send, Action whenAll)
    {
        running.Phase = phase;
        running.FanOut = new PhaseFanOut<NodeProtocol.Answer>(running.NextPhase(), running.Nodes.Names);
        running.WhenAll = whenAll;
        Timers.StartSingleTimer(nameof(NodesOverdue), NodesOverdue.Instance, timeout + _settings.NodeGrace);
        running.Watch.Show(phase, Session);
        send(running.FanOut.Phase);
        if (running.FanOut.IsComplete) whenAll();
    }

    private static void Answered(RunningSession running, NodeProtocol.Answer answer)
    {
        if (running.FanOut.Phase != answer.Phase || running.FanOut.IsComplete) return;
        running.FanOut = running.FanOut.Answered(answer.Node, answer);
        if (running.FanOut.IsComplete) running.WhenAll();
    }

    private void Lost(RunningSession running, string node, string reason)
    {
        if (!running.Nodes.Lost(node)) return;
        var reports = running.Nodes.TargetsOf(node)
            .Select(target => new BrowserReport { Browser = target.Name, Outcome = BrowserOutcome.NodeLost, Reason = reason });
        Learn(running, [], [.. reports], () =>
        {
            if (running.FanOut.IsComplete) return;
            running.FanOut = running.FanOut.Gone(node);
            if (running.FanOut.IsComplete) running.WhenAll();
        });
    }

    /// <summary>Persists what is new about browsers, then goes on.</summary>
    private void Learn(RunningSession running, IReadOnlyList<SessionEvent.BrowserReady> ready, IReadOnlyList<BrowserReport> ended, Action then) =>
        PersistThen([.. SessionDecisions.OnBrowsers(Session, ready, ended, _clock.Utc)], running, () =>
        {
            then();
            if (ended.Count == 0) return;
            EndEarlyIfNoneLeft(running);
            EndIfAllEnded(running);
        });

    private void EndEarlyIfNoneLeft(RunningSession running)
    {
        if (running.Phase is SessionPhase.Window && !Session.Outstanding.Any())
        {
            running.EndAtNanos = Math.Min(running.EndAtNanos, _clock.In(TimeSpan.Zero));
            EndWindow(running);
        }
    }

    private bool GiveUpIfTooFew(RunningSession running)
    {
        if (SessionDecisions.RequirementUnmet(Session) is not { } reason) return false;
        GiveUp(running, SessionOutcome.Failed, reason);
        return true;
    }

    /// <summary>Stops every browser and waits for what each leaves behind. The first reason stands.</summary>
    private void GiveUp(RunningSession running, SessionOutcome outcome, string reason)
    {
        if (running.Forced is not null || !Session.IsOpen) return;
        running.Forced = new ForcedOutcome(outcome, reason);
        Timers.CancelAll();
        FanOut(running, SessionPhase.Flushing, TimeSpan.Zero, _ => running.Nodes.Tell(GivenUp()), () => { });
        EndIfAllEnded(running);
    }

    private static NodeProtocol.GiveUp GivenUp() => new(BrowserOutcome.Aborted, "the session was given up");

    private void EndIfAllEnded(RunningSession running)
    {
        if (running.IsEnding || running.Phase is not SessionPhase.Flushing || (running.Forced is null && Session.WindowClosed is null)) return;
        if (SessionDecisions.WhenAllEnded(Session, running.Forced?.Outcome, running.Forced?.Reason, _clock.Utc) is not { } end) return;
        running.IsEnding = true;
        PersistThen([end], running, () => WriteDocument(running));
    }

    private void JudgeInterrupted()
    {
        if (_session is not { IsOpen: true } open)
        {
            Refuse("there is no open session of this name");
            return;
        }

        Become(() =>
        {
            Command<Judged>(judged => PersistThen(judged.Events, running: null, () => WriteDocument(running: null)));
            Command<Status.Failure>(failure => throw new InvalidOperationException("The interrupted session could not be judged.", failure.Cause));
        });
        InterruptedSession.JudgeAsync(open, _clock.Utc).PipeTo(Self, success: events => new Judged(events));
    }

    private void WriteDocument(RunningSession? running)
    {
        Timers.CancelAll();
        Become(() =>
        {
            Command<DocumentWritten>(written =>
            {
                running?.Watch.Show(SessionPhase.Ended, Session);
                Context.Parent.Tell(new SessionProtocol.Closed(SessionDocument.Of(Session), written.Problem));
                Context.Stop(Self);
            });
            CommandAny(_ => { });
        });
        SessionFolder.WriteDocumentAsync(Session).PipeTo(
            Self, success: () => new DocumentWritten(null), failure: failure => new DocumentWritten(failure.Message));
    }

    private void Refuse(string reason)
    {
        Context.Parent.Tell(new SessionProtocol.Refused(_sessionId, reason));
        Context.Stop(Self);
    }

    private void PersistThen(IReadOnlyList<SessionEvent> events, RunningSession? running, Action then)
    {
        if (events.Count == 0)
        {
            then();
            return;
        }

        var left = events.Count;
        PersistAll(events, happened =>
        {
            _session = TraceSession.Apply(_session, happened);
            if (--left > 0) return;
            running?.Watch.Show(running.Phase, Session);
            then();
        });
    }

    private IReadOnlyList<SessionEvent.BrowserReady> ReadyOf(NodeProtocol.Answer answer) => answer is not NodeProtocol.Prepared prepared
        ? []
        : [.. prepared.Ready.Select(ready => new SessionEvent.BrowserReady(
            ready.Browser, prepared.Node, ready.Endpoint, ready.Product, ready.ProcessId) { At = _clock.Utc })];

    private TimeSpan UntilNanos(long nanos) => TimeSpan.FromTicks(Math.Max(0, nanos - _clock.In(TimeSpan.Zero)) / 100);

    private static long Nanos(TimeSpan time) => time.Ticks * 100;

    private sealed record Judged(IReadOnlyList<SessionEvent> Events);
    private sealed record DocumentWritten(string? Problem);

    private sealed record NodesOverdue { public static NodesOverdue Instance { get; } = new(); }
    private sealed record CadenceDue { public static CadenceDue Instance { get; } = new(); }
    private sealed record CloseDue { public static CloseDue Instance { get; } = new(); }
    private sealed record EndDue { public static EndDue Instance { get; } = new(); }
}
