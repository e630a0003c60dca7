using System.Text;
using System.Text.Json;

namespace Orchestrator.Cdp;

/// <summary>
/// Finds the events in a <c>Tracing.dataCollected</c> without a look at them: a trace has millions, they are parsed once, later, by whoever
/// wants to know what they say. Only the outside is checked here.
/// </summary>
internal static class TraceEventMessage
{
    public const string Method = "Tracing.dataCollected";

    // {"method":"Tracing.dataCollected","params":{"value":[ ... ]}} and, in a session, ,"sessionId":"..."} at the end: Chromium 156.
    private static ReadOnlySpan<byte> Head => "{\"method\":\"Tracing.dataCollected\",\"params\":{\"value\":["u8;

    private static ReadOnlySpan<byte> Tail => "]}}"u8;

    private static ReadOnlySpan<byte> SessionTail => "]},\"sessionId\":\""u8;

    /// <summary>False: not of the form that Chromium writes, which says nothing against the message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Range events, out string? sessionId)
    {
        (events, sessionId) = (default, null);
        if (!message.StartsWith(Head))
            return false;

        var rest = message[Head.Length..];
        if (rest.EndsWith(Tail))
        {
            events = Head.Length..(message.Length - Tail.Length);
            return true;
        }

        const int longestSession = 256;
        var searched = Math.Max(0, rest.Length - longestSession);
        var tail = rest[searched..].LastIndexOf(SessionTail);
        if (tail < 0 || !rest.EndsWith("\"}"u8))
            return false;

        var session = rest[(searched + tail + SessionTail.Length)..^2];
        if (session.IndexOfAny((byte)'"', (byte)'\\') >= 0)
            return false;
        events = Head.Length..(Head.Length + searched + tail);
        sessionId = Encoding.UTF8.GetString(session);
        return true;
    }

    /// <summary>The same for any other form of the message.</summary>
    /// <exception cref="CdpFatalException">There is no array of events.</exception>
    public static Range Find(ReadOnlySpan<byte> message, Range? parameters)
    {
        if (parameters is { } range)
        {
            var offset = range.GetOffsetAndLength(message.Length).Offset;
            var reader = new Utf8JsonReader(message[range]);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isValue = reader.ValueTextEquals("value"u8);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var isArray = reader.TokenType == JsonTokenType.StartArray;
                reader.Skip();
                if (isValue && isArray)
                    return (offset + start + 1)..(offset + (int)reader.BytesConsumed - 1);
            }
        }

        throw CdpFatalException.Garbage($"the event {Method} has no array of events: {CdpEnvelope.Excerpt(message)}");
    }
}
