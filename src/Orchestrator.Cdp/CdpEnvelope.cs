using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Cdp;

/// <summary>The outside of a message: which call it answers or which event it is, and where in the message the inside stands.</summary>
internal readonly record struct CdpEnvelope(int? Id, string? Method, string? SessionId, Range? Result, Range? Error, Range? Params)
{
    private static ReadOnlySpan<byte> LeadingId => "{\"id\":"u8;

    /// <summary>
    /// Chromium puts the id first, and then it is found without a look at the rest, which may be ten megabytes.
    /// False: not of that form, which says nothing against the message.
    /// </summary>
    public static bool TryReadLeadingId(ReadOnlySpan<byte> message, out int id)
    {
        id = 0;
        return message.StartsWith(LeadingId)
            && Utf8Parser.TryParse(message[LeadingId.Length..], out id, out var digits)
            && message[(LeadingId.Length + digits)..].StartsWith(","u8);
    }

    /// <exception cref="CdpFatalException">It is no JSON, or no message of CDP.</exception>
    public static CdpEnvelope Parse(ReadOnlySpan<byte> message)
    {
        try
        {
            var envelope = Read(message);
            return envelope is { Id: null, Method: null, Error: null }
                ? throw CdpFatalException.Garbage($"a message is neither an answer nor an event: {Excerpt(message)}")
                : envelope;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw CdpFatalException.Garbage($"a message is not of the DevTools protocol: {Excerpt(message)}", e);
        }
    }

    /// <summary>The error of an answer.</summary>
    /// <exception cref="CdpFatalException">It is not of the protocol's form.</exception>
    public CdpErrorException ToError(ReadOnlySpan<byte> message, string method)
    {
        try
        {
            var body = JsonSerializer.Deserialize(message[Error!.Value], EnvelopeJsonContext.Default.CdpErrorBody)!;
            var detail = body.Data is { } data ? data.ValueKind == JsonValueKind.String ? data.GetString() : data.GetRawText() : null;
            return new CdpErrorException(method, body.Code, body.Message, detail);
        }
        catch (JsonException e)
        {
            throw CdpFatalException.Garbage($"the error that answers {method} is not of the protocol's form: {Excerpt(message)}", e);
        }
    }

    /// <summary>The beginning of a message, for people.</summary>
    public static string Excerpt(ReadOnlySpan<byte> message)
    {
        const int most = 120;
        Span<char> shown = stackalloc char[most];
        var length = System.Text.Encoding.UTF8.GetChars(message[..Math.Min(most, message.Length)], shown);
        foreach (ref var c in shown[..length])
        {
            if (char.IsControl(c))
                c = ' ';
        }

        return length == 0 ? "an empty message" : message.Length > most ? $"{shown[..length]}..." : shown[..length].ToString();
    }

    private static CdpEnvelope Read(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("It is no object.");

        var envelope = default(CdpEnvelope);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
                envelope = envelope with { Id = reader.Read() ? reader.GetInt32() : null };
            else if (reader.ValueTextEquals("method"u8))
                envelope = envelope with { Method = reader.Read() ? reader.GetString() : null };
            else if (reader.ValueTextEquals("sessionId"u8))
                envelope = envelope with { SessionId = reader.Read() ? reader.GetString() : null };
            else if (reader.ValueTextEquals("result"u8))
                envelope = envelope with { Result = SkipValue(ref reader) };
            else if (reader.ValueTextEquals("error"u8))
                envelope = envelope with { Error = SkipValue(ref reader) };
            else if (reader.ValueTextEquals("params"u8))
                envelope = envelope with { Params = SkipValue(ref reader) };
            else
                SkipValue(ref reader);
        }

        if (reader.Read())
            throw new JsonException("Something stands behind the object.");
        return envelope;
    }

    private static Range SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }
}

/// <summary>The error of an answer.</summary>
internal sealed record CdpErrorBody(int Code, string Message, JsonElement? Data = null);

/// <summary>What <c>/json/version</c> answers, as far as it matters here.</summary>
internal sealed record JsonVersion(string? WebSocketDebuggerUrl = null, string? Browser = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CdpErrorBody))]
[JsonSerializable(typeof(JsonVersion))]
internal sealed partial class EnvelopeJsonContext : JsonSerializerContext;
