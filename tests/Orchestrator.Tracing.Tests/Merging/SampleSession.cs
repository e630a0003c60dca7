using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Tests.Merging;

/// <summary>Aligned sessions as they come out of real recordings, made by hand: browsers are added one by one.</summary>
internal sealed class SampleSession(int seed = 7)
{
    private const long Ms = 1_000_000;
    private const long Opened = 12_685_900 * Ms;
    private readonly Random _random = new(seed);
    private readonly List<AlignedBrowser> _browsers = [];

    public static Timeline Timeline { get; } = new("monotonic", "loadhost-1", new DateTimeOffset(2026, 11, 23, 12, 26, 47, TimeSpan.Zero));

    public string Id { get; init; } = "20261123-155807-rrk3";
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);
    public SessionOutcome Outcome { get; init; } = SessionOutcome.Complete;
    public string? Reason { get; init; }
    public IReadOnlyList<(string Label, double Seconds)> Labels { get; init; } = [("login", 2), ("checkout", 7)];
    public bool HasDocument { get; init; } = true;
    public IReadOnlyList<FolderProblem> Problems { get; init; } = [];

    private long Closed => Opened + Duration.Ticks * 100;

    public SampleSession With(SampleBrowser browser)
    {
        var start = Opened - (long)(browser.StartedBeforeMs * Ms) - _random.Next(0, 900_000);
        var answered = Math.Min(Opened - 1000, start + (long)((2 + _random.NextDouble() * 8) * Ms));
        var end = browser.DiesAtSeconds is { } dies ? Opened + (long)(dies * 1e9) : Closed + _random.Next(0, 400_000);
        var states = new List<LoggedState> { new("connecting", Opened - 2_400 * Ms + _random.Next(300) * Ms), new("idle", Opened - 1_500 * Ms + _random.Next(200) * Ms) };
        if (browser.Starts) states.Add(new("starting", start));
        if (browser.Starts && browser.Answers) states.Add(new("recording", answered));
        if (browser.Starts && browser.Answers && browser.DiesAtSeconds is null) states.Add(new("flushing", end));
        var last = browser.Starts ? browser.DiesAtSeconds is null ? end + (200 + _random.Next(400)) * Ms : end : states[^1].AtNanos + 900 * Ms;
        states.Add(new("complete", last));

        var (logged, inTrace) = browser.Answers && browser.Starts ? Markers(browser, end) : ([], []);
        var faults = browser.Reason is { } why ? new List<LoggedFault> { new(last, why) } : [];
        var log = browser.HasLog ? new RecordingLog
        {
            SessionId = Id, Browser = browser.Name, Timeline = Timeline, SharedClock = browser.IsShared ? "launched by this node" : null,
            States = states, Markers = logged, Faults = faults,
            BufferFill = [.. Enumerable.Range(0, 21).Select(i => new LoggedFill(Opened + (Closed - Opened) * i / 20, Math.Min(1, browser.Peak * Math.Pow(i / 20.0, 0.8))))
                .Where(fill => fill.AtNanos <= end && browser.Starts && browser.Answers)],
            Pages = [new LoggedPage("F1", browser.Url, browser.Title)],
        } : null;
        var brackets = inTrace.Zip(logged).Select(pair => new ClockBracket(pair.First.BrowserNanos, pair.Second.SentNanos, pair.Second.AnsweredNanos)).ToList();
        var clock = ClockEstimation.Estimate(brackets, browser.IsShared ? "launched by this node" : null, 0);
        var delivered = browser.Outcome.Delivered();
        var trace = delivered || browser.IsPartial ? $"browsers/{browser.Name}.pftrace.gz{(browser.IsPartial ? ".partial" : "")}" : null;
        var bytes = trace is null ? 0 : 400_000 + _random.Next(2_000_000);
        var document = new BrowserDocument
        {
            Name = browser.Name, Node = Timeline.Node, Endpoint = "ws://127.0.0.1:37683/devtools/browser/995cb007-b020-4634", Product = "Chrome/156.0.8078.79",
            ProcessId = 14_000 + _browsers.Count, Url = browser.Url, Outcome = browser.Outcome, Reason = browser.Reason, DataLoss = browser.Outcome is BrowserOutcome.CompleteWithLoss,
            BufferPeak = browser.Starts ? browser.Peak : null, Markers = logged.Count, Clock = new ClockFacts(), File = trace, Partial = browser.IsPartial,
            Format = TraceFormat.Proto, Compression = TraceCompression.Gzip, Bytes = bytes, Sha256 = trace is null ? null : Hash(), Warnings = browser.Warnings, MemoryDumps = browser.Dumps,
        };
        var survey = trace is null || !browser.HasSurvey ? null : new TraceSurvey
        {
            Format = TraceFormat.Proto, Markers = inTrace, Events = bytes / 11, ExpandedBytes = bytes * 9L, FirstNanos = inTrace.Count > 0 ? inTrace[0].BrowserNanos : null,
            LastNanos = inTrace.Count > 0 ? inTrace[^1].BrowserNanos : null, CutOff = browser.CutOff, Losses = browser.Losses,
        };
        _browsers.Add(new AlignedBrowser(
            new RecordedBrowser { Name = browser.Name, Document = HasDocument ? document : null, TracePath = trace is null ? null : "/data/" + trace, IsWhole = delivered, Log = log }, survey, clock) { MergedName = browser.Name });
        return this;
    }

    public AlignedSession Aligned()
    {
        var document = new SessionDocument
        {
            SessionId = Id, Outcome = Outcome, Reason = Reason, PreparedAt = Timeline.ToUtc(Opened - 2_500 * Ms), WindowOpenedAt = Timeline.ToUtc(Opened), WindowClosedAt = Timeline.ToUtc(Closed),
            EndedAt = Timeline.ToUtc(Closed + 800 * Ms), Folder = "/data", Skew = new SkewDocument(SkewOf("starting"), SkewOf("recording"), SkewOf("flushing")), Timeline = Timeline,
            Markers = [.. Labels.Select((label, i) => new MarkerDocument(label.Label, $"{Id}.label.{i}", Opened + (long)(label.Seconds * 1e9)))],
            Browsers = [.. _browsers.Select(browser => browser.Recorded.Document!)], Merged = [new MergedFile("perfetto", "trace.tar", 5_242_880, Hash())],
        };
        return new AlignedSession
        {
            Session = new RecordedSession { Folder = "/data", SessionId = Id, Document = HasDocument ? document : null, Timeline = Timeline, Browsers = [.. _browsers.Select(browser => browser.Recorded)], Problems = Problems },
            Timeline = Timeline, Browsers = _browsers, Problems = Problems,
        };
    }

    private (List<LoggedMarker>, List<TraceMarker>) Markers(SampleBrowser browser, long until)
    {
        var instants = new List<(long At, string Name, string? Label)>();
        for (var i = 0; i < 5; i++) instants.Add((Opened + (5 + i * 3) * Ms, $"opening.{i}", null));
        for (var s = 1; s < Duration.TotalSeconds; s++) instants.Add((Opened + s * 1000 * Ms + _random.Next(4_000_000), $"tick.{s}", null));
        for (var i = 0; i < 5; i++) instants.Add((Closed - (25 - i * 3) * Ms, $"closing.{i}", null));
        for (var i = 0; i < Labels.Count; i++) instants.Add((Opened + (long)(Labels[i].Seconds * 1e9), $"label.{i}", Labels[i].Label));
        var (logged, inTrace) = (new List<LoggedMarker>(), new List<TraceMarker>());
        foreach (var (at, name, label) in instants.Where(instant => instant.At < until).Order())
        {
            // There 60 to 700 µs, back 40 to 350 µs; a step in the middle where one is wanted.
            var (there, back) = (60_000 + (long)(640_000 * Math.Pow(_random.NextDouble(), 3)), 40_000 + (long)(310_000 * Math.Pow(_random.NextDouble(), 3)));
            var step = at > Opened + (Closed - Opened) / 2 ? browser.StepNanos : 0;
            var reading = browser.IsShared ? at + there : at + there - browser.OffsetNanos - step - (long)((at - Opened) * browser.Ppm / 1e6);
            logged.Add(new LoggedMarker($"{Id}.{name}", label, at, at + there + back));
            inTrace.Add(new TraceMarker($"{Id}.{name}", reading / 1000 * 1000));
        }

        return browser.MarkersAreLost ? (logged, []) : (logged, inTrace);
    }

    private double? SkewOf(string state) =>
        Skew.Micros([.. _browsers.SelectMany(browser => browser.Recorded.Log?.States ?? []).Where(logged => logged.State == state).Select(logged => logged.AtNanos)]);

    private string Hash() => Convert.ToHexStringLower(Enumerable.Range(0, 32).Select(_ => (byte)_random.Next(256)).ToArray());
}

internal sealed record SampleBrowser(string Name)
{
    public BrowserOutcome Outcome { get; init; } = BrowserOutcome.Complete;
    public string? Reason { get; init; }
    public bool Starts { get; init; } = true;
    public bool Answers { get; init; } = true;
    public double? DiesAtSeconds { get; init; }
    public double StartedBeforeMs { get; init; } = 40;
    public bool IsShared { get; init; }
    public long OffsetNanos { get; init; } = 2_500_000_000_000;
    public double Ppm { get; init; } = 12;
    public long StepNanos { get; init; }
    public bool MarkersAreLost { get; init; }
    public bool IsPartial { get; init; }
    public bool HasLog { get; init; } = true;
    public bool HasSurvey { get; init; } = true;
    public string? CutOff { get; init; }
    public double Peak { get; init; } = 0.12;
    public string Url { get; init; } = "https://shop.example/cart?id=1";
    public string Title { get; init; } = "Cart";
    public IReadOnlyDictionary<string, long> Losses { get; init; } = new Dictionary<string, long>();
    public IReadOnlyList<string> Warnings { get; init; } = [];
    public IReadOnlyList<MemoryDump> Dumps { get; init; } = [];
}

/// <summary>The sessions that the report is looked at with.</summary>
internal static class SampleSessions
{
    public const string Hostile = "</title></text><script>alert(1)</script>\"'&<img src=x onerror=alert(2)>\u202E\u0000\uD800";

    public static AlignedSession Fine() => new SampleSession()
        .With(new("b1") { IsShared = true }).With(new("b2") { Ppm = -31, Peak = 0.2 }).With(new("b3") { Ppm = 140, OffsetNanos = -7_000_000 }).Aligned();

    /// <summary>All that can go wrong, in twelve browsers.</summary>
    public static AlignedSession Troubled() => new SampleSession
    {
        Outcome = SessionOutcome.Partial,
        Reason = "b3 connectionLost: the browser closed the connection; b5 refused: it does not know the category 'nonsense'; b6 launchFailed: chromium exited with 127; b9 flushTimedOut: 3.1 MiB had come",
        Labels = [("login", 1.2), ("basket: first article", 1.4), ("search", 1.6), ("checkout", 7), ("payment provider answers", 9.2), ("done", 9.9)],
        Problems = [new("browsers/b9.pftrace.gz.partial", "it breaks off after 3,145,728 bytes; what came is merged"), new("", "browsers/b12.recording.json is missing: b12 is drawn at a guess")],
    }
        .With(new("b1") { IsShared = true, Dumps = [new("0x9", true, "light")] })
        .With(new("b2") { Outcome = BrowserOutcome.CompleteWithLoss, Peak = 1, Losses = new Dictionary<string, long> { ["chunks_overwritten"] = 41, ["chunks_discarded"] = 3 }, Dumps = [new(null, false, "detailed")] })
        .With(new("b3") { Outcome = BrowserOutcome.ConnectionLost, Reason = "the browser closed the connection (WebSocket 1006) 4.2 s after the window opened", DiesAtSeconds = 4.2 })
        .With(new("b4") { StepNanos = 5_000_000 })
        .With(new("b5") { Outcome = BrowserOutcome.Refused, Reason = "it does not know the category 'nonsense'; 'orchestrator categories --attach' lists those that it knows", Starts = false })
        .With(new("b6") { Outcome = BrowserOutcome.LaunchFailed, Reason = "chromium exited with 127", Starts = false })
        .With(new("b7") { StartedBeforeMs = 55, Warnings = ["the page https://shop.example/ could not be opened: net::ERR_NAME_NOT_RESOLVED"] })
        .With(new("b8") { MarkersAreLost = true })
        .With(new("b9") { Outcome = BrowserOutcome.FlushTimedOut, Reason = "the trace did not arrive whole within 2 minutes; 3.1 MiB had come", IsPartial = true, CutOff = "breaks off after 3,145,728 bytes, in the middle of a packet", Peak = 0.83 })
        .With(new("b10") { Outcome = BrowserOutcome.Refused, Reason = "it did not answer Tracing.start within 15 s", Answers = false, DiesAtSeconds = 3 })
        .With(new("b11-a-rather-long-name-for-a-browser") { Ppm = 48, Peak = 0.4 })
        .With(new("b12") { HasLog = false, HasSurvey = false })
        .Aligned();

    public static AlignedSession Many(int browsers)
    {
        var session = new SampleSession { Outcome = SessionOutcome.Partial, Reason = "12 browsers have no whole trace" };
        var random = new Random(3);
        for (var i = 1; i <= browsers; i++)
        {
            var browser = new SampleBrowser($"b{i}") { Ppm = random.NextDouble() * 60 - 30, Peak = Math.Pow(random.NextDouble(), 3), StartedBeforeMs = 20 + random.NextDouble() * 30, OffsetNanos = random.NextInt64(1_000_000_000_000) };
            session.With((i % 89) switch
            {
                17 => browser with { Outcome = BrowserOutcome.ConnectionLost, Reason = $"browser {i} closed the connection", DiesAtSeconds = random.NextDouble() * 9 },
                40 => browser with { Outcome = BrowserOutcome.CompleteWithLoss, Losses = new Dictionary<string, long> { ["chunks_overwritten"] = i } },
                _ => browser,
            });
        }

        return session.Aligned();
    }

    /// <summary>The process was killed: no session.json, no whole trace.</summary>
    public static AlignedSession CutOff() => new SampleSession { HasDocument = false, Problems = [new("session.json", "is missing: the session was cut off, or this is not its folder")] }
        .With(new("b1") { IsPartial = true, Outcome = BrowserOutcome.NodeLost, CutOff = "breaks off after 917,504 bytes, in the middle of a packet" })
        .With(new("b2") { Outcome = BrowserOutcome.NodeLost }).Aligned();

    /// <summary>Nothing is known but that there was a session.</summary>
    public static AlignedSession Empty() => new()
    {
        Session = new RecordedSession { Folder = "/data", SessionId = "x", Browsers = [], Problems = [] },
        Timeline = SampleSession.Timeline, Browsers = [], Problems = [],
    };

    /// <summary>Every text that comes from outside is an attack.</summary>
    public static AlignedSession Attacked() => new SampleSession { Id = Hostile, Reason = Hostile, Outcome = SessionOutcome.Partial, Labels = [(Hostile, 3)], Problems = [new(Hostile, Hostile)] }
        .With(new(Hostile) { Reason = Hostile, Outcome = BrowserOutcome.Corrupt, IsPartial = true, CutOff = Hostile, Url = "javascript:alert(3)", Title = Hostile, Warnings = [Hostile], Losses = new Dictionary<string, long> { [Hostile] = 1 }, Dumps = [new(Hostile, true, Hostile)] })
        .Aligned();
}
