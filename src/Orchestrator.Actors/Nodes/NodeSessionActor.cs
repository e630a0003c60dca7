using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Configuration;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Nodes;

/// <summary>
/// One session's browsers on this node: fans each phase out to them, gathers the answers, names the laggards, and
/// gives each browser that fails to end by itself its outcome. Ends when all its browsers have ended; in a cluster, when it is released.
/// </summary>
/// <remarks>
/// A session's actor that is gone takes its browsers with it, since nobody else will ask for them; but in a cluster another
/// coordinator will: there the browsers go on, end at the planned instant, and all that is known of them is kept until it asks.
/// </remarks>
public sealed partial class NodeSessionActor : ReceiveActor, IWithTimers
{
    private const string ProgressTimer = "progress";
    private const string FlushTimer = "flush";
    private const string MarkerTimer = "marker";

    // An idle browser answers in a millisecond, a busy one in tens; one that takes longer must not keep the others from their turn.
    private static readonly TimeSpan MarkerPatience = TimeSpan.FromMilliseconds(250);

    private readonly NodeProtocol.Prepare _prepare;
    private readonly NodeClock _clock;
    private readonly SessionTime _sessionTime;
    private readonly TimeProvider _time;
    private readonly OrchestratorSettings _settings;
    private readonly ClusterNode? _cluster;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly SortedDictionary<string, NodeBrowser> _browsers = new(StringComparer.Ordinal);
    private readonly Dictionary<long, OpenPhase> _phases = [];
    private readonly List<BrowserReport> _unreported = [];
    private readonly Dictionary<string, NodeProtocol.ReadyBrowser> _ready = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProtocol.SentAndAnswered> _started = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _endsSent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _nobody = [];
    private readonly Dictionary<long, NodeProtocol.Answer> _answers = [];
    private IActorRef _session;
    private NodeStage _stage = NodeStage.Preparing;
    private long _preparePhase;
    private long _startPhase;
    private long _endPhase;
    private readonly HashSet<string> _owingMarker = new(StringComparer.Ordinal);
    private SynchronizedInstant? _lastInstant;
    private ProbeRun? _probe;
    private string _lastProbed = "";
    private IReadOnlyList<NodeProtocol.BrowserProgress> _lastProgress = [];

    public NodeSessionActor(
        NodeProtocol.Prepare prepare, IActorRef session, BrowserConnector connector, NodeClock clock, TimeProvider time, OrchestratorSettings settings, ClusterNode? cluster = null)
    {
        (_prepare, _clock, _time, _settings, _cluster, _session) = (prepare, clock, time, settings, cluster, session);
        _sessionTime = new SessionTime(prepare.Timeline, clock, cluster?.References);
        Context.Watch(_session);
        foreach (var target in prepare.Targets)
        {
            var gauge = new BrowserGauge();
            var browser = Context.ActorOf(BrowserActor.Props(target, prepare.Plan, connector, clock, settings, gauge), target.Name);
            Context.Watch(browser);
            _browsers.Add(target.Name, new NodeBrowser(target, browser, gauge));
        }

        Prepare(prepare.Phase);
        if (cluster is not null) InACluster();
        Commands();
        BrowserAnswers();
        Receive<PhaseOverdue>(Overdue);
        Receive<FlushOverdue>(_ => GiveUp(_browsers.Keys, BrowserOutcome.FlushTimedOut, $"its trace was not here {Seconds(prepare.Plan.Timeouts.Flush)} after the end"));
        Receive<ProbeOverBudget>(over =>
        {
            if (_probe?.Phase == over.Phase) EndProbe();
        });
        Receive<MarkerOverdue>(overdue =>
        {
            if (_probe?.Phase == overdue.Phase && _probe.Awaiting == overdue.Browser) ProbeNext();
        });
        Receive<ProgressDue>(_ => ReportProgress());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private string Node => _clock.Timeline.Node;

    public static Props Props(
        NodeProtocol.Prepare prepare, IActorRef session, BrowserConnector connector, NodeClock clock, TimeProvider time, OrchestratorSettings settings, ClusterNode? cluster = null) =>
        Akka.Actor.Props.Create(() => new NodeSessionActor(prepare, session, connector, clock, time, settings, cluster));

    // A browser actor that throws has a bug; a second life would record a second time.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        _session.Tell(new NodeProtocol.Joined(Node));
        Timers.StartPeriodicTimer(ProgressTimer, new ProgressDue(), _settings.ProgressInterval);
    }

    private void Commands()
    {
        Receive<NodeProtocol.Prepare>(prepare => Prepare(prepare.Phase));
        Receive<NodeProtocol.Start>(start =>
        {
            if (!Open(start.Phase, _prepare.Plan.Timeouts.Start, _started,
                (answers, ended) => new NodeProtocol.Started(Node, start.Phase, Of<NodeProtocol.SentAndAnswered>(answers), ended))) return;
            Enter(NodeStage.Started);
            _startPhase = start.Phase;
            Tell(new BrowserProtocol.StartAt(start.Phase, InstantAt(start.AtNanos)));
        });
        Receive<NodeProtocol.OpenPages>(_ => Tell(BrowserProtocol.OpenPage.Instance));
        Receive<NodeProtocol.Probe>(probe =>
        {
            // One probing at a time: a new one that is due before the last is through takes its place.
            if (_probe is not null) EndProbe();
            // Goes on behind the browser that was asked last, so that a budget which is too small for all is shared by all.
            _probe = new ProbeRun(probe, [.. _browsers.Keys.OrderBy(name => string.CompareOrdinal(name, _lastProbed) <= 0)]);
            Timers.StartSingleTimer(nameof(ProbeOverBudget), new ProbeOverBudget(probe.Phase), probe.Budget);
            ProbeNext();
        });
        Receive<NodeProtocol.Mark>(mark =>
        {
            if (!Open(mark.Phase, _prepare.Plan.Timeouts.Start, _nobody,
                (answers, ended) => new NodeProtocol.Marked(Node, mark.Phase, Of<NodeProtocol.SentAndAnswered>(answers), ended))) return;
            Tell(new BrowserProtocol.Mark(mark.Phase, mark.SyncId, mark.Label, InstantAt(mark.AtNanos)));
        });
        Receive<NodeProtocol.DumpMemory>(dump => Tell(new BrowserProtocol.DumpMemory(dump.Level, dump.Deterministic)));
        Receive<NodeProtocol.End>(end =>
        {
            if (!Open(end.Phase, _prepare.Plan.Timeouts.Flush, _endsSent, (answers, ended) => new NodeProtocol.EndSent(Node, end.Phase, Of<long>(answers), ended)
            {
                Clock = ClockAccount(),
            })) return;
            EndAt(end.Phase, end.AtNanos);
        });
        Receive<NodeProtocol.GiveUp>(giveUp => GiveUp(_browsers.Keys, giveUp.Outcome, giveUp.Reason));
    }

    private void BrowserAnswers()
    {
        Receive<BrowserProtocol.Connected>(ready => Answered(
            _preparePhase, ready.Browser, _ready[ready.Browser] = new NodeProtocol.ReadyBrowser(ready.Browser, ready.Endpoint, ready.Product, ready.ProcessId)));
        Receive<BrowserProtocol.Started>(started =>
        {
            var instants = Instants(started.SentAt, started.AnsweredAt);
            _started[started.Browser] = instants;
            Answered(_startPhase, started.Browser, instants);
        });
        Receive<BrowserProtocol.Marked>(marked =>
        {
            var instants = Instants(marked.SentAt, marked.AnsweredAt);
            Answered(marked.Phase, marked.Browser, instants);
            _probe?.Bracketed(marked.Browser, instants.AnsweredNanos - instants.SentNanos);
            Probed(marked.Phase, marked.Browser);
        });
        Receive<BrowserProtocol.MarkFailed>(failed =>
        {
            if (_phases.TryGetValue(failed.Phase, out var phase)) Continue(phase with { FanOut = phase.FanOut.Gone(failed.Browser) });
            if (_probe?.Phase == failed.Phase) _probe.LeaveOut(failed.Browser);
            Probed(failed.Phase, failed.Browser);
        });
        Receive<BrowserProtocol.EndSent>(sent =>
        {
            var sentNanos = _sessionTime.ToTimeline(sent.SentAt);
            _endsSent[sent.Browser] = sentNanos;
            Answered(_endPhase, sent.Browser, sentNanos);
        });
        Receive<BrowserProtocol.Ended>(ended => Ended(ended.Report));
        Receive<Terminated>(gone =>
        {
            if (gone.ActorRef.Equals(_session) && _cluster is not null)
            {
                Orphaned();
            }
            else if (gone.ActorRef.Equals(_session))
            {
                GiveUp(_browsers.Keys, BrowserOutcome.Aborted, "the session's own actor is gone");
            }
            else if (_browsers.Values.FirstOrDefault(browser => browser.Actor.Equals(gone.ActorRef)) is { } browser)
            {
                _log.Error("The actor of browser {0} stopped without a report.", browser.Target.Name);
                Ended(new BrowserReport { Browser = browser.Target.Name, Outcome = BrowserOutcome.NodeLost, Reason = "its actor failed; the log says why" });
            }
        });
    }

    private void Ended(BrowserReport report)
    {
        if (!_browsers.Remove(report.Browser)) return;
        if (_endedEarlyBecause is { } why && report.Outcome.Delivered()) report = report with { Warnings = [.. report.Warnings, $"it was ended early: {why}"] };
        _unreported.Add(report);
        if (_cluster is not null) Keep(report);
        foreach (var phase in _phases.Values.ToList()) Continue(phase with { FanOut = phase.FanOut.Gone(report.Browser) });
        if (_probe?.Awaiting == report.Browser) ProbeNext();
        if (_browsers.Count > 0) return;
        if (_probe is not null) EndProbe();
        ReportEnded();
        // In a cluster the reports may have to be told once more, to another coordinator.
        if (_cluster is null) Context.Stop(Self);
    }

    private void Prepare(long phase)
    {
        if (Open(phase, _prepare.Plan.Timeouts.Prepare, _ready, (answers, ended) => new NodeProtocol.Prepared(Node, phase, Of<NodeProtocol.ReadyBrowser>(answers), ended)))
            _preparePhase = phase;
    }

    private void EndAt(long phase, long atNanos)
    {
        Enter(NodeStage.Ended);
        _endPhase = phase;
        Tell(new BrowserProtocol.EndAt(phase, InstantAt(atNanos)));
        Timers.StartSingleTimer(FlushTimer, FlushOverdue.Instance, Until(atNanos) + _prepare.Plan.Timeouts.Flush);
    }

    private void Enter(NodeStage stage) => _stage = stage > _stage ? stage : _stage;

    /// <summary>Opens a phase that ends when every browser has answered. One that was opened before is not opened again: its answer is told again, if there is one.</summary>
    /// <param name="already">What browsers have answered to the same command of an earlier phase.</param>
    /// <returns>True: it is new.</returns>
    private bool Open<T>(
        long phase, TimeSpan timeout, Dictionary<string, T> already, Func<IReadOnlyList<object>, IReadOnlyList<BrowserReport>, NodeProtocol.Answer> answer) where T : notnull
    {
        if (_phases.ContainsKey(phase)) return false;
        if (_answers.TryGetValue(phase, out var answered))
        {
            _session.Tell(answered);
            return false;
        }

        Timers.StartSingleTimer(phase, new PhaseOverdue(phase, timeout), timeout);
        Continue(new OpenPhase(new PhaseFanOut<object>(phase, [.. _browsers.Keys.Where(browser => !already.ContainsKey(browser))], [.. already.Values.Cast<object>()]), answer));
        return true;
    }

    private void Answered(long phase, string browser, object answer)
    {
        if (_phases.TryGetValue(phase, out var open)) Continue(open with { FanOut = open.FanOut.Answered(browser, answer) });
    }

    private void Continue(OpenPhase phase)
    {
        if (!phase.FanOut.IsComplete)
        {
            _phases[phase.FanOut.Phase] = phase;
            return;
        }

        _phases.Remove(phase.FanOut.Phase);
        Timers.Cancel(phase.FanOut.Phase);
        var answer = phase.Answer(phase.FanOut.Answers, TakeUnreported());
        if (_cluster is not null) _answers[phase.FanOut.Phase] = answer;
        _session.Tell(answer);
    }

    private void Overdue(PhaseOverdue overdue)
    {
        if (!_phases.TryGetValue(overdue.Phase, out var phase)) return;
        var laggards = phase.FanOut.Outstanding;
        if (overdue.Phase == _preparePhase)
        {
            foreach (var name in laggards)
            {
                var outcome = _browsers[name].Target.IsLaunched ? BrowserOutcome.LaunchFailed : BrowserOutcome.Refused;
                GiveUp([name], outcome, $"was not ready within {Seconds(overdue.Timeout)}");
            }
        }
        else if (laggards.Any(name => _browsers[name].Gauge.State == "starting"))
        {
            GiveUp(laggards, BrowserOutcome.Refused, $"did not answer Tracing.start within {Seconds(overdue.Timeout)}");
        }
        else
        {
            // A marker or an end that is not acknowledged: the recording itself may be well, and has its own deadline.
            _log.Warning("No answer within {0} from: {1}", Seconds(overdue.Timeout), string.Join(", ", laggards));
            Continue(phase with { FanOut = new PhaseFanOut<object>(overdue.Phase, []) with { Answers = phase.FanOut.Answers } });
        }
    }

    private void ProbeNext()
    {
        if (_probe is not { } probe) return;
        while (probe.Next() is { } next)
        {
            if (!_browsers.TryGetValue(next.Browser, out var browser) || !_owingMarker.Add(next.Browser)) continue;
            _lastProbed = next.Browser;
            Timers.StartSingleTimer(MarkerTimer, new MarkerOverdue(probe.Phase, next.Browser), MarkerPatience);
            browser.Actor.Tell(new BrowserProtocol.Mark(probe.Phase, next.SyncId, Label: null, Instant: null));
            return;
        }

        EndProbe();
    }

    private void Probed(long phase, string browser)
    {
        _owingMarker.Remove(browser);
        if (_probe?.Phase == phase && _probe.Awaiting == browser) ProbeNext();
    }

    private void EndProbe()
    {
        Timers.Cancel(nameof(ProbeOverBudget));
        Timers.Cancel(MarkerTimer);
        var phase = _probe!.Phase;
        _probe = null;
        _session.Tell(new NodeProtocol.Probed(Node, phase, TakeUnreported()));
    }

    private void ReportProgress()
    {
        ReportEnded();
        var progress = _browsers.Values.Select(browser => new NodeProtocol.BrowserProgress(
            browser.Target.Name, browser.Gauge.State, browser.Gauge.BufferFill, browser.Gauge.Bytes, browser.Gauge.Markers)).ToList();
        if (progress.SequenceEqual(_lastProgress)) return;
        _lastProgress = progress;
        _session.Tell(new NodeProtocol.Progress(Node, progress));
    }

    private void ReportEnded()
    {
        if (_unreported.Count > 0) _session.Tell(new NodeProtocol.BrowsersEnded(Node, TakeUnreported()));
    }

    private IReadOnlyList<BrowserReport> TakeUnreported()
    {
        IReadOnlyList<BrowserReport> reports = [.. _unreported];
        _unreported.Clear();
        return reports;
    }

    private void GiveUp(IEnumerable<string> browsers, BrowserOutcome outcome, string reason)
    {
        foreach (var name in browsers.ToList()) _browsers[name].Actor.Tell(new BrowserProtocol.GiveUp(outcome, reason));
    }

    private void Tell(object message)
    {
        foreach (var browser in _browsers.Values) browser.Actor.Tell(message);
    }

    /// <summary>What is due earlier is sent earlier, however late: a marker of the window's last moment before its end.</summary>
    private SynchronizedInstant InstantAt(long nanos) =>
        _lastInstant = SynchronizedInstant.At(_sessionTime.ToTimestamp(nanos), _time, _settings.SpinLead, after: _lastInstant);

    private TimeSpan Until(long nanos) => TimeSpan.FromTicks(Math.Max(0, nanos - _sessionTime.In(TimeSpan.Zero)) / 100);

    private NodeProtocol.SentAndAnswered Instants(long sentAt, long answeredAt) => new(_sessionTime.ToTimeline(sentAt), _sessionTime.ToTimeline(answeredAt));

    private static IReadOnlyList<T> Of<T>(IReadOnlyList<object> answers) => [.. answers.Cast<T>()];

    private static string Seconds(TimeSpan time) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    private sealed record NodeBrowser(BrowserTarget Target, IActorRef Actor, BrowserGauge Gauge);
    private sealed record OpenPhase(PhaseFanOut<object> FanOut, Func<IReadOnlyList<object>, IReadOnlyList<BrowserReport>, NodeProtocol.Answer> Answer);
    private sealed record PhaseOverdue(long Phase, TimeSpan Timeout);
    private sealed record ProbeOverBudget(long Phase);
    private sealed record MarkerOverdue(long Phase, string Browser);
    private sealed record ProgressDue;

    private sealed record FlushOverdue
    {
        public static FlushOverdue Instance { get; } = new();
    }
}
