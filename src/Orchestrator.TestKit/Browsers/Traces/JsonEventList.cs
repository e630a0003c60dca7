using System.Text.Json;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>The events of a JSON trace that is there as bytes.</summary>
internal static class JsonEventList
{
    /// <summary>One event after the other, where it stands; none when it is no such trace.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> trace)
    {
        var state = new JsonReaderState();
        var (at, isInside) = (0, false);
        while (TryNext(trace.Span, ref state, ref at, ref isInside, out var start)) yield return trace[start..at];
    }

    private static bool TryNext(ReadOnlySpan<byte> trace, ref JsonReaderState state, ref int at, ref bool isInside, out int start)
    {
        start = 0;
        var reader = new Utf8JsonReader(trace[at..], isFinalBlock: true, state);
        try
        {
            while (!isInside)
            {
                if (!reader.Read()) return false;
                // An object with traceEvents, or the events alone.
                if (reader.TokenType == JsonTokenType.StartArray) isInside = true;
                else if (reader.TokenType == JsonTokenType.PropertyName && !reader.ValueTextEquals("traceEvents"u8)) reader.Skip();
            }

            if (!reader.Read() || reader.TokenType == JsonTokenType.EndArray) return false;
            start = at + (int)reader.TokenStartIndex;
            reader.Skip();
            at += (int)reader.BytesConsumed;
            state = reader.CurrentState;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
