using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.Benchmarks;

/// <summary>
/// Plays a browser that sends a recorded trace as fast as a client takes it, over a WebSocket made by hand:
/// with it the client is what is measured. The browser of a real recording is the slowest part by far.
/// </summary>
/// <remarks>
/// One port serves three kinds of connection, told apart by their first bytes: a WebSocket handshake,
/// <c>GET /json/version</c>, and <c>RAW</c> and a line feed, answered by the trace's bytes and the connection's end.
/// </remarks>
public sealed class ReplayServer : IDisposable
{
    private const int SocketBuffer = 4 * 1024 * 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ReplayTrace _trace;

    private ReplayServer(ReplayTrace trace)
    {
        _trace = trace;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
    }

    public int Port { get; }

    /// <summary>What a client is given, as of a real browser.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    public Uri BrowserEndpoint => new($"ws://127.0.0.1:{Port}/devtools/browser/replay");

    /// <summary>Listens on a port of the loopback address; each connection gets a thread that blocks on its socket.</summary>
    public static ReplayServer Start(ReplayTrace trace)
    {
        var server = new ReplayServer(trace);
        new Thread(server.Accept) { IsBackground = true, Name = "replay accept" }.Start();
        return server;
    }

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = _listener.Accept();
            }
            catch (SocketException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            new Thread(() => Serve(client)) { IsBackground = true, Name = "replay connection" }.Start();
        }
    }

    private void Serve(Socket client)
    {
        using (client)
        {
            client.NoDelay = true;
            client.SendBufferSize = SocketBuffer;
            try
            {
                ServeRequest(client, ReadHead(client));
            }
            catch (SocketException)
            {
                // A client that leaves in the middle ends its own connection only.
            }
        }
    }

    private void ServeRequest(Socket client, string head)
    {
        if (head == "RAW\n")
        {
            client.SendAll(_trace.Bytes);
            client.Shutdown(SocketShutdown.Send);
        }
        else if (head.Contains("upgrade: websocket", StringComparison.OrdinalIgnoreCase))
        {
            client.SendAll(Encoding.ASCII.GetBytes(WebSocketFrames.HandshakeAnswer(head)));
            new ReplayConnection(client, _trace).Run();
        }
        else
        {
            client.SendAll(Encoding.ASCII.GetBytes(HttpAnswer(head)));
            client.Shutdown(SocketShutdown.Send);
        }
    }

    private string HttpAnswer(string head)
    {
        var path = head.Split(' ').ElementAtOrDefault(1)?.TrimEnd('/');
        var body = path switch
        {
            "/json/version" => $$"""{"Browser":"{{ReplayAnswers.Product}}","Protocol-Version":"1.3","webSocketDebuggerUrl":"{{BrowserEndpoint}}"}""",
            "/json" or "/json/list" => "[]",
            _ => null,
        };
        return body is null
            ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            : $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
    }

    // Up to the empty line of an HTTP request, or the line of a raw one. No client here sends anything behind it unasked.
    private static string ReadHead(Socket client)
    {
        var head = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var read = client.Receive(buffer);
            head.Append(Encoding.ASCII.GetString(buffer, 0, read));
            var text = head.ToString();
            if (read == 0 || text == "RAW\n" || text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                return text;
        }
    }
}
