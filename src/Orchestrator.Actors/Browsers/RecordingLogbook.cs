using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Folders;

namespace Orchestrator.Actors.Browsers;

/// <summary>Keeps what a node sees of one recording, for the file beside its trace. Instants come as ticks of the node's clock.</summary>
internal sealed class RecordingLogbook(string sessionId, string browser, NodeClock clock)
{
    // Four a second for half an hour; a longer recording's curve is drawn from every second sample, then every fourth.
    private const int MostFills = 7200;

    private readonly List<LoggedState> _states = [];
    private readonly List<LoggedMarker> _markers = [];
    private readonly List<LoggedFault> _faults = [];
    private List<LoggedFill> _fills = [];
    private int _keepEvery = 1;
    private int _sinceKept;

    public int Markers => _markers.Count;

    /// <summary>How it was checked that the browser reads this node's own clock; null when it was not.</summary>
    public string? SharedClock { get; set; }

    public IReadOnlyList<LoggedPage> Pages { get; set; } = [];

    public void Entered(string state, long at)
    {
        if (_states.Count == 0 || _states[^1].State != state) _states.Add(new LoggedState(state, clock.ToNanos(at)));
    }

    /// <summary>The state was entered on a plan, and now it is known when it really began.</summary>
    public void EnteredIndeed(string state, long at)
    {
        var index = _states.FindIndex(logged => logged.State == state);
        if (index >= 0) _states[index] = new LoggedState(state, clock.ToNanos(at));
    }

    public void Marked(string syncId, string? label, long sentAt, long answeredAt) =>
        _markers.Add(new LoggedMarker(syncId, label, clock.ToNanos(sentAt), clock.ToNanos(answeredAt)));

    public void Filled(double fraction, long at)
    {
        if (++_sinceKept < _keepEvery) return;
        _sinceKept = 0;
        _fills.Add(new LoggedFill(clock.ToNanos(at), fraction));
        if (_fills.Count < MostFills) return;
        _fills = [.. _fills.Where((_, index) => index % 2 == 0)];
        _keepEvery *= 2;
    }

    public void Failed(string what, long at) => _faults.Add(new LoggedFault(clock.ToNanos(at), what));

    public RecordingLog ToLog() => new()
    {
        SessionId = sessionId,
        Browser = browser,
        Timeline = clock.Timeline,
        SharedClock = SharedClock,
        States = [.. _states],
        Markers = [.. _markers],
        BufferFill = [.. _fills],
        Faults = [.. _faults],
        Pages = Pages,
    };
}
