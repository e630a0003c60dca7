using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Benchmarks;

/// <summary>
/// One WebSocket of the replay server: answers requests in the order in which they come,
/// so a client may have as many reads in flight as it likes.
/// </summary>
internal sealed class ReplayConnection(Socket socket, ReplayTrace trace)
{
    private const int Text = 1, Close = 8, Ping = 9, Pong = 10;

    private byte[] _received = new byte[64 * 1024];
    private int _filled;

    private string _format = "json";
    private string _compression = "none";
    private IReadOnlyList<byte[]>? _replies;
    private int _nextReply;

    public void Run()
    {
        while (true)
        {
            if (_filled == _received.Length)
                Array.Resize(ref _received, _received.Length * 2);
            var read = socket.Receive(_received, _filled, _received.Length - _filled, SocketFlags.None);
            if (read == 0)
                return;
            _filled += read;
            if (!TakeFrames())
                return;
        }
    }

    private bool TakeFrames()
    {
        var taken = 0;
        while (WebSocketFrames.TryTake(_received.AsSpan(taken, _filled - taken), out var opcode, out var payload) is var length and > 0)
        {
            taken += length;
            switch (opcode)
            {
                case Text:
                    Answer(payload);
                    break;
                case Ping:
                    Send(Pong, payload.ToArray());
                    break;
                case Close:
                    Send(Close, payload.ToArray());
                    return false;
            }
        }
        _received.AsSpan(taken, _filled - taken).CopyTo(_received);
        _filled -= taken;
        return true;
    }

    private void Answer(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        using var document = JsonDocument.ParseValue(ref reader);
        var request = document.RootElement;
        var id = request.GetProperty("id").GetInt64();
        var session = request.TryGetProperty("sessionId", out var value) ? value.GetString() : null;
        request.TryGetProperty("params", out var parameters);
        var method = request.GetProperty("method").GetString()!;
        switch (method)
        {
            case "Tracing.start":
                _format = Parameter(parameters, "streamFormat") ?? "json";
                _compression = Parameter(parameters, "streamCompression") ?? "none";
                Reply(id, session, ReplayAnswers.Empty);
                break;
            case "Tracing.end":
                _replies = null;
                _nextReply = 0;
                Reply(id, session, ReplayAnswers.Empty);
                SendEvent("Tracing.tracingComplete", session,
                    $$"""{"dataLossOccurred":false,"stream":"1","traceFormat":"{{_format}}","streamCompression":"{{_compression}}"}""");
                break;
            case "IO.read":
                Reply(id, session, NextReply(parameters));
                break;
            case "Target.setDiscoverTargets":
                Reply(id, session, ReplayAnswers.Empty);
                SendEvent("Target.targetCreated", session, ReplayAnswers.TargetCreated);
                break;
            // The page attaches itself to the browser's session only: a page that attaches itself to itself would never end.
            case "Target.setAutoAttach" when session is null:
                SendEvent("Target.attachedToTarget", session, ReplayAnswers.AttachedToTarget);
                Reply(id, session, ReplayAnswers.Empty);
                break;
            default:
                Reply(id, session, ReplayAnswers.For(method));
                break;
        }
    }

    // The size of the first read holds for the stream: every client here keeps to one.
    private byte[] NextReply(JsonElement parameters)
    {
        _replies ??= trace.Replies(parameters.TryGetProperty("size", out var size) ? size.GetInt32() : ReplayTrace.DefaultReadSize);
        return _nextReply < _replies.Count ? _replies[_nextReply++] : trace.EndReply();
    }

    private static string? Parameter(JsonElement parameters, string name) =>
        parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(name, out var value) ? value.GetString() : null;

    // Header, id, the prepared megabytes and the end go out in one gathering write: nothing is copied.
    private void Reply(long id, string? session, byte[] result)
    {
        var begin = Encoding.ASCII.GetBytes($"{{\"id\":{id}");
        var end = Encoding.ASCII.GetBytes(session is null ? "}" : $",\"sessionId\":\"{session}\"}}");
        var header = new byte[WebSocketFrames.MaxHeader];
        var headerLength = WebSocketFrames.WriteHeader(header, Text, begin.Length + result.Length + end.Length);
        var parts = new List<ArraySegment<byte>> { new(header, 0, headerLength), begin, result, end };
        var sent = socket.Send(parts);
        if (sent != parts.Sum(part => part.Count))
            throw new SocketException((int)SocketError.ConnectionReset);
    }

    private void SendEvent(string method, string? session, string parameters)
    {
        var inSession = session is null ? "" : $",\"sessionId\":\"{session}\"";
        Send(Text, Encoding.UTF8.GetBytes($$"""{"method":"{{method}}","params":{{parameters}}{{inSession}}}"""));
    }

    private void Send(int opcode, byte[] payload)
    {
        var header = new byte[WebSocketFrames.MaxHeader];
        var headerLength = WebSocketFrames.WriteHeader(header, opcode, payload.Length);
        socket.SendAll((byte[])[.. header.AsSpan(0, headerLength), .. payload]);
    }
}
