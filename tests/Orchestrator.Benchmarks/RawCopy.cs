using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Benchmarks;

/// <summary>
/// The limit: the trace's bytes from a socket to a file, with no protocol, no JSON and no base64 in between.
/// </summary>
public static class RawCopy
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>Fetches the bytes of a <see cref="ReplayServer"/> into a file; returns their number and the time until it was closed.</summary>
    public static (long Bytes, TimeSpan Elapsed) Run(Uri endpoint, string file, TimeProvider time)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.ReceiveBufferSize = 4 * BufferSize;
        socket.Connect(IPAddress.Parse(endpoint.Host), endpoint.Port);
        var buffer = new byte[BufferSize];

        var began = time.GetTimestamp();
        socket.SendAll("RAW\n"u8.ToArray());
        var written = 0L;
        using (var handle = File.OpenHandle(file, FileMode.Create, FileAccess.Write))
        {
            while (socket.Receive(buffer) is var read and > 0)
            {
                RandomAccess.Write(handle, buffer.AsSpan(0, read), written);
                written += read;
            }
        }
        return (written, time.GetElapsedTime(began));
    }
}
