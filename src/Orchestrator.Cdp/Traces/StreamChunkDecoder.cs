using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Orchestrator.Cdp.Traces;

/// <summary>Answers of <c>IO.read</c>, in their order, to the bytes of the stream: from the message's buffer to one other that is used again for each.</summary>
internal sealed class StreamChunkDecoder(ArrayPool<byte> pool) : IDisposable
{
    private byte[] _decoded = [];
    private JsonStringDecoder _text;

    /// <param name="eof">Nothing is behind these bytes.</param>
    /// <returns>Valid until the next call.</returns>
    /// <exception cref="CdpErrorException">The browser refused the read.</exception>
    /// <exception cref="CdpFatalException">It is no answer of <c>IO.read</c>.</exception>
    public ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> message, out bool eof)
    {
        try
        {
            var chunk = new Chunk();
            var json = new JsonCursor(message);
            Require(json.TryConsume((byte)'{'));
            do
            {
                Require(json.TryReadName(out var name));
                if (name.SequenceEqual("error"u8))
                    throw CdpEnvelope.Parse(message).ToError(message, Protocol.IODomain.Read.Method);
                if (name.SequenceEqual("result"u8))
                    ReadResult(ref json, ref chunk);
                else
                    Require(json.TrySkipValue());
            }
            while (json.TryConsume((byte)','));
            Require(json.TryConsume((byte)'}') && json.AtEnd && chunk is { Length: not null, Eof: not null });

            eof = chunk.Eof!.Value;
            return _decoded.AsMemory(0, Finish(chunk));
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw CdpFatalException.Garbage($"the answer to IO.read is not of its form: {CdpEnvelope.Excerpt(message)}", e);
        }
    }

    /// <summary>What the end of the stream leaves over: a sign for half a character, or nothing.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        EnsureRoom(JsonStringDecoder.MaxDecodedBytes(0));
        return _decoded.AsMemory(0, _text.Finish(_decoded));
    }

    public void Dispose()
    {
        if (_decoded.Length > 0)
            pool.Return(_decoded);
        _decoded = [];
    }

    private static void Require(bool condition)
    {
        if (!condition)
            throw new FormatException();
    }

    private void ReadResult(ref JsonCursor json, ref Chunk chunk)
    {
        Require(json.TryConsume((byte)'{'));
        do
        {
            Require(json.TryReadName(out var name));
            if (name.SequenceEqual("data"u8))
            {
                Require(json.TryConsume((byte)'"'));
                EnsureRoom(JsonStringDecoder.MaxDecodedBytes(json.Rest.Length));
                json.Advance(chunk.Base64 ? DecodeBase64(json.Rest, ref chunk) : DecodeText(json.Rest, ref chunk));
            }
            else if (name.SequenceEqual("base64Encoded"u8))
            {
                Require(json.TryReadBoolean(out chunk.Base64));
            }
            else if (name.SequenceEqual("eof"u8))
            {
                Require(json.TryReadBoolean(out var eof));
                chunk.Eof = eof;
            }
            else
            {
                Require(json.TrySkipValue());
            }
        }
        while (json.TryConsume((byte)','));
        Require(json.TryConsume((byte)'}'));
    }

    /// <summary>The usual way of binary data: straight from the message.</summary>
    private int DecodeBase64(ReadOnlySpan<byte> source, ref Chunk chunk)
    {
        var end = source.IndexOfAny((byte)'"', (byte)'\\');
        Require(end >= 0);
        if (source[end] == '\\')
            return DecodeText(source, ref chunk); // nobody escapes base64, though one may
        Require(Base64.DecodeFromUtf8(source[..end], _decoded, out _, out var written) == OperationStatus.Done);
        (chunk.Length, chunk.IsDecoded) = (written, true);
        return end + 1;
    }

    private int DecodeText(ReadOnlySpan<byte> source, ref Chunk chunk)
    {
        chunk.Text = _text;
        var read = chunk.Text.Decode(source, _decoded, out var written);
        Require(read >= 0);
        (chunk.Length, chunk.IsDecoded) = (written, false);
        return read;
    }

    /// <summary>Now it is known whether the data were base64, even if the message said so behind them.</summary>
    private int Finish(in Chunk chunk)
    {
        var length = chunk.Length!.Value;
        if (chunk.IsDecoded)
            return length;
        if (!chunk.Base64)
        {
            _text = chunk.Text;
            return length;
        }

        Require(Base64.DecodeFromUtf8InPlace(_decoded.AsSpan(0, length), out var written) == OperationStatus.Done);
        return written;
    }

    private void EnsureRoom(int bytes)
    {
        if (_decoded.Length >= bytes)
            return;
        Dispose();
        _decoded = pool.Rent(bytes);
    }

    private struct Chunk
    {
        public bool Base64;
        public bool? Eof;
        public int? Length;
        public bool IsDecoded;
        public JsonStringDecoder Text;
    }
}
