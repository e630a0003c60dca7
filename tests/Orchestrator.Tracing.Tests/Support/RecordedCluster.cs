using System.Text;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Clocks;

namespace Orchestrator.Tracing.Tests.Support;

/// <summary>
/// A session over several nodes of which the truth is known: browsers that have their own clocks, on nodes that have theirs. True time is the
/// time line of the first node, nanoseconds.
/// </summary>
internal sealed class RecordedCluster(int seed = 11)
{
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000 * Millisecond;
    public const long Opened = 100 * Second;
    public const long Closed = 110 * Second;
    public const string SessionId = "s-1";

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, (SimulatedClock Truth, Timeline Clock)> _nodes = [];
    private readonly Dictionary<string, List<(string Reference, NodeClockBracket Bracket)>> _readings = [];
    private readonly List<Browser> _browsers = [];

    /// <summary>What happened in a browser: when in truth, and what its trace says.</summary>
    public sealed record Browser(string Name, string Node, SimulatedClock Truth, RecordingLog Log, IReadOnlyList<(long At, string? SyncId)> Events);

    public IReadOnlyList<Browser> Browsers => _browsers;

    public Timeline Timeline => _nodes.First().Value.Clock;

    public Timeline ClockOf(string node) => _nodes[node].Clock;

    public SimulatedClock TruthOf(string node) => _nodes[node].Truth;

    /// <param name="offset">Of its clock, against true time at zero; its wall clock is off by <paramref name="wallClockMillis"/>.</param>
    public RecordedCluster Node(string name, long offset = 0, double rate = 0, string? domain = null, double wallClockMillis = 0)
    {
        var utc = Told.At.AddTicks(-offset / 100).AddMilliseconds(wallClockMillis);
        _nodes[name] = (new SimulatedClock(offset, rate), new Timeline("monotonic", name, utc) { Domain = domain });
        return this;
    }

    /// <summary>A node's clock is read from time to time by another's, over a network whose ways are not alike.</summary>
    public RecordedCluster Read(string node, string by, long from = Opened - Second, long until = Closed + Second, int count = 12)
    {
        for (var i = 0; i < count; i++)
        {
            var sent = from + (until - from) / count * i;
            var read = sent + Way(800_000);
            Read(node, by, new NodeClockBracket(_nodes[by].Truth.At(sent), _nodes[node].Truth.At(read), _nodes[by].Truth.At(read + Way(200_000))));
        }

        return this;
    }

    public RecordedCluster Read(string node, string by, NodeClockBracket bracket)
    {
        if (!_readings.TryGetValue(node, out var readings)) _readings[node] = readings = [];
        readings.Add((by, bracket));
        return this;
    }

    /// <param name="isShared">It reads its node's very clock, which its node has checked.</param>
    public RecordedCluster With(string name, string node, long offset = 0, double rate = 0, bool isShared = false)
    {
        var (truth, own) = (_nodes[node].Truth, new SimulatedClock(offset, rate));
        var (markers, events) = (new List<LoggedMarker>(), new List<(long, string?)>());
        for (var at = Opened + 5 * Millisecond; at < Closed; at += 10 * Millisecond) events.Add((at, null));
        for (var i = 0; i < 12; i++)
        {
            var sent = Opened + 3 * Millisecond + i * 800 * Millisecond;
            var written = sent + Way(300_000);
            markers.Add(new LoggedMarker($"{SessionId}.{name}.{i}", null, truth.At(sent), truth.At(written + Way(100_000))));
            events.Add((written, markers[^1].SyncId));
        }

        var log = new RecordingLog
        {
            SessionId = SessionId, Browser = name, Timeline = _nodes[node].Clock, SharedClock = isShared ? "launched by this node" : null, Markers = markers,
            States = [new LoggedState("starting", truth.At(Opened - 8 * Millisecond)), new LoggedState("recording", truth.At(Opened)), new LoggedState("flushing", truth.At(Closed)), new LoggedState("complete", truth.At(Closed + 300 * Millisecond))],
            BufferFill = [new LoggedFill(truth.At(Opened + Second), 0.1), new LoggedFill(truth.At(Opened + 9 * Second), 0.4)],
            Faults = [new LoggedFault(truth.At(Opened + 5 * Second), "a fault")],
        };
        _browsers.Add(new Browser(name, node, own, log, [.. events.Order()]));
        return this;
    }

    /// <summary>What the browser's clock shows.</summary>
    public long At(Browser browser, long time) => browser.Truth.At(_nodes[browser.Node].Truth.At(time));

    public NodeClockLog ClockLog(string node) => new()
    {
        SessionId = SessionId, Node = node, Clock = _nodes[node].Clock,
        References = [.. _readings[node].GroupBy(reading => reading.Reference).Select(same => new NodeClockReference(_nodes[same.Key].Clock, [.. same.Select(reading => reading.Bracket)]))],
    };

    /// <summary>The session as its folder would hold it, without one; no traces.</summary>
    public RecordedSession InMemory() => new()
    {
        Folder = "/data", SessionId = SessionId, Timeline = Timeline, Problems = [],
        Browsers = [.. _browsers.Select(browser => new RecordedBrowser { Name = browser.Name, Log = browser.Log, IsWhole = true })],
        NodeClocks = [.. _readings.Keys.Select(node => new RecordedNodeClock(NodeClockLog.FileOf(node), node, ClockLog(node)))],
    };

    /// <summary>Writes the session's folder.</summary>
    /// <param name="hasDocument">False: the session was cut off.</param>
    public RecordedCluster WriteTo(TemporaryFolder folder, TraceFormat format = TraceFormat.Proto, bool hasDocument = true)
    {
        foreach (var browser in _browsers)
        {
            folder.Write(FileOf(browser, format), format is TraceFormat.Proto ? Proto(browser) : Json(browser));
            folder.Write($"browsers/{browser.Name}{RecordingLog.Suffix}", browser.Log.ToUtf8());
        }

        foreach (var node in _readings.Keys) folder.Write(NodeClockLog.FileOf(node), ClockLog(node).ToUtf8());
        if (hasDocument) folder.Write(RecordedSessions.DocumentName, Document(folder, format).ToUtf8());
        return this;
    }

    private SessionDocument Document(TemporaryFolder folder, TraceFormat format) => new()
    {
        SessionId = SessionId, Outcome = SessionOutcome.Complete, PreparedAt = Timeline.ToUtc(Opened - Second), WindowOpenedAt = Timeline.ToUtc(Opened), WindowClosedAt = Timeline.ToUtc(Closed),
        EndedAt = Timeline.ToUtc(Closed + Second), Folder = folder.Path, Skew = new SkewDocument(null, null, null), Timeline = Timeline, Markers = [],
        Browsers = [.. _browsers.Select(browser => new BrowserDocument
        {
            Name = browser.Name, Node = browser.Node, Outcome = BrowserOutcome.Complete, Markers = browser.Log.Markers.Count, Clock = new ClockFacts(), File = FileOf(browser, format),
            Format = format, Compression = TraceCompression.None, Bytes = new FileInfo(folder[FileOf(browser, format)]).Length,
            Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(folder[FileOf(browser, format)]))),
        })],
    };

    private static string FileOf(Browser browser, TraceFormat format) => $"browsers/{browser.Name}{(format is TraceFormat.Proto ? ".pftrace" : ".json")}";

    private byte[] Proto(Browser browser)
    {
        var begin = At(browser, Opened);
        var trace = new ProtoRecording().ServiceSnapshot(begin).Begin(2, begin + 1000).Names(2, (2, 1, "clock_sync"), (2, 9, "RunTask"), (3, 1, "sync_id"));
        foreach (var (at, syncId) in browser.Events)
        {
            var micros = At(browser, at) / 1000;
            if (syncId is null) trace.Event(2, micros);
            else trace.Marker(2, micros, syncId);
        }

        return trace.Bytes;
    }

    private byte[] Json(Browser browser) => Encoding.UTF8.GetBytes($"[{string.Join(",\n", browser.Events.Select(one => JsonEvent(browser.Name, one.SyncId, At(browser, one.At) / 1000)))}]");

    private static string JsonEvent(string name, string? syncId, long micros) => syncId is null
        ? FormattableString.Invariant($$"""{"ph":"X","pid":1,"tid":1,"name":"{{name}}","ts":{{micros}},"dur":3}""")
        : FormattableString.Invariant($$"""{"args":{"sync_id":"{{syncId}}" },"cat":"__metadata","name":"clock_sync","ph":"c","pid":1,"tid":1,"ts":{{micros}}}""");

    /// <summary>A tenth of what is usual, what is usual, and at times twenty times that.</summary>
    private long Way(long usual) => usual / 10 + (long)(usual * (_random.NextDouble() + 20 * Math.Pow(_random.NextDouble(), 12)));
}
