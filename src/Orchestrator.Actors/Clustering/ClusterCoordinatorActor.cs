using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Clustering;

/// <summary>
/// The coordinator of a cluster, in office on one node at a time: claims its epoch in the journal, goes on with every session that is
/// open, knows the nodes, admits and places new sessions. One that learns that it has a successor stops all it does.
/// </summary>
public sealed partial class ClusterCoordinatorActor : ReceiveActor, IWithTimers
{
    // A journal that was away is asked again so often.
    private static readonly TimeSpan JournalPause = TimeSpan.FromSeconds(2);

    // Of so many sessions that are over it is remembered which spools can go; who comes later keeps its own for spool-retention.
    private const int MostOver = 200;

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly NodeClock _clock;
    private readonly OrchestratorSettings _settings;
    private readonly Func<long, IActorRef, ClusterTerm> _termOf;
    private readonly Uri? _http;
    private readonly SortedDictionary<string, KnownNode> _nodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, RefusedNode> _refusedNodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OpenSession> _sessions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _toClose = new(StringComparer.Ordinal);
    private readonly List<(string SessionId, IReadOnlySet<string> KeepSpools)> _over = [];
    private readonly List<IActorRef> _awaitDrained = [];
    private IActorRef? _register;
    private ClusterTerm? _term;
    private bool _isDraining;

    /// <param name="http">This node's HTTP base address.</param>
    /// <param name="termOf">Of an epoch and this actor, the term.</param>
    public ClusterCoordinatorActor(NodeClock clock, OrchestratorSettings settings, Uri? http, Func<long, IActorRef, ClusterTerm> termOf)
    {
        (_clock, _settings, _http, _termOf) = (clock, settings, http, termOf);
        Receive<CoordinatorRegisterActor.InOffice>(office => RegisterIsThere(office.Register));
        Receive<CoordinatorRegisterActor.Admitted>(admitted => Run(admitted.SessionId));
        Receive<CoordinatorRegisterActor.Closed>(closed => _toClose.Remove(closed.SessionId));
        Receive<ClusterProtocol.Register>(Register);
        Receive<ClockProtocol.Bracketed>(bracketed =>
        {
            if (_nodes.TryGetValue(bracketed.Node, out var node)) node.Clock.Add(bracketed.Bracket);
        });
        Receive<SessionProtocol.Open>(Open);
        Receive<SessionProtocol.EndNow>(end => ToSession(end.SessionId, end));
        Receive<SessionProtocol.Abort>(abort => ToSession(abort.SessionId, abort));
        Receive<SessionProtocol.Mark>(mark => ToSession(mark.SessionId, mark));
        Receive<SessionProtocol.Watch>(watch => ToSession(watch.SessionId, watch));
        Receive<SessionProtocol.Admitted>(admitted =>
        {
            if (!_sessions.TryGetValue(admitted.SessionId, out var session)) return;
            (session.Plan, session.OpenedAt) = (admitted.Plan, admitted.OpenedAt);
            Answer(admitted.SessionId, admitted);
        });
        Receive<SessionProtocol.Closed>(closed => Closed(closed.Document.SessionId, closed));
        Receive<SessionProtocol.Refused>(refused => Closed(refused.SessionId, refused));
        Receive<SessionProtocol.Superseded>(by => Superseded(by.Epoch));
        Receive<SessionProtocol.PhaseEntered>(entered =>
        {
            if (_sessions.TryGetValue(entered.SessionId, out var session)) session.Phase = entered.Phase;
        });
        Receive<ClusterProtocol.TellStatus>(_ => Sender.Tell(Status()));
        Receive<ClusterProtocol.Drain>(_ =>
        {
            _isDraining = true;
            _awaitDrained.Add(Sender);
            foreach (var session in _sessions.Values) session.Actor?.Tell(new SessionProtocol.EndNow(session.SessionId));
            TellIfDrained();
        });
        Receive<Terminated>(Gone);
        Receive<JournalDue>(_ => OpenRegister());
        Receive<SessionDue>(due =>
        {
            if (_sessions.TryGetValue(due.SessionId, out var session) && session.Actor is null) Begin(session, SessionProtocol.TakeOver.Instance);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeClock clock, OrchestratorSettings settings, Uri? http, Func<long, IActorRef, ClusterTerm> termOf) =>
        Akka.Actor.Props.Create(() => new ClusterCoordinatorActor(clock, settings, http, termOf));

    protected override void PreStart() => OpenRegister();

    protected override void PostStop()
    {
        const string reason = "its coordinator was stopped while it was being opened";
        // One that has no actor yet has nothing in the journal that the next coordinator could go on with.
        foreach (var session in _sessions.Values)
            session.Requester?.Tell(session.Lives == 0 ? new SessionProtocol.Refused(session.SessionId, reason) { IsForNow = true } : new SessionProtocol.Unknown(session.SessionId, reason));
    }

    // Neither a session nor the register begins again in the middle: they are made anew, from the journal.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
    {
        _log.Error(failure, "An actor of the coordinator failed.");
        return Directive.Stop;
    });

    private void OpenRegister()
    {
        _register = Context.ActorOf(CoordinatorRegisterActor.Props(_clock, _term?.Epoch));
        Context.Watch(_register);
    }

    private void RegisterIsThere(CoordinatorRegister register)
    {
        if (_term is null)
        {
            _term = _termOf(register.Epoch, Self);
            _log.Info("This node coordinates: epoch {0}, {1} open sessions.", _term.Epoch, register.Open.Count);
        }
        else if (register.Epoch > _term.Epoch)
        {
            Superseded(register.Epoch);
            return;
        }

        foreach (var closed in _toClose) _register.Tell(new CoordinatorRegisterActor.Close(closed));
        foreach (var sessionId in register.Open.Where(open => !_sessions.ContainsKey(open) && !_toClose.Contains(open)))
        {
            var session = _sessions[sessionId] = new OpenSession(sessionId);
            Begin(session, SessionProtocol.TakeOver.Instance);
        }
    }

    private void Open(SessionProtocol.Open open)
    {
        var sessionId = open.Plan.SessionId;
        void Refuse(string reason, bool forNow = false) => Sender.Tell(new SessionProtocol.Refused(sessionId, reason) { IsForNow = forNow });
        if (_term is not { } term || _register is null) Refuse("the coordinator's journal cannot be read or written at the moment; try again", forNow: true);
        else if (_isDraining) Refuse("this node is about to stop; try again", forNow: true);
        else if (_sessions.ContainsKey(sessionId)) Refuse("a session of this name is open");
        else if (NodePlacement.Place(open.Plan.Targets, FreePlaces(), out var problem) is not { } targets) Refuse(problem!);
        else
        {
            _sessions.Add(sessionId, new OpenSession(sessionId)
            {
                Plan = open.Plan with { Targets = targets, OutputFolder = term.FolderOf(sessionId) },
                Watcher = open.Watcher,
                Requester = Sender,
            });
            _register.Tell(new CoordinatorRegisterActor.Admit(sessionId));
        }
    }

    private void Run(string sessionId)
    {
        var session = _sessions[sessionId];
        var placements = Placement.Of(session.Plan!).Select(placement => _nodes.TryGetValue(placement.Node, out var node)
            ? placement with { Actor = node.Actor, Http = node.Offer.Http }
            : placement).ToList();
        foreach (var placement in placements)
        {
            if (_nodes.TryGetValue(placement.Node, out var node)) node.Prober?.Tell(ClockProtocol.Burst.Instance);
        }

        try
        {
            SessionFolder.Create(session.Plan!.OutputFolder);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            Closed(sessionId, new SessionProtocol.Refused(sessionId, $"its folder on {_term!.Node} cannot be made: {unwritable.Message}"));
            return;
        }

        Begin(session, new SessionProtocol.Run(session.Plan, placements, session.Watcher!));
    }

    private void Begin(OpenSession session, object first)
    {
        session.Actor = Context.ActorOf(SessionActor.Props(session.SessionId, _clock, _settings, _term), $"session-{session.SessionId}-{++session.Lives}");
        Context.Watch(session.Actor);
        session.Actor.Tell(first);
        foreach (var node in _nodes.Values) session.Actor.Tell(new SessionProtocol.NodeIsHere(node.Offer.Name, node.Actor, node.Offer.Http));
        if (_isDraining) session.Actor.Tell(new SessionProtocol.EndNow(session.SessionId));
    }

    private void ToSession(string sessionId, object message)
    {
        if (!_sessions.TryGetValue(sessionId, out var session)) Sender.Tell(new SessionProtocol.NotOpen(sessionId));
        else if (session.Actor is { } actor) actor.Forward(message);
        else Sender.Tell(new SessionProtocol.Refused(sessionId, "it waits for the coordinator's journal; try again") { IsForNow = true });
    }

    private void Answer(string sessionId, object answer)
    {
        if (!_sessions.TryGetValue(sessionId, out var session)) return;
        session.Requester?.Tell(answer);
        session.Requester = null;
    }

    /// <param name="answer">How it ended, or why it never began.</param>
    private void Closed(string sessionId, object answer)
    {
        Answer(sessionId, answer);
        if (!_sessions.Remove(sessionId)) return;
        if (answer is SessionProtocol.Closed closed)
        {
            _over.Add((sessionId, closed.KeepSpools));
            if (_over.Count > MostOver) _over.RemoveAt(0);
            foreach (var node in _nodes.Values) Release(node, [sessionId]);
        }

        _toClose.Add(sessionId);
        _register?.Tell(new CoordinatorRegisterActor.Close(sessionId));
        TellIfDrained();
    }

    private void TellIfDrained()
    {
        if (_sessions.Count > 0) return;
        foreach (var asked in _awaitDrained) asked.Tell(new ClusterProtocol.Drained());
        _awaitDrained.Clear();
    }

    private void Gone(Terminated gone)
    {
        if (gone.ActorRef.Equals(_register))
        {
            _register = null;
            // What was to be admitted may have been, or not: the register says so when it is back.
            foreach (var waiting in _sessions.Values.Where(session => session.Actor is null && session.Lives == 0).ToList())
            {
                waiting.Requester?.Tell(new SessionProtocol.Refused(waiting.SessionId, "the coordinator's journal cannot be written; the session was not opened") { IsForNow = true });
                _sessions.Remove(waiting.SessionId);
            }

            Timers.StartSingleTimer(nameof(JournalDue), JournalDue.Instance, JournalPause);
        }
        else if (_sessions.Values.FirstOrDefault(session => gone.ActorRef.Equals(session.Actor)) is { } session)
        {
            // It has lost its journal, or has a bug. Its browsers go on; it is made anew until the journal is back.
            _log.Warning("The actor of session {0} stopped before its end; it goes on from the journal.", session.SessionId);
            session.Actor = null;
            Timers.StartSingleTimer((nameof(SessionDue), session.SessionId), new SessionDue(session.SessionId), JournalPause);
        }
        else if (_nodes.Values.FirstOrDefault(node => gone.ActorRef.Equals(node.Actor)) is { } node)
        {
            _log.Warning("Node {0} is gone.", node.Offer.Name);
            Forget(node);
        }
    }

    private void Superseded(long epoch)
    {
        _log.Warning("This node has coordinated in epoch {0}, and another one does in epoch {1}: it stops.", _term?.Epoch ?? 0, epoch);
        Context.Stop(Self);
    }

    private sealed class OpenSession(string sessionId)
    {
        public string SessionId => sessionId;
        /// <summary>Null: it was taken over, and has not said yet what it is.</summary>
        public SessionPlan? Plan { get; set; }

        public DateTimeOffset OpenedAt { get; set; }
        public IActorRef? Watcher { get; init; }
        public IActorRef? Requester { get; set; }

        /// <summary>Null while it is admitted, or waits for the journal.</summary>
        public IActorRef? Actor { get; set; }

        /// <summary>How many actors it has had: a name is free only some time after its actor has stopped.</summary>
        public int Lives { get; set; }

        public SessionPhase Phase { get; set; }
        public int Browsers => Plan?.Targets.Count ?? 0;
    }

    private sealed record SessionDue(string SessionId);

    private sealed record JournalDue
    {
        public static JournalDue Instance { get; } = new();
    }
}
