using System.Text;
using System.Text.Json;
using Orchestrator.Cdp;
using Orchestrator.TestKit.Browsers;

namespace Orchestrator.TestKit.Tests.Support;

/// <summary>A client with nothing of its own between it and the wire, on virtual time.</summary>
internal sealed class RawClient(HandTime time, ICdpTransport transport)
{
    private readonly byte[] _buffer = new byte[32 << 20];
    private readonly Queue<JsonElement> _events = new();
    private int _id;

    public ICdpTransport Transport => transport;

    public static RawClient Connect(SimulatedBrowser browser, HandTime time) => new(time, time.Run(browser.OpenAsync(browser.Url)));

    /// <summary>Sends a command, and does not wait.</summary>
    public int Send(string method, string parameters = "{}")
    {
        _ = transport.SendAsync(Encoding.UTF8.GetBytes($"{{\"id\":{++_id},\"method\":\"{method}\",\"params\":{parameters}}}"), CancellationToken.None).AsTask();
        return _id;
    }

    /// <summary>The next message.</summary>
    public JsonElement Receive()
    {
        var length = 0;
        CdpReceived received;
        do
        {
            received = time.Run(transport.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None));
            length += received.Count;
        }
        while (!received.EndOfMessage);
        return JsonElement.Parse(_buffer.AsSpan(0, length));
    }

    /// <summary>Sends a command and waits for its answer; the result, or an exception with the error's text.</summary>
    public JsonElement Call(string method, string parameters = "{}")
    {
        var id = Send(method, parameters);
        while (true)
        {
            var message = Receive();
            if (!message.TryGetProperty("id", out var answered))
                _events.Enqueue(message);
            else if (answered.GetInt32() == id)
                return message.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(message.GetProperty("error").GetProperty("message").GetString());
        }
    }

    /// <summary>The parameters of the next event of this name.</summary>
    public JsonElement Hear(string method)
    {
        while (true)
        {
            var message = _events.Count > 0 ? _events.Dequeue() : Receive();
            if (message.TryGetProperty("method", out var name) && name.ValueEquals(method)) return message.GetProperty("params");
        }
    }

    /// <summary>Ends the recording and reads its stream.</summary>
    public byte[] EndAndRead(int size = 1 << 20)
    {
        Call("Tracing.end");
        var handle = Hear("Tracing.tracingComplete").GetProperty("stream").GetString();
        var bytes = new MemoryStream();
        while (true)
        {
            var part = Call("IO.read", $"{{\"handle\":\"{handle}\",\"size\":{size}}}");
            var data = part.GetProperty("data").GetString()!;
            bytes.Write(part.GetProperty("base64Encoded").GetBoolean() ? Convert.FromBase64String(data) : Encoding.UTF8.GetBytes(data));
            if (part.GetProperty("eof").GetBoolean()) return bytes.ToArray();
        }
    }
}
