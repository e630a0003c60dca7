using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Formats;

public sealed class JsonTraceProperties
{
    private static readonly byte[] Sample = JsonTraces.Utf8(JsonTraces.Sample);

    /// <summary>Bytes that mean something to JSON come up more often than others.</summary>
    private static readonly Gen<byte> AnyByte = Gen.Frequency(
        (3, Gen.Elements("{}[]\",:\\ 0-.eu\n\u0001"u8.ToArray())), (1, Gen.Choose(0, 255).Select(one => (byte)one)));

    private static readonly Arbitrary<byte[]> Mutated = Gen.Choose(0, Sample.Length - 1).Zip(AnyByte).ListOf(3).Select(changes =>
    {
        var bytes = Sample.ToArray();
        foreach (var (at, one) in changes) bytes[at] = one;
        return bytes;
    }).ToArbitrary();

    [Property(MaxTest = 2000)]
    public Property Whatever_bytes_change_it_is_read_as_far_as_it_is_JSON_or_refused() => Prop.ForAll(Mutated, bytes =>
    {
        try
        {
            return JsonTraces.Survey(bytes).Events >= 0;
        }
        catch (NotATraceException)
        {
            return true;
        }
    });

    [Property(MaxTest = 2000)]
    public Property What_it_takes_for_an_event_is_one_to_every_JSON_parser() => Prop.ForAll(Mutated, bytes =>
    {
        var reader = new JsonEventReader(new MemoryStream(bytes), () => null);
        try
        {
            while (reader.Read()) JsonDocument.Parse(reader.Event.ToArray()).Dispose();
        }
        catch (NotATraceException)
        {
        }
    });

    [Property(MaxTest = 500)]
    public Property What_is_JSON_to_others_is_a_trace_to_it() => Prop.ForAll(Mutated, bytes =>
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var events = document.RootElement.GetProperty("traceEvents");
            if (!events.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Object)) return true;
            var survey = JsonTraces.Survey(bytes);
            return survey.CutOff is null && survey.Events == events.GetArrayLength();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return true;
        }
    });

    [Property(MaxTest = 60)]
    public Property Whatever_bytes_change_a_merge_is_valid_JSON_and_holds_every_event() => Prop.ForAll(Mutated, bytes =>
    {
        using var traces = new JsonTraces();
        try
        {
            var broken = traces.Browser("b1", bytes, Clock.Of(5_000_001, 0.0001));
            var (trace, _, _) = traces.MergeAsync(traces.Session(broken, traces.Browser("b2", Sample, RelatedClock.Shared))).GetAwaiter().GetResult();
            return trace.GetProperty("traceEvents").GetArrayLength() > broken.Survey!.Events;
        }
        catch (NotATraceException)
        {
            return true;
        }
    });

    // Pieces of which many a list is JSON, and many nearly; behind a text that moves them across the reader's blocks.
    private static readonly Arbitrary<string> Compact = Gen.Elements("{", "}", "[", "]", ",", ":", "1", "-0.5e3", "01", "true", "\"\"", "\"pid\"", "\"a\":", "\"b\":2", "{}", "[]", "[1,", "{\"a\":", "\n", " ", "\\", "\\\"", "\"")
        .ListOf().Select(pieces => string.Concat(pieces.Take(9))).Zip(Gen.Choose(0, 70)).Select(made => $"{{\"name\":\"{new string('n', made.Item2)}\",\"args\":{made.Item1},\"ph\":\"X\",\"ts\":1}}").ToArbitrary();

    [Property(MaxTest = 10_000)]
    public Property An_event_without_blanks_is_JSON_to_it_exactly_when_it_is_to_others() => Prop.ForAll(Compact, json =>
    {
        // Between two events it can do without a comma, which nobody else can.
        if (System.Text.RegularExpressions.Regex.IsMatch(json, @"\}\s*\{")) return true;
        var bytes = Encoding.UTF8.GetBytes($"[{json}]");
        var isEvents = AreEvents(bytes, out var events);
        try
        {
            var survey = JsonTraces.Survey(bytes);
            return isEvents ? survey.CutOff is null && survey.Events == events : survey.CutOff is not null;
        }
        catch (NotATraceException)
        {
            return !isEvents;
        }
    });

    [Property(MaxTest = 5_000)]
    public Property A_blank_in_an_event_changes_nothing_of_what_is_told_of_it() => Prop.ForAll(Compact, json =>
    {
        if (!AreEvents(Encoding.UTF8.GetBytes($"[{json}]"), out _)) return true;
        var compact = new JsonEventReader(new MemoryStream(Encoding.UTF8.GetBytes($"[{json}]")), () => null);
        var spaced = new JsonEventReader(new MemoryStream(Encoding.UTF8.GetBytes($"[{{ {json[1..]}]")), () => null);
        while (compact.Read())
        {
            if (!spaced.Read() || Texts(compact) != Texts(spaced)) return false;
        }

        return !spaced.Read();
    });

    private static string Texts(JsonEventReader reader)
    {
        var fields = reader.Fields;
        return string.Join(' ', new[] { fields.Name, fields.Arguments, fields.Phase, fields.Timestamp }.Select(piece => Encoding.UTF8.GetString(piece.Of(reader.Event))));
    }

    private static bool AreEvents(byte[] bytes, out int events)
    {
        events = 0;
        try
        {
            using var document = JsonDocument.Parse(bytes);
            events = document.RootElement.GetArrayLength();
            return document.RootElement.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Object);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
