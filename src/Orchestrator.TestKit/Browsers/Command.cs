using System.Text.Json;

namespace Orchestrator.TestKit.Browsers;

/// <summary>A client's message, looked at where it stands.</summary>
internal readonly ref struct Command
{
    private Command(ReadOnlySpan<byte> message, int id, ReadOnlySpan<byte> method, ReadOnlySpan<byte> parameters, string? sessionId)
    {
        Message = message;
        Id = id;
        Method = method;
        Params = parameters;
        SessionId = sessionId;
    }

    public ReadOnlySpan<byte> Message { get; }

    public int Id { get; }

    public ReadOnlySpan<byte> Method { get; }

    /// <summary>An object in JSON; empty when the message has none.</summary>
    public ReadOnlySpan<byte> Params { get; }

    public string? SessionId { get; }

    /// <param name="refusal">What Chromium answers to a message that is no command.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, out Command command, out string? refusal)
    {
        command = default;
        refusal = "{\"error\":{\"code\":-32700,\"message\":\"JSON: invalid token at position 0\"}}";
        try
        {
            var reader = new Utf8JsonReader(message);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                refusal = "{\"error\":{\"code\":-32600,\"message\":\"Message must be an object\"}}";
                return false;
            }

            int? id = null;
            ReadOnlySpan<byte> method = default, parameters = default;
            string? sessionId = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number)) id = number;
                    else reader.Skip();
                }
                else if (reader.ValueTextEquals("method"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.String) method = reader.ValueSpan;
                    else reader.Skip();
                }
                else if (reader.ValueTextEquals("params"u8))
                {
                    reader.Read();
                    var start = (int)reader.TokenStartIndex;
                    var isObject = reader.TokenType == JsonTokenType.StartObject;
                    reader.Skip();
                    if (isObject) parameters = message[start..(int)reader.BytesConsumed];
                }
                else if (reader.ValueTextEquals("sessionId"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.String) sessionId = reader.GetString();
                    else reader.Skip();
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            // To the end, or an exception.
            reader.Read();
            if (id is null)
            {
                refusal = "{\"error\":{\"code\":-32600,\"message\":\"Message must have integer 'id' property\"}}";
                return false;
            }

            if (method.IsEmpty)
            {
                refusal = $"{{\"id\":{id},\"error\":{{\"code\":-32600,\"message\":\"Message must have string 'method' property\"}}}}";
                return false;
            }

            command = new Command(message, id.Value, method, parameters, sessionId);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A parameter's text; null when there is none.</summary>
    public string? Text(ReadOnlySpan<byte> name) => TryFind(name, out var value) && value.TokenType == JsonTokenType.String ? value.GetString() : null;

    /// <summary>A parameter's number; null when there is none.</summary>
    public double? Number(ReadOnlySpan<byte> name) => TryFind(name, out var value) && value.TokenType == JsonTokenType.Number ? value.GetDouble() : null;

    public bool Has(ReadOnlySpan<byte> name) => TryFind(name, out _);

    /// <summary>A copy of all parameters.</summary>
    public JsonElement ToJson() => Params.IsEmpty ? JsonElement.Parse("{}") : JsonElement.Parse(Params);

    private bool TryFind(ReadOnlySpan<byte> name, out Utf8JsonReader value)
    {
        value = new Utf8JsonReader(Params);
        if (Params.IsEmpty) return false;
        value.Read();
        while (value.Read() && value.TokenType == JsonTokenType.PropertyName)
        {
            var isFound = value.ValueTextEquals(name);
            value.Read();
            if (isFound) return true;
            value.Skip();
        }

        return false;
    }
}
