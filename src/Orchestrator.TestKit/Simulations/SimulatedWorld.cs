using Akka.Configuration;
using Orchestrator.Cdp;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Time;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>A scenario come true: the browsers, the process that records them, the journal and the folder that outlive it.</summary>
internal sealed class SimulatedWorld
{
    // Thousands of connections are idle for most of the time; buffers grow with what comes.
    private const int ReceiveBufferBytes = 1 << 10;

    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Afterwards = TimeSpan.FromMinutes(5);

    private readonly Scenario _scenario;
    private readonly Config _settings;
    private readonly Dictionary<Uri, SimulatedBrowser> _browsers = [];
    private readonly List<SimulatedProcess> _processes = [];
    private SessionView? _view;

    public SimulatedWorld(Scenario scenario, Config settings, string folder)
    {
        (_scenario, _settings) = (scenario, settings);
        Browsers = [.. Enumerable.Range(1, scenario.Browsers).Select(number => new SimulatedBrowser(scenario.ConditionsOf(number), Time) { Id = Scenario.NameOf(number) })];
        foreach (var browser in Browsers) _browsers.Add(browser.Url, browser);
        Journal = new SimulatedJournal(scenario.JournalWrite, scenario.Seed);
        Plan = SessionOf.Plan(scenario, folder, Browsers.Select(browser => browser.Url));
    }

    public SessionPlan Plan { get; }

    public IReadOnlyList<SimulatedBrowser> Browsers { get; }

    public SimulatedJournal Journal { get; }

    public VirtualTime Time { get; private set; } = new();

    /// <summary>One, and after a kill the one that came after it.</summary>
    public IReadOnlyList<SimulatedProcess> Processes => _processes;

    /// <summary>When the session had its outcome, in nanoseconds of the world's time.</summary>
    public long EndedAtNanos { get; private set; }

    /// <summary>What came from outside of the world, where a run can only be repeated if nothing does.</summary>
    public long Strays { get; private set; }

    /// <summary>By then every deadline of the session is over.</summary>
    public TimeSpan LatestEnd =>
        _scenario.Timeouts.Prepare + _scenario.Timeouts.Start + _scenario.Duration + _scenario.Timeouts.Flush + TimeSpan.FromMinutes(10);

    /// <summary>Runs the session to its outcome, or to the end of all patience.</summary>
    public void Run(Action<SimulationProgress>? progress, CancellationToken cancellationToken)
    {
        var beginning = Time.NowNanos;
        Journal.WriterDiesAt = _scenario.KillProcessAtEvent;
        Live(process => process.Open(Plan, view => _view = view), progress, beginning, cancellationToken);
        if (!Journal.IsWriterDead) return;

        // What is left of a killed process is what it wrote. Its actors, its connections and its timers went with its world.
        Journal.WriterDiesAt = null;
        Time = new VirtualTime(Time.NowNanos);
        Live(process => process.Recover(Plan.SessionId), progress, beginning, cancellationToken);
    }

    private void Live(Action<SimulatedProcess> begin, Action<SimulationProgress>? progress, long beginning, CancellationToken cancellationToken)
    {
        SimulatedProcess? process = null;
        Time.Schedule(TimeSpan.Zero, () =>
        {
            process = new SimulatedProcess(Time, Journal, _settings, _scenario.Nodes, (url, token) => _browsers[url].ConnectAsync(
                new CdpConnectionOptions { ReceiveBufferBytes = ReceiveBufferBytes, MaxMessageBytes = process!.Settings.MaxMessageBytes }, token));
            _processes.Add(process);
            begin(process);
        });
        var latest = Time.NowNanos + LatestEnd.Ticks * 100;
        var told = TimeProvider.System.GetTimestamp();
        Time.RunUntil(() =>
        {
            if (progress is not null && (Time.Happened & 0xFFF) == 0 && TimeProvider.System.GetElapsedTime(told) > BetweenProgress)
            {
                told = TimeProvider.System.GetTimestamp();
                progress(Progress(beginning));
            }

            return process?.Answer is not null || Journal.IsWriterDead || Time.NowNanos > latest;
        }, cancellationToken);
        EndedAtNanos = Time.NowNanos;
        // Whatever still comes must change nothing any more.
        if (!Journal.IsWriterDead) Time.RunFor(Afterwards);
        Strays += Time.Strays;
    }

    /// <param name="beginning">What the time was then, in nanoseconds.</param>
    public SimulationProgress Progress(long beginning) => new(
        _view?.Phase ?? SessionPhase.Preparing,
        TimeSpan.FromTicks((Time.NowNanos - beginning) / 100),
        _view?.Browsers.Count(browser => browser.Outcome is not null) ?? 0,
        _scenario.Browsers);
}
