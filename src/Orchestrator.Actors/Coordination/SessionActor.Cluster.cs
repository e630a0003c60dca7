using Akka.Actor;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

// What a session does when coordinators and nodes come and go: it is taken over, waits for nodes that may come back, repeats
// what may have been lost on the way, and fetches what was recorded elsewhere.
public sealed partial class SessionActor
{
    // Messages are lost where a connection is; whoever is told twice does it once.
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromSeconds(2);

    // Nodes say every second that they are there: who has not by then is away, and is no reason to keep the others waiting.
    private static readonly TimeSpan NodesRegisterWithin = TimeSpan.FromSeconds(3);

    private void Cluster(RunningSession running)
    {
        Command<SessionProtocol.NodeIsHere>(here => NodeIsHere(running, here));
        Command<NodeProtocol.Resumed>(resumed => Resumed(running, resumed));
        Command<NodeProtocol.Fenced>(fenced =>
        {
            if (fenced.Epoch > _term?.Epoch) Superseded(fenced.Epoch);
        });
        Command<Fetched>(fetched =>
        {
            running.Fetching.Remove(fetched.Report.Browser);
            running.Fetched.Add(fetched.Report.Browser);
            Learn(running, [], fetched.Node, [fetched.Report], () => { });
        });
        Command<NotFetched>(not => NotHere(running, not));
        Command<NotFetchedAgain>(missing => running.Unfetched.UnionWith(missing.Browsers));
        Command<RepeatDue>(_ =>
        {
            foreach (var node in running.Nodes.Here)
            {
                if (node is { Stage: null, Part: null, Actor: { } actor } && (running.IsResuming || running.Phase is not SessionPhase.Preparing)) actor.Tell(new NodeProtocol.Resume(_sessionId) { Epoch = _term!.Epoch });
                else if (running.FanOut.Outstanding.Contains(node.Name)) Send(node, running.Command(node));
            }
        });
        Command<RollCallOver>(_ =>
        {
            running.IsRollCallOver = true;
            GoOnIfAllSaid(running);
        });
        Command<AwayTooLong>(away =>
        {
            if (running.Nodes.Find(away.Node) is not { Presence: NodePresence.Away } node) return;
            // While others still flush, or are fetched, it costs nobody anything to wait for this one, too.
            if (running.Fetching.Count > 0 || running.Nodes.Here.Any(here => here.Part is not null && here.Targets.Any(target => Session.Find(target.Name) is { Report: null }))) GiveTime(node);
            else Lost(running, node, "its node is gone, and did not come back in time");
        });
    }

    private void TakeOver()
    {
        if (_term is not { } term) throw new InvalidOperationException("Only in a cluster is a session taken over.");
        if (_session is not { } session)
        {
            NotOpened(term.Epoch);
            return;
        }

        if (session.Epoch > term.Epoch)
        {
            Superseded(session.Epoch.Value);
            return;
        }

        var folder = term.FolderOf(_sessionId);
        if (!session.IsOpen)
        {
            // Its end was persisted, and whoever was to be told of it was not. Its folder may be on another machine.
            if (Directory.Exists(session.Plan.OutputFolder)) WriteDocument(running: null, aligned: null);
            else Over(running: null, problem: null);
            return;
        }

        _time = new SessionTime(session.Timeline, _clock, term.References);
        var running = new RunningSession(new SessionNodes(Placement.Of(session.Plan)), new SessionWatch(watcher: null), firstPhase: LastSequenceNr << 24)
        {
            IsResuming = true,
            WasTakenOver = true,
            Forced = session.GivenUp is { } given ? new ForcedOutcome(given.Outcome, given.Reason) : null,
        };
        PersistThen([new SessionEvent.TakenOver(term.Epoch, term.Node, folder) { At = _clock.Utc }], running, () =>
        {
            SessionFolder.Create(folder);
            Become(() => Running(running));
            Timers.StartPeriodicTimer(nameof(RepeatDue), RepeatDue.Instance, RepeatEvery);
            Timers.StartSingleTimer(nameof(RollCallOver), RollCallOver.Instance, NodesRegisterWithin);
            Context.Parent.Tell(new SessionProtocol.Admitted(_sessionId, Session.Plan, Session.OpenedAt));
            GoOnIfAllSaid(running);
        });
    }

    /// <summary>Whoever admitted it may still be about to open it, out of office without knowing: its place in the journal is taken before it is said that there is none.</summary>
    private void NotOpened(long epoch)
    {
        const string reason = "its coordinator was gone before it was open";
        if (epoch < _barredBelow) Superseded(_barredBelow);
        else if (epoch == _barredBelow) Refuse(reason);
        else Persist(new SessionEvent.NotOpened(epoch) { At = _clock.Utc }, _ => Refuse(reason));
    }

    private void NodeIsHere(RunningSession running, SessionProtocol.NodeIsHere here)
    {
        if (running.Nodes.Find(here.Node) is not { Presence: not NodePresence.Lost } node) return;
        node.Http = here.Http;
        if (node.Presence is NodePresence.Here && here.Actor.Equals(node.Actor)) return;
        (node.Presence, node.Actor, node.Part, node.Stage) = (NodePresence.Here, here.Actor, null, null);
        StopFetching(node);
        Timers.Cancel((nameof(AwayTooLong), node.Name));
        Context.Watch(here.Actor);
        here.Actor.Tell(new NodeProtocol.Resume(_sessionId) { Epoch = _term!.Epoch });
    }

    private void Resumed(RunningSession running, NodeProtocol.Resumed resumed)
    {
        if (running.Nodes.Find(resumed.Node) is not { Presence: NodePresence.Here, Stage: null } node) return;
        node.Stage = resumed.Stage;
        node.HasRecorded = resumed.Ended.Any(report => report.Trace is not null);
        node.Clock = resumed.Clock ?? node.Clock;
        if (!Sender.Equals(node.Actor))
        {
            node.Part = Sender;
            Context.Watch(Sender);
        }

        Learn(running, [], node.Name, resumed.Ended, () =>
        {
            if (running.IsResuming) GoOnIfAllSaid(running);
            else CatchUp(running, node);
        });
    }

    /// <summary>A node that was away while the session went on.</summary>
    private void CatchUp(RunningSession running, SessionNode node)
    {
        // An earlier life of its process recorded, and this one knows of it what is on disk, or nothing.
        if (node.Stage is NodeStage.Unknown) Lost(running, node, "its node came back and knew nothing of the session");
        else if (running.Forced is not null) Send(node, GivenUp());
        else if (running.Phase is SessionPhase.Window) Send(node, new NodeProtocol.WindowOpens(running.EndAtNanos));
        else if (running.Phase is SessionPhase.Flushing) Send(node, new NodeProtocol.End(running.NextPhase(), running.EndAtNanos));
    }

    /// <summary>After a take-over, when each node that is there has said what it has: goes on where the journal and the nodes say that the session is.</summary>
    private void GoOnIfAllSaid(RunningSession running)
    {
        if (!running.IsResuming || !Session.IsOpen || running.Nodes.Here.Any(node => node.Stage is null)) return;
        if (!running.IsRollCallOver && running.Nodes.All.Any(node => node.Presence is NodePresence.Away)) return;
        running.IsResuming = false;
        Timers.Cancel(nameof(RollCallOver));
        // Where nobody records any more, the browsers may all have ended before a start: what they left tells.
        var isStarted = running.Nodes.Here.Any(node => node.HasRecorded || node.Stage is NodeStage.Started or NodeStage.Ended);
        if (isStarted || Session.WindowOpened is not null)
        {
            // Too late for it to begin.
            foreach (var node in running.Nodes.Here.Where(node => node.Stage is NodeStage.Unknown).ToList()) Lost(running, node, "its node knows nothing of the session");
        }

        var phase = SessionDecisions.WhereToGoOn(Session, isStarted, isEnded: running.Nodes.Here.Any(node => node.Stage is NodeStage.Ended));
        if (phase is SessionPhase.Preparing or SessionPhase.Starting)
        {
            foreach (var node in running.Nodes.All.Where(node => node.Presence is NodePresence.Away).ToList()) Lost(running, node, "its node is gone");
        }

        switch (phase)
        {
            case SessionPhase.Preparing:
                Prepare(running);
                break;
            case SessionPhase.Starting:
                Start(running);
                break;
            case SessionPhase.Window:
                running.EndAtNanos = Session.WindowOpened!.TimelineNanos + Nanos(Session.Plan.Window.Duration);
                if (Session.IsEndRequested) running.EndAtNanos = Math.Min(running.EndAtNanos, _time.In(_settings.EndLead));
                PersistThen([.. SessionDecisions.MissedMarkers(Session, _time.In(TimeSpan.Zero), _clock.Utc)], running, () =>
                {
                    if (Session.IsEndRequested || running.EndAtNanos <= _time.In(_settings.EndLead)) EndWindow(running);
                    else BeInWindow(running);
                    EndEarlyIfNoneLeft(running);
                });
                break;
            default:
                running.EndAtNanos = _time.In(TimeSpan.Zero);
                if (running.Forced is not null) StopAll(running);
                else EndWindow(running);
                break;
        }
    }

    /// <summary>A node, or its part of the session, is gone.</summary>
    private void Gone(RunningSession running, SessionNode node, IActorRef actor)
    {
        if (node.Presence is not NodePresence.Here) return;
        if (_term is null)
        {
            Lost(running, node, "its node is gone");
        }
        else if (actor.Equals(node.Part))
        {
            // Its node still answers for what is on disk, unless it is gone, too, and then that is what comes next.
            (node.Part, node.Stage) = (null, null);
            node.Actor!.Tell(new NodeProtocol.Resume(_sessionId) { Epoch = _term.Epoch });
        }
        else if (running.Phase is SessionPhase.Preparing or SessionPhase.Starting && !running.IsResuming)
        {
            Lost(running, node, "its node is gone");
        }
        else
        {
            (node.Presence, node.Part, node.Stage) = (NodePresence.Away, null, null);
            StopFetching(node);
            if (running.Phase is not SessionPhase.Window) GiveTime(node);
            WithoutNode(running, node);
        }
    }

    /// <summary>Who is away while others record is not missed yet; from now on it is.</summary>
    private void GiveAwayNodesTime(RunningSession running)
    {
        foreach (var node in running.Nodes.All.Where(node => node.Presence is NodePresence.Away)) GiveTime(node);
    }

    private void GiveTime(SessionNode node) =>
        Timers.StartSingleTimer((nameof(AwayTooLong), node.Name), new AwayTooLong(node.Name), _settings.NodeReturn);

    /// <summary>
    /// After a take-over: whether a trace that an earlier coordinator had is on its way, or on a node that may still come back with it.
    /// Whoever is away has its time by now (<see cref="GiveTime"/>), and is lost or here behind it.
    /// </summary>
    private bool IsSomeTraceToCome(RunningSession running) => running.Fetching.Count > 0 || (_term?.Transfer is not null && running.Nodes.All.Any(node =>
        node.Presence is NodePresence.Away && node.Targets.Any(target => !running.Fetched.Contains(target.Name) && Session.Find(target.Name)?.Report?.Trace is not null)));

    /// <summary>Begins to fetch what is on the node, and returns the reports that need nothing from there.</summary>
    private List<BrowserReport> FetchFirst(RunningSession running, string nodeName, IReadOnlyList<BrowserReport> ended)
    {
        var here = new List<BrowserReport>();
        foreach (var report in ended)
        {
            IReadOnlyList<TraceFile> files = [.. new[] { report.Trace, report.Log }.OfType<TraceFile>()];
            if (files.Count == 0 || running.Fetched.Contains(report.Browser) || running.Unfetched.Contains(report.Browser) || !IsWanted(report.Browser))
            {
                here.Add(report);
                continue;
            }

            if (!running.Fetching.Add(report.Browser)) continue;
            if (running.Nodes.Find(nodeName) is not { Http: { } http } node)
            {
                Self.Tell(new NotFetched(nodeName, report, "its node serves nothing over HTTP", WasStopped: false));
                continue;
            }

            node.Fetching ??= CancellationTokenSource.CreateLinkedTokenSource(_merging.Token);
            var stopped = node.Fetching.Token;
            _term!.Transfer!.FetchAsync(http, _sessionId, files, Session.Plan.OutputFolder, stopped).PipeTo(
                Self, useConfigureAwait: true, success: () => new Fetched(nodeName, report), failure: failure => new NotFetched(nodeName, report, failure.Message, stopped.IsCancellationRequested));
        }

        return here;

        // What an earlier coordinator had lies where that one was: it is fetched anew as long as its node is there.
        bool IsWanted(string browser) => Session.Find(browser) is { } known && (known.Report is null || (running.WasTakenOver && known.Report.Trace is not null));
    }

    private void NotHere(RunningSession running, NotFetched not)
    {
        running.Fetching.Remove(not.Report.Browser);
        // While it is away nothing can be had from it; when it comes back it says again what it has.
        if (running.Nodes.Find(not.Node) is not { Presence: NodePresence.Here })
        {
            EndIfAllEnded(running);
            return;
        }

        if (not.WasStopped)
        {
            // It was away, and is back: its files are asked for once more, from where they are now.
            Learn(running, [], not.Node, [not.Report], () => { });
            return;
        }

        running.Unfetched.Add(not.Report.Browser);
        Learn(running, [], not.Node, [not.Report with { Outcome = BrowserOutcome.Corrupt, Trace = null, Log = null, Reason = $"its trace was recorded, and could not be fetched: {not.Reason}" }], () => { });
    }

    /// <summary>From a node that is gone nothing comes: whoever waited for it would keep the files of others waiting, too.</summary>
    private static void StopFetching(SessionNode node)
    {
        node.Fetching?.Cancel();
        node.Fetching?.Dispose();
        node.Fetching = null;
    }

    /// <summary>What an earlier life of this actor had fetched may lie on another machine.</summary>
    /// <returns>The browsers whose files could not be had.</returns>
    private async Task<IReadOnlyList<string>> FetchAgainAsync(TraceSession session, Dictionary<string, Uri> nodes, HashSet<string> fetched, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        if (_term?.Transfer is not { } transfer) return missing;
        foreach (var browser in session.Browsers.Where(browser => browser.Report?.Trace is not null && !fetched.Contains(browser.Target.Name)))
        {
            // What cannot be had is missing in the folder, and the merging says so.
            if (!nodes.TryGetValue(browser.Target.Node ?? "", out var http))
            {
                missing.Add(browser.Target.Name);
                continue;
            }

            try
            {
                IReadOnlyList<TraceFile> files = [.. new[] { browser.Report!.Trace, browser.Report.Log }.OfType<TraceFile>()];
                await transfer.FetchAsync(http, session.Plan.SessionId, files, session.Plan.OutputFolder, cancellationToken);
            }
            catch (SpoolTransferException)
            {
                missing.Add(browser.Target.Name);
            }
        }

        return missing;
    }

    /// <summary>What is known of the nodes' clocks goes where it is needed: into the session's folder.</summary>
    private async Task WriteNodeClocksAsync(TraceSession session, IReadOnlyList<NodeProtocol.ClockAccount> nodes)
    {
        // This node's own tells how the clock of a coordinator before it lies to its own.
        IEnumerable<NodeProtocol.ClockAccount> all = [.. nodes, new(_clock.Timeline, _term!.References.Told())];
        foreach (var clock in all.Where(node => !node.Clock.IsSameAs(session.Timeline) && NodeClockLog.IsName(node.Clock.Node)).DistinctBy(node => node.Clock.Node))
        {
            var path = Path.Combine(session.Plan.OutputFolder, NodeClockLog.FileOf(clock.Clock.Node));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await WholeFile.WriteAsync(path, new NodeClockLog { SessionId = session.Plan.SessionId, Node = clock.Clock.Node, Clock = clock.Clock, References = clock.References }.ToUtf8());
        }
    }

    private void Superseded(long epoch)
    {
        Context.Parent.Tell(new SessionProtocol.Superseded(epoch));
        Context.Stop(Self);
    }

    private sealed record Fetched(string Node, BrowserReport Report);
    private sealed record NotFetched(string Node, BrowserReport Report, string Reason, bool WasStopped);
    private sealed record NotFetchedAgain(IReadOnlyList<string> Browsers);
    private sealed record AwayTooLong(string Node);
    private sealed record RollCallOver { public static RollCallOver Instance { get; } = new(); }
    private sealed record RepeatDue { public static RepeatDue Instance { get; } = new(); }
}
