using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Nodes;

// What a part of a session does when its coordinator may die and another go on: it obeys the latest, ends by itself what
// nobody ends, and keeps and repeats what it has to tell until it is taken.
public sealed partial class NodeSessionActor
{
    // How long what was told and not taken, for want of a connection or of a journal, is kept to itself.
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromSeconds(2);

    // A coordinator that is there tells of the end before the instant; this much later it is taken for silent.
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, BrowserReport> _reports = new(StringComparer.Ordinal);
    private readonly HashSet<string> _untaken = new(StringComparer.Ordinal);
    private long _epoch;
    private long? _windowEndsNanos;
    private string? _endedEarlyBecause;
    private bool _isSaving;
    private bool _mustSave;

    private void InACluster()
    {
        _epoch = _prepare.Epoch;
        Receive<NodeProtocol.Command>(_ => Sender.Tell(new NodeProtocol.Fenced(Node, _epoch)), command => command.Epoch < _epoch);
        Receive<NodeLifeProtocol.CoordinatorInOffice>(office => _epoch = Math.Max(_epoch, office.Epoch));
        Receive<NodeProtocol.Resume>(resume =>
        {
            _epoch = resume.Epoch;
            Context.Unwatch(_session);
            _session = Sender;
            Context.Watch(_session);
            Timers.Cancel(nameof(Unclaimed));
            _untaken.UnionWith(_reports.Keys);
            _session.Tell(new NodeProtocol.Resumed(Node, _browsers.Count == 0 ? NodeStage.Over : _stage, [.. _reports.Values])
            {
                Clock = ClockAccount(),
            });
        });
        Receive<NodeProtocol.WindowOpens>(window =>
        {
            _windowEndsNanos = window.EndAtNanos;
            Timers.StartSingleTimer(nameof(NobodyEnds), NobodyEnds.Instance, Until(window.EndAtNanos) + EndPatience);
        });
        Receive<NobodyEnds>(_ => EndAlone());
        Receive<NodeProtocol.Taken>(taken =>
        {
            _untaken.ExceptWith(taken.Browsers);
            if (_browsers.Count == 0 && _untaken.Count == 0) Context.Parent.Tell(new NodeLifeProtocol.PartTaken(_prepare.Plan.SessionId));
        });
        Receive<RepeatDue>(_ =>
        {
            if (_untaken.Count > 0) _session.Tell(new NodeProtocol.BrowsersEnded(Node, [.. _untaken.Select(browser => _reports[browser])]));
        });
        Receive<Unclaimed>(_ => GiveUp(_browsers.Keys, BrowserOutcome.Aborted, "its coordinator is gone, and no other one came before the start"));
        Receive<NodeLifeProtocol.EndRecordings>(end =>
        {
            if (_stage is NodeStage.Preparing)
            {
                GiveUp(_browsers.Keys, BrowserOutcome.Refused, end.Reason);
                return;
            }

            _endedEarlyBecause = end.Reason;
            EndAlone();
        });
        Receive<AccountSaved>(saved =>
        {
            _isSaving = false;
            if (saved.Problem is { } problem) _log.Warning("The account of session {0} could not be written: {1}", _prepare.Plan.SessionId, problem);
            if (_mustSave) Save();
            else if (_browsers.Count == 0) Context.Parent.Tell(new NodeLifeProtocol.PartOver(_prepare.Plan.SessionId));
        });
        Timers.StartPeriodicTimer(nameof(RepeatDue), RepeatDue.Instance, RepeatEvery);
        Save();
    }

    private NodeProtocol.ClockAccount? ClockAccount() => _cluster is null ? null : new(_clock.Timeline, _cluster.References.Told());

    private void Orphaned()
    {
        // Usually its session is over.
        if (_browsers.Count == 0) return;
        _log.Warning("The coordinator of session {0} is gone; its browsers here go on.", _prepare.Plan.SessionId);
        switch (_stage)
        {
            case NodeStage.Preparing:
                Timers.StartSingleTimer(nameof(Unclaimed), Unclaimed.Instance, _settings.NodeGrace);
                break;
            case NodeStage.Started:
                // Before the window was open nobody had said when it ends: as long after the start as it was planned to last.
                var ends = _windowEndsNanos ?? (_started.Count > 0 ? _started.Values.Max(instants => instants.AnsweredNanos) : _sessionTime.In(TimeSpan.Zero))
                    + _prepare.Plan.Window.Duration.Ticks * 100;
                Timers.StartSingleTimer(nameof(NobodyEnds), NobodyEnds.Instance, Until(ends));
                break;
        }
    }

    private void EndAlone()
    {
        if (_stage is NodeStage.Started) EndAt(_endPhase, _sessionTime.In(TimeSpan.Zero));
    }

    private void Keep(BrowserReport report)
    {
        _reports[report.Browser] = report;
        _untaken.Add(report.Browser);
        Save();
    }

    private void Save()
    {
        _mustSave = _isSaving;
        if (_isSaving) return;
        _isSaving = true;
        _cluster!.Spools.SaveAsync(new SpoolAccount
        {
            SessionId = _prepare.Plan.SessionId,
            Browsers = [.. _prepare.Targets.Select(target => target.Name)],
            FileExtension = _prepare.Plan.Tracing.FileExtension,
            Folder = _cluster.IsFolderShared ? _prepare.Plan.OutputFolder : null,
            Ended = [.. _reports.Values],
            Clock = ClockAccount(),
        }).PipeTo(Self, useConfigureAwait: true, success: () => new AccountSaved(null), failure: failure => new AccountSaved(failure.Message));
    }

    private sealed record AccountSaved(string? Problem);

    private sealed record RepeatDue
    {
        public static RepeatDue Instance { get; } = new();
    }

    private sealed record NobodyEnds
    {
        public static NobodyEnds Instance { get; } = new();
    }

    private sealed record Unclaimed
    {
        public static Unclaimed Instance { get; } = new();
    }
}
