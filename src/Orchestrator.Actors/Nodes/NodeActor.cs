using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Configuration;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Nodes;

/// <summary>
/// A process that hosts browsers: makes one <see cref="NodeSessionActor"/> for each session that asks for some, and answers for what
/// an earlier life of the process has left of others.
/// </summary>
public sealed class NodeActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ClusterNode? _cluster;
    private readonly string _name;
    private readonly Func<NodeProtocol.Prepare, IActorRef, Props> _part;
    private readonly HashSet<string> _recording = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _untaken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IActorRef> _closing = new(StringComparer.Ordinal);
    private readonly List<(IActorRef Asked, bool AndTaken)> _awaitQuiet = [];
    private string? _stoppedBecause;
    private long _epoch;

    /// <param name="cluster">Null: this node is alone in its process with its coordinator.</param>
    public NodeActor(BrowserConnector connector, NodeClock clock, TimeProvider time, OrchestratorSettings settings, ClusterNode? cluster = null)
    {
        (_cluster, _name) = (cluster, clock.Timeline.Node);
        // What an earlier life of the process, or of this node in it, has recorded is to be taken, too; of what browsers shows when it is asked for.
        foreach (var held in cluster?.Spools?.Held() ?? []) _untaken.Add(held, []);
        _part = (prepare, session) => NodeSessionActor.Props(prepare, session, connector, clock, time, settings, cluster);
        Receive<NodeProtocol.Command>(command => Sender.Tell(new NodeProtocol.Fenced(_name, _epoch)), command => command.Epoch < _epoch);
        if (cluster is not null)
        {
            Receive<SweepDue>(_ => cluster.Spools.Sweep(clock.Utc - settings.SpoolRetention, _recording));
            Timers.StartPeriodicTimer(nameof(SweepDue), SweepDue.Instance, TimeSpan.Zero, SweepEvery);
        }

        Receive<NodeProtocol.Prepare>(Prepare);
        Receive<NodeProtocol.Resume>(Resume);
        Receive<NodeProtocol.Release>(Release);
        Receive<NodeProtocol.SessionOver>(over => Taken(over.SessionId));
        Receive<SpoolClosed>(closed =>
        {
            if (closed.Answer.Stage is NodeStage.Over) _untaken[closed.SessionId] = [.. closed.Answer.Ended.Select(report => report.Browser)];
            if (_closing.Remove(closed.SessionId, out var asked)) asked.Tell(closed.Answer);
            if (closed.Answer.Ended.Count == 0) Taken(closed.SessionId);
        });
        Receive<NodeProtocol.Taken>(taken =>
        {
            // Of a spool that nobody writes to any more.
            if (_untaken.TryGetValue(taken.SessionId, out var untaken)) untaken.ExceptWith(taken.Browsers);
            if (untaken is { Count: 0 }) Taken(taken.SessionId);
        });
        Receive<NodeLifeProtocol.PartTaken>(part => Taken(part.SessionId));
        Receive<NodeLifeProtocol.CoordinatorInOffice>(office =>
        {
            if (office.Epoch <= _epoch) return;
            _epoch = office.Epoch;
            foreach (var part in Context.GetChildren()) part.Tell(office);
        });
        Receive<NodeLifeProtocol.EndRecordings>(end =>
        {
            _stoppedBecause = end.Reason;
            foreach (var part in Context.GetChildren()) part.Tell(end);
        });
        Receive<NodeLifeProtocol.TellWhenQuiet>(tell =>
        {
            _awaitQuiet.Add((Sender, tell.AndTaken));
            TellIfQuiet();
        });
        Receive<NodeLifeProtocol.PartOver>(over => NotRecording(over.SessionId));
        Receive<Terminated>(gone => NotRecording(SessionOf(gone.ActorRef)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    // A second life would connect to the browsers anew and know nothing of the recordings: the session hears that they are lost.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    public static Props Props(BrowserConnector connector, NodeClock clock, TimeProvider time, OrchestratorSettings settings, ClusterNode? cluster = null) =>
        Akka.Actor.Props.Create(() => new NodeActor(connector, clock, time, settings, cluster));

    private void Prepare(NodeProtocol.Prepare prepare)
    {
        var sessionId = prepare.Plan.SessionId;
        if (Part(sessionId) is { } part)
        {
            part.Forward(prepare);
            return;
        }

        if (_stoppedBecause is { } reason)
        {
            Refuse(prepare, reason);
            return;
        }

        try
        {
            Context.Watch(Context.ActorOf(_part(OnThisNode(prepare), Sender), NameOf(sessionId)));
            _recording.Add(sessionId);
            if (_cluster is not null) _untaken[sessionId] = [.. prepare.Targets.Select(target => target.Name)];
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            Refuse(prepare, $"its node's spool cannot be written: {unwritable.Message}");
        }
    }

    /// <summary>A plan is made elsewhere: what depends on the machine is put in here.</summary>
    private NodeProtocol.Prepare OnThisNode(NodeProtocol.Prepare prepare)
    {
        if (_cluster is not { } cluster) return prepare;
        var sessionId = prepare.Plan.SessionId;
        cluster.Spools.Create(sessionId);
        var targets = prepare.Targets.Select(target => target is { IsLaunched: true, Url: null } ? target with { Url = cluster.SamplePage } : target).ToList();
        return prepare with
        {
            Targets = targets,
            Plan = prepare.Plan with
            {
                Targets = targets,
                OutputFolder = cluster.IsFolderShared ? prepare.Plan.OutputFolder : cluster.Spools.Of(sessionId),
                Launch = cluster.Launch,
            },
        };
    }

    private void Refuse(NodeProtocol.Prepare prepare, string reason)
    {
        _log.Warning("Session {0} is refused: {1}", prepare.Plan.SessionId, reason);
        Sender.Tell(new NodeProtocol.Prepared(
            _name, prepare.Phase, [], [.. prepare.Targets.Select(target => new BrowserReport { Browser = target.Name, Outcome = BrowserOutcome.Refused, Reason = reason })]));
    }

    private void Resume(NodeProtocol.Resume resume)
    {
        if (Part(resume.SessionId) is { } part)
        {
            part.Forward(resume);
            return;
        }

        var (session, unknown) = (Sender, new NodeProtocol.Resumed(_name, NodeStage.Unknown, []));
        // It may take its time: whoever asks again meanwhile is answered by the same.
        var isBeingClosed = _closing.ContainsKey(resume.SessionId);
        _closing[resume.SessionId] = session;
        if (isBeingClosed) return;
        _cluster!.Spools.CloseAsync(resume.SessionId, CancellationToken.None).PipeBack(
            Self,
            success: account => new SpoolClosed(resume.SessionId, account is null ? unknown : new NodeProtocol.Resumed(_name, NodeStage.Over, account.Ended) { Clock = account.Clock }),
            failure: failure =>
            {
                _log.Error(failure, "What this node holds of session {0} cannot be handed in.", resume.SessionId);
                return new SpoolClosed(resume.SessionId, unknown);
            });
    }

    private void Release(NodeProtocol.Release release)
    {
        if (Part(release.SessionId) is { } part) Context.Stop(part);
        Taken(release.SessionId);
        try
        {
            _cluster?.Spools.Delete(release.SessionId);
        }
        catch (Exception stays) when (stays is IOException or UnauthorizedAccessException)
        {
            _log.Warning("The spool of session {0} stays: {1}", release.SessionId, stays.Message);
        }
    }

    private void NotRecording(string sessionId)
    {
        _recording.Remove(sessionId);
        TellIfQuiet();
    }

    private void Taken(string sessionId)
    {
        _untaken.Remove(sessionId);
        TellIfQuiet();
    }

    private void TellIfQuiet()
    {
        if (_recording.Count > 0) return;
        foreach (var (asked, _) in _awaitQuiet.Where(Is)) asked.Tell(new NodeLifeProtocol.Quiet());
        _awaitQuiet.RemoveAll(wish => Is(wish));
        bool Is((IActorRef Asked, bool AndTaken) wish) => !wish.AndTaken || _untaken.Count == 0;
    }

    private static string NameOf(string sessionId) => $"session-{sessionId}";

    private static string SessionOf(IActorRef part) => part.Path.Name["session-".Length..];

    private static IActorRef? Part(string sessionId) => Context.Child(NameOf(sessionId)) is var part && part.IsNobody() ? null : part;

    private sealed record SweepDue
    {
        public static SweepDue Instance { get; } = new();
    }

    private sealed record SpoolClosed(string SessionId, NodeProtocol.Resumed Answer);
}
