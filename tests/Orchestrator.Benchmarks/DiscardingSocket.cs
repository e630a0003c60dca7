using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.Benchmarks;

/// <summary>A client that costs as little as it can: it finds where messages end, and looks at short ones only.</summary>
internal sealed class DiscardingSocket : IDisposable
{
    private const int MostText = 512;
    private const int ReadSize = 1 << 20;

    // One for each thread stays in its core's cache; one for each connection would not.
    [ThreadStatic]
    private static byte[]? s_room;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _text = new byte[MostText];
    private readonly byte[] _header = new byte[10];
    private int _headerBytes;
    private long _length;
    private long _left;
    private bool _isLastFrame;
    private string? _message;
    private int _ids;

    public DiscardingSocket(Uri url) => _socket.Connect(IPAddress.Parse(url.Host), url.Port);

    /// <summary>All that came, on the wire.</summary>
    public long WireBytes { get; private set; }

    /// <summary>What was decoded of it, if it had been: three bytes for four characters.</summary>
    public long TraceBytes { get; private set; }

    public void Dispose() => _socket.Dispose();

    public void Handshake(Uri url)
    {
        _socket.SendAll(Encoding.ASCII.GetBytes(
            $"GET {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
        var answer = new byte[1];
        for (var head = ""; !head.EndsWith("\r\n\r\n", StringComparison.Ordinal); head += (char)answer[0])
            if (_socket.Receive(answer) == 0) throw new InvalidDataException($"No handshake: {head}");
    }

    public void Send(string method, string parameters)
    {
        var payload = Encoding.ASCII.GetBytes($$"""{"id":{{++_ids}},"method":"{{method}}","params":{{parameters}}}""");
        var header = new byte[14];
        var length = WebSocketFrames.WriteHeader(header, opcode: 1, payload.Length);
        // A client has to mask; a mask of zeros changes nothing.
        header[1] |= 0x80;
        _socket.SendAll((byte[])[.. header.AsSpan(0, length + 4), .. payload]);
    }

    /// <summary>Waits for a short message that holds this text.</summary>
    public string Await(string text)
    {
        var one = new byte[1];
        while (true)
        {
            if (_socket.Receive(one) == 0) throw new InvalidDataException($"The connection ended before {text}.");
            Take(one);
            if (_message is not { } message) continue;
            _message = null;
            if (message.Contains(text, StringComparison.Ordinal)) return message;
        }
    }

    /// <summary>Reads a stream to its end, one read after the other.</summary>
    public Task DrainStreamAsync(string handle)
    {
        var read = $$"""{"handle":"{{handle}}","size":{{ReadSize}}}""";
        return ReceiveAsync(
            begin: () => Send("IO.read", read),
            take: bytes =>
            {
                while (!bytes.IsEmpty)
                {
                    bytes = bytes[Take(bytes)..];
                    if (_left > 0 || _headerBytes > 0) continue;
                    // All but the few characters around the data.
                    TraceBytes += _length * 3 / 4;
                    if (!_isLastFrame) continue;
                    var isEnd = _message is { } message && message.Contains("\"eof\":true", StringComparison.Ordinal);
                    _message = null;
                    if (isEnd) return false;
                    Send("IO.read", read);
                }

                return true;
            });
    }

    /// <summary>Reads whatever comes, to the connection's end.</summary>
    public Task DrainPlainAsync() => ReceiveAsync(
        begin: () => _socket.Send([1]),
        take: bytes =>
        {
            TraceBytes += bytes.Length;
            return true;
        });

    private async Task ReceiveAsync(Action begin, Taker take)
    {
        _socket.Blocking = false;
        begin();
        while (true)
        {
            // Completes when there is something to read.
            await _socket.ReceiveAsync(Memory<byte>.Empty);
            while (true)
            {
                var room = s_room ??= new byte[256 << 10];
                var got = _socket.Receive(room, SocketFlags.None, out var error);
                if (error is SocketError.WouldBlock) break;
                if (error is not SocketError.Success) throw new SocketException((int)error);
                WireBytes += got;
                if (got == 0 || !take(room.AsSpan(0, got))) return;
            }
        }
    }

    /// <summary>Takes bytes up to a message's end, if it is among them.</summary>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (_left == 0 && taken < bytes.Length)
        {
            _header[_headerBytes++] = bytes[taken++];
            if (_headerBytes < 2) continue;
            var lengthBytes = (_header[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
            if (_headerBytes < 2 + lengthBytes) continue;
            _length = _left = lengthBytes switch
            {
                2 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
                8 => BinaryPrimitives.ReadInt64BigEndian(_header.AsSpan(2)),
                _ => _header[1] & 0x7F,
            };
            break;
        }

        var part = bytes[taken..][..(int)Math.Min(_left, bytes.Length - taken)];
        if (_length <= MostText) part.CopyTo(_text.AsSpan((int)(_length - _left)));
        _left -= part.Length;
        if (_left > 0 || part.IsEmpty) return taken + part.Length;
        _headerBytes = 0;
        _isLastFrame = (_header[0] & 0x80) != 0;
        // A short one of several frames is the end of a long message.
        if (_length <= MostText && _header[0] == 0x81) _message = Encoding.UTF8.GetString(_text, 0, (int)_length);
        return taken + part.Length;
    }

    /// <returns>False: that was the end.</returns>
    private delegate bool Taker(ReadOnlySpan<byte> bytes);
}
