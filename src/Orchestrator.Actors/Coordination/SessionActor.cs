using Akka.Actor;
using Akka.Persistence;
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
/// Preparing -> Starting -> Window -> Flushing -> Merging -> Ended
///     |            |          |          ^
///     +------------+----------+----------+   too few browsers, abort: give up, take what comes, and merge nothing
/// </code>
/// A journal that fails stops the actor (Akka.Persistence does that): nothing is told that was not persisted.
/// </remarks>
public sealed partial class SessionActor : ReceivePersistentActor, IWithTimers
{
    private readonly string _sessionId;
    private readonly NodeClock _clock;
    private readonly OrchestratorSettings _settings;
    private readonly CancellationTokenSource _merging = new();
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

    protected override void PostStop()
    {
        _merging.Cancel();
        _merging.Dispose();
        base.PostStop();
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
            ShowSoon(running);
        });
        Command<ShowDue>(_ => Show(running, running.Phase));

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

        Window(running);
        Assembled(running);
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

    /// <summary>Opens a phase and sends it out: <paramref name="whenAll"/> runs when every node has answered it or is lost.</summary>
    private void FanOut(RunningSession running, SessionPhase phase, TimeSpan timeout, Action<long> send, Action whenAll)
    {
        running.Phase = phase;
        running.FanOut = new PhaseFanOut<NodeProtocol.Answer>(running.NextPhase(), running.Nodes.Names);
        running.WhenAll = whenAll;
        Timers.StartSingleTimer(nameof(NodesOverdue), NodesOverdue.Instance, timeout + _settings.NodeGrace);
        Show(running, phase);
        send(running.FanOut.Phase);
        if (running.FanOut.IsComplete) whenAll();
    }

    /// <summary>Shows what is new at once, or when the last showing is a progress interval ago: a view names every browser, and many nodes report.</summary>
    private void ShowSoon(RunningSession running)
    {
        var sinceShown = TimeSpan.FromTicks((_clock.In(TimeSpan.Zero) - running.ShownAtNanos) / 100);
        if (sinceShown >= _settings.ProgressInterval) Show(running, running.Phase);
        else if (!Timers.IsTimerActive(nameof(ShowDue))) Timers.StartSingleTimer(nameof(ShowDue), ShowDue.Instance, _settings.ProgressInterval - sinceShown);
    }

    private void Show(RunningSession running, SessionPhase phase)
    {
        Timers.Cancel(nameof(ShowDue));
        running.ShownAtNanos = _clock.In(TimeSpan.Zero);
        running.Watch.Show(phase, Session);
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
        // All is on disk and judged by now; merging alone can be given up.
        if (running.Phase is SessionPhase.Merging) _merging.Cancel();
        if (running.Phase is SessionPhase.Merging || running.Forced is not null || !Session.IsOpen) return;
        running.Forced = new ForcedOutcome(outcome, reason);
        Timers.CancelAll();
        FanOut(running, SessionPhase.Flushing, TimeSpan.Zero, _ => running.Nodes.Tell(GivenUp()), () => { });
        EndIfAllEnded(running);
    }

    private static NodeProtocol.GiveUp GivenUp() => new(BrowserOutcome.Aborted, "the session was given up");

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
            if (running is not null) ShowSoon(running);
            then();
        });
    }

    private IReadOnlyList<SessionEvent.BrowserReady> ReadyOf(NodeProtocol.Answer answer) => answer is not NodeProtocol.Prepared prepared
        ? []
        : [.. prepared.Ready.Select(ready => new SessionEvent.BrowserReady(
            ready.Browser, prepared.Node, ready.Endpoint, ready.Product, ready.ProcessId) { At = _clock.Utc })];

    private TimeSpan UntilNanos(long nanos) => TimeSpan.FromTicks(Math.Max(0, nanos - _clock.In(TimeSpan.Zero)) / 100);

    private static long Nanos(TimeSpan time) => time.Ticks * 100;

    private sealed record ShowDue { public static ShowDue Instance { get; } = new(); }
    private sealed record NodesOverdue { public static NodesOverdue Instance { get; } = new(); }
}
