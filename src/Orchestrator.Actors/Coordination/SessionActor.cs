using Akka.Actor;
using Akka.Persistence;
using Orchestrator.Actors.Clocks;
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
/// A journal that fails stops the actor (Akka.Persistence does that): nothing is told that was not persisted. In a cluster its
/// coordinator makes it anew, as a new coordinator does: it reads what was persisted, asks the nodes what they have, and goes on.
/// </remarks>
public sealed partial class SessionActor : ReceivePersistentActor, IWithTimers
{
    private readonly string _sessionId;
    private readonly NodeClock _clock;
    private readonly OrchestratorSettings _settings;
    private readonly ClusterTerm? _term;
    private readonly CancellationTokenSource _merging = new();
    private SessionTime _time;
    private TraceSession? _session;
    private long _barredBelow;

    /// <param name="term">Null: there is no cluster.</param>
    public SessionActor(string sessionId, NodeClock clock, OrchestratorSettings settings, ClusterTerm? term = null)
    {
        (_sessionId, _clock, _settings, _term) = (sessionId, clock, settings, term);
        _time = new SessionTime(timeline: null, clock);
        Recover<SessionEvent.NotOpened>(barred => _barredBelow = barred.Epoch);
        Recover<SessionEvent>(happened => _session = TraceSession.Apply(_session, happened));
        Command<SessionProtocol.Run>(Open);
        Command<SessionProtocol.TakeOver>(_ => TakeOver());
        Command<SessionProtocol.EndWhatIsOpen>(_ => JudgeInterrupted());
    }

    public override string PersistenceId => PersistenceIdOf(_sessionId);

    // It makes none, and need not wait for a store of them.
    public override Recovery Recovery => new(SnapshotSelectionCriteria.None);

    public ITimerScheduler Timers { get; set; } = null!;

    private TraceSession Session => _session ?? throw new InvalidOperationException($"Session {_sessionId} has not been opened.");

    public static string PersistenceIdOf(string sessionId) => $"session-{sessionId}";

    public static Props Props(string sessionId, NodeClock clock, OrchestratorSettings settings, ClusterTerm? term = null) =>
        Akka.Actor.Props.Create(() => new SessionActor(sessionId, clock, settings, term));

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

        if (_term?.Epoch < _barredBelow)
        {
            Superseded(_barredBelow);
            return;
        }

        var running = new RunningSession(new SessionNodes(run.Placements), new SessionWatch(run.Watcher), firstPhase: 0);
        PersistThen([new SessionEvent.Opened(run.Plan, _clock.Timeline) { At = _clock.Utc, Epoch = _term?.Epoch }], running, () =>
        {
            if (_term is not null) Context.Parent.Tell(new SessionProtocol.Admitted(_sessionId, Session.Plan, Session.OpenedAt));
            Become(() => Running(running));
            Prepare(running);
        });
    }

    private void Running(RunningSession running)
    {
        Command<NodeProtocol.Joined>(joined => Joined(running, joined.Node));
        Command<NodeProtocol.Probed>(probed => Learn(running, [], probed.Node, probed.Ended, () =>
        {
            if (probed.Phase == running.OpeningProbe && running.Nodes.Find(probed.Node) is { } node) Send(node, NodeProtocol.OpenPages.Instance);
        }));
        Command<NodeProtocol.Marked>(marked => Learn(running, [], marked.Node, marked.Ended, () => Marked(running, marked)));
        Command<NodeProtocol.Answer>(answer =>
        {
            // That it has joined is said once, and may be lost.
            if (answer is NodeProtocol.Prepared && running.Nodes.Find(answer.Node) is { Part: null } node && !Sender.Equals(node.Actor)) Joined(running, answer.Node);
            Learn(running, ReadyOf(answer), answer.Node, answer.Ended, () => Answered(running, answer));
        });
        Command<NodeProtocol.BrowsersEnded>(ended => Learn(running, [], ended.Node, ended.Ended, () => { }));
        Command<NodeProtocol.Progress>(progress =>
        {
            running.Watch.Progressed(progress.Browsers);
            ShowSoon(running);
        });
        Command<ShowDue>(_ => Show(running, running.Phase));
        Command<SessionProtocol.Watch>(watch =>
        {
            running.Watch.Add(watch.Watcher);
            Context.Watch(watch.Watcher);
            Sender.Tell(new SessionProtocol.Heard(_sessionId));
            Show(running, running.Phase);
        });

        // Watch, not WatchWith: a message of one's own is lost when it comes while an event is persisted (Akka.NET 1.5.74
        // stashes the bare Terminated, and hands that out again).
        Command<Terminated>(gone =>
        {
            if (!running.Watch.Remove(gone.ActorRef) && running.Nodes.Of(gone.ActorRef) is { } node) Gone(running, node, gone.ActorRef);
        });
        Command<NodesOverdue>(_ =>
        {
            // Who has answered, and whose traces are being fetched, is not late, however long that takes.
            bool IsAwaited(BrowserTarget target) => Session.Find(target.Name) is { Report: null } && !running.Fetching.Contains(target.Name);
            foreach (var node in running.Nodes.Here.Where(node => running.FanOut.Outstanding.Contains(node.Name) || (running.Phase is SessionPhase.Flushing && node.Targets.Any(IsAwaited))).ToList())
                Lost(running, node, "its node did not answer in time");
            if (running.Fetching.Count > 0) Timers.StartSingleTimer(nameof(NodesOverdue), NodesOverdue.Instance, _settings.NodeGrace);
        });

        Cluster(running);
        Window(running);
        Assembled(running);
        Command<SessionProtocol.Abort>(abort =>
        {
            var asked = Sender;
            GiveUp(running, SessionOutcome.Aborted, abort.Reason, () => asked.Tell(new SessionProtocol.Heard(_sessionId)));
        });
    }

    private void Joined(RunningSession running, string name)
    {
        if (running.Nodes.Find(name) is not { Presence: not NodePresence.Lost } node) return;
        node.Part = Sender;
        Context.Watch(Sender);
        if (running.Forced is not null) Send(node, GivenUp());
    }

    private void Prepare(RunningSession running)
    {
        foreach (var node in running.Nodes.Here) Context.Watch(node.Actor!);
        FanOut(running, SessionPhase.Preparing, Session.Plan.Timeouts.Prepare, phase => node => new NodeProtocol.Prepare(
            phase, _term is null ? Session.Plan : Session.Plan with { Targets = [] }, node.Targets)
        {
            Timeline = _term is null ? null : Session.Timeline,
        }, () => AfterPrepare(running));
    }

    private void AfterPrepare(RunningSession running)
    {
        if (GiveUpIfTooFew(running)) return;
        Start(running);
    }

    private void Start(RunningSession running) =>
        FanOut(running, SessionPhase.Starting, Session.Plan.Timeouts.Start + _settings.StartLead, phase =>
        {
            var start = new NodeProtocol.Start(phase, _time.In(_settings.StartLead));
            return _ => start;
        }, () => AfterStart(running));

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
    /// <param name="command">Of the phase's number, what each node is told.</param>
    private void FanOut(RunningSession running, SessionPhase phase, TimeSpan timeout, Func<long, Func<SessionNode, NodeProtocol.Command>> command, Action whenAll)
    {
        running.Phase = phase;
        // What an earlier life of a node's process recorded has nobody there to answer any more.
        var asked = running.Nodes.Here.Where(node => phase is SessionPhase.Preparing ? node.Stage is not NodeStage.Over : node.Part is not null).ToList();
        running.FanOut = new PhaseFanOut<NodeProtocol.Answer>(running.NextPhase(), asked.Select(node => node.Name));
        running.WhenAll = whenAll;
        Timers.StartSingleTimer(nameof(NodesOverdue), NodesOverdue.Instance, timeout + _settings.NodeGrace);
        if (_term is not null) Timers.StartPeriodicTimer(nameof(RepeatDue), RepeatDue.Instance, RepeatEvery);
        Show(running, phase);
        running.Command = command(running.FanOut.Phase);
        foreach (var node in asked) Send(node, running.Command(node));
        if (running.FanOut.IsComplete) whenAll();
    }

    /// <summary>To a node that is there and has joined; a preparation to one that has not, too.</summary>
    private void Send(SessionNode node, NodeProtocol.Command command)
    {
        if (node.Presence is not NodePresence.Here) return;
        var to = command is NodeProtocol.Prepare ? node.Actor : node.Part;
        to?.Tell(_term is null ? command : command with { Epoch = _term.Epoch });
    }

    private void Send(RunningSession running, NodeProtocol.Command command)
    {
        foreach (var node in running.Nodes.Here) Send(node, command);
    }

    /// <summary>Shows what is new at once, or when the last showing is a progress interval ago: a view names every browser, and many nodes report.</summary>
    private void ShowSoon(RunningSession running)
    {
        var sinceShown = TimeSpan.FromTicks((_time.In(TimeSpan.Zero) - running.ShownAtNanos) / 100);
        if (sinceShown >= _settings.ProgressInterval) Show(running, running.Phase);
        else if (!Timers.IsTimerActive(nameof(ShowDue))) Timers.StartSingleTimer(nameof(ShowDue), ShowDue.Instance, _settings.ProgressInterval - sinceShown);
    }

    private void Show(RunningSession running, SessionPhase phase)
    {
        Timers.Cancel(nameof(ShowDue));
        running.ShownAtNanos = _time.In(TimeSpan.Zero);
        if (_term is not null && running.ToldPhase != phase) Context.Parent.Tell(new SessionProtocol.PhaseEntered(_sessionId, phase));
        running.ToldPhase = phase;
        running.Watch.Show(phase, Session);
    }

    private static void Answered(RunningSession running, NodeProtocol.Answer answer)
    {
        if (running.FanOut.Phase != answer.Phase || running.FanOut.IsComplete) return;
        running.FanOut = running.FanOut.Answered(answer.Node, answer);
        if (running.FanOut.IsComplete) running.WhenAll();
    }

    private void Lost(RunningSession running, SessionNode node, string reason)
    {
        if (node.Presence is NodePresence.Lost) return;
        node.Presence = NodePresence.Lost;
        StopFetching(node);
        var reports = node.Targets.Select(target => new BrowserReport { Browser = target.Name, Outcome = BrowserOutcome.NodeLost, Reason = reason });
        Learn(running, [], node.Name, [.. reports], () => WithoutNode(running, node));
    }

    /// <summary>The phase does not wait for it.</summary>
    private void WithoutNode(RunningSession running, SessionNode node)
    {
        foreach (var (phase, mark) in running.Marks.ToList()) Settle(running, phase, mark with { FanOut = mark.FanOut.Gone(node.Name) });
        if (running.IsResuming)
        {
            GoOnIfAllSaid(running);
            return;
        }

        if (running.FanOut.IsComplete) return;
        running.FanOut = running.FanOut.Gone(node.Name);
        if (running.FanOut.IsComplete) running.WhenAll();
    }

    /// <summary>Persists what is new about browsers, then goes on. A trace that is on another machine is fetched first, and learned of when it is here.</summary>
    private void Learn(
        RunningSession running, IReadOnlyList<SessionEvent.BrowserReady> ready, string node, IReadOnlyList<BrowserReport> ended, Action then)
    {
        var here = _term?.Transfer is null ? ended : FetchFirst(running, node, ended);
        PersistThen([.. SessionDecisions.OnBrowsers(Session, ready, here, _clock.Utc)], running, () =>
        {
            then();
            if (here.Count == 0) return;
            if (_term is not null && running.Nodes.Find(node) is { Presence: NodePresence.Here } from)
                (from.Part ?? from.Actor)!.Tell(new NodeProtocol.Taken(_sessionId, [.. here.Select(report => report.Browser)]) { Epoch = _term.Epoch });
            EndEarlyIfNoneLeft(running);
            EndIfAllEnded(running);
        });
    }

    private void EndEarlyIfNoneLeft(RunningSession running)
    {
        if (running.Phase is SessionPhase.Window && !Session.Outstanding.Any())
        {
            running.EndAtNanos = Math.Min(running.EndAtNanos, _time.In(TimeSpan.Zero));
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
    /// <param name="persisted">Runs when it can be told that the session is given up, or ends anyway.</param>
    private void GiveUp(RunningSession running, SessionOutcome outcome, string reason, Action? persisted = null)
    {
        // All is on disk and judged by now; merging alone can be given up.
        if (running.Phase is SessionPhase.Merging) _merging.Cancel();
        if (running.Phase is SessionPhase.Merging || running.Forced is not null || !Session.IsOpen)
        {
            persisted?.Invoke();
            return;
        }

        running.Forced = new ForcedOutcome(outcome, reason);
        Timers.CancelAll();
        PersistThen([new SessionEvent.GivenUp(outcome, reason) { At = _clock.Utc }], running, () =>
        {
            persisted?.Invoke();
            StopAll(running);
        });
    }

    private void StopAll(RunningSession running)
    {
        FanOut(running, SessionPhase.Flushing, TimeSpan.Zero, _ => _ => GivenUp(), () => { });
        GiveAwayNodesTime(running);
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

    private TimeSpan UntilNanos(long nanos) => TimeSpan.FromTicks(Math.Max(0, nanos - _time.In(TimeSpan.Zero)) / 100);

    private static long Nanos(TimeSpan time) => time.Ticks * 100;

    private sealed record ShowDue { public static ShowDue Instance { get; } = new(); }
    private sealed record NodesOverdue { public static NodesOverdue Instance { get; } = new(); }
}
