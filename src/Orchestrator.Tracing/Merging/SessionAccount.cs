using System.Globalization;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>Tells a session's story as lines of its time line, from its document and its browsers' logs; either may be missing.</summary>
internal static class SessionAccount
{
    // A bound changes slowly between markers: so many samples draw it truly.
    private const int BoundSamples = 100;

    private static readonly IReadOnlyDictionary<string, string> NoArguments = new Dictionary<string, string>();

    public static SessionTracks Of(AlignedSession aligned) =>
        new(aligned.Session.SessionId, [SessionLine(aligned), .. aligned.Browsers.Select(BrowserLine)]);

    private static TrackLine SessionLine(AlignedSession aligned)
    {
        var document = aligned.Session.Document;
        var states = aligned.Browsers.SelectMany(browser => browser.Log?.States ?? []).ToList();
        long? First(string state) => states.Where(logged => logged.State == state).Select(logged => (long?)logged.AtNanos).Min();
        long? Utc(DateTimeOffset? at) => aligned.OnTimeline(at);

        // The wall clock's instants of the document were made from the time line's, or are near enough to draw.
        var prepared = Utc(document?.PreparedAt) ?? First("connecting");
        var starting = First("starting");
        var opened = Utc(document?.WindowOpenedAt) ?? First("recording");
        var closed = Utc(document?.WindowClosedAt) ?? First("flushing");
        var ended = states.Where(logged => logged.State == "complete").Select(logged => (long?)logged.AtNanos).Max() ?? Utc(document?.EndedAt);
        var slices = new List<TrackSlice>();
        Slice(slices, "prepare", prepared, starting ?? opened ?? ended);
        Slice(slices, "start", starting, opened ?? closed ?? ended);
        Slice(slices, "window", opened, closed ?? ended);
        Slice(slices, "flush", closed, ended);

        var instants = new List<TrackInstant>();
        if (opened is { } at && document?.Skew is { StartSendMicros: { } send, StartAckMicros: { } ack })
            instants.Add(new TrackInstant("window opened", at, TrackInstantKind.Skew, Arguments(("starts sent within", Micros(send)), ("starts answered within", Micros(ack)))));
        foreach (var marker in document?.Markers ?? [])
            instants.Add(new TrackInstant(marker.Label, marker.TimelineNanos + aligned.ShiftNanos, TrackInstantKind.Label, Arguments(("sync_id", marker.SyncId))));
        if (closed is { } end && document?.Skew.EndSendMicros is { } endSkew)
            instants.Add(new TrackInstant("window closed", end, TrackInstantKind.Skew, Arguments(("ends sent within", Micros(endSkew)))));
        if (document is { Outcome: { } outcome, Reason: { } reason } && outcome is not SessionOutcome.Complete && (ended ?? closed ?? opened) is { } over)
            instants.Add(new TrackInstant(outcome.Name(), over, TrackInstantKind.Fault, Arguments(("reason", reason))));
        return new TrackLine("session", slices, [.. instants.OrderBy(instant => instant.AtNanos)], []);
    }

    private static TrackLine BrowserLine(AlignedBrowser browser)
    {
        var (log, document) = (browser.Log, browser.Recorded.Document);
        var states = log?.States ?? [];
        var slices = new List<TrackSlice>();
        for (var i = 0; i + 1 < states.Count; i++) Slice(slices, states[i].State, states[i].AtNanos, states[i + 1].AtNanos);

        var instants = new List<TrackInstant>();
        var inTrace = (browser.Survey?.Markers ?? []).GroupBy(marker => marker.SyncId).ToDictionary(same => same.Key, same => same.First().BrowserNanos);
        foreach (var marker in log?.Markers ?? []) instants.Add(Marker(browser.Clock, inTrace, marker));
        foreach (var fault in log?.Faults ?? []) instants.Add(new TrackInstant(fault.Text, fault.AtNanos, TrackInstantKind.Fault, NoArguments));
        if (document?.Outcome is { } outcome && outcome is not BrowserOutcome.Complete && states.Count > 0)
            instants.Add(new TrackInstant(outcome.Name(), states[^1].AtNanos, TrackInstantKind.Fault, Arguments(("reason", document.Reason ?? "the browser reported lost events"))));

        var counters = new List<TrackCounter>();
        if (Bounds(browser) is { Count: > 0 } bounds) counters.Add(new TrackCounter("clock bound", "µs", bounds));
        if (log?.BufferFill is { Count: > 0 } fill)
            counters.Add(new TrackCounter("buffer", "%", [.. fill.Select(sample => new TrackSample(sample.AtNanos, Math.Round(sample.Fraction * 100, 2)))]));
        return new TrackLine(browser.MergedName, slices, [.. instants.OrderBy(instant => instant.AtNanos)], counters);
    }

    private static TrackInstant Marker(RelatedClock clock, Dictionary<string, long> inTrace, LoggedMarker marker)
    {
        var arguments = new List<(string, string)>
        {
            ("sync_id", marker.SyncId), ("sent to answered", Micros((marker.AnsweredNanos - marker.SentNanos) / 1000.0)),
        };
        var at = marker.SentNanos;
        if (inTrace.TryGetValue(marker.SyncId, out var browserNanos) && clock.Relation is not ClockRelation.Unaligned)
        {
            at = clock.ToTimeline(browserNanos);
            if (clock.BoundAt(browserNanos) is { } bound) arguments.Add(("clock bound", $"± {Micros(bound / 1000.0)}"));
        }

        return new TrackInstant(
            marker.Label ?? "clock marker", at, marker.Label is null ? TrackInstantKind.Marker : TrackInstantKind.Label, Arguments([.. arguments]));
    }

    private static List<TrackSample> Bounds(AlignedBrowser browser)
    {
        var samples = new List<TrackSample>();
        if (browser is not { Clock.Relation: not ClockRelation.Unaligned, Survey: { FirstNanos: { } first, LastNanos: { } last } }) return samples;
        for (var i = 0; i <= BoundSamples; i++)
        {
            var at = first + (long)((Int128)(last - first) * i / BoundSamples);
            if (browser.Clock.BoundAt(at) is { } bound) samples.Add(new TrackSample(browser.Clock.ToTimeline(at), bound / 1000.0));
            if (last == first) break;
        }

        return samples;
    }

    private static void Slice(List<TrackSlice> slices, string name, long? from, long? until)
    {
        if (from is { } start && until is { } end && end > start) slices.Add(new TrackSlice(name, start, end, NoArguments));
    }

    private static Dictionary<string, string> Arguments(params (string Name, string Value)[] arguments) =>
        arguments.ToDictionary(argument => argument.Name, argument => argument.Value);

    private static string Micros(double micros) => string.Create(CultureInfo.InvariantCulture, $"{micros:0.###} µs");
}
