using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Orchestrator.Benchmarks;

/// <summary>How a browser would send the trace's bytes: JSON as an escaped string, anything binary as base64.</summary>
public enum ReplayMode
{
    JsonString,
    Base64,
}

/// <summary>
/// A recorded trace and the answers to <c>IO.read</c> that carry it, encoded once: what is left to do
/// when a client reads is to write memory to a socket.
/// </summary>
public sealed class ReplayTrace(byte[] bytes, ReplayMode mode)
{
    /// <summary>What Chromium sends for an <c>IO.read</c> that names no size.</summary>
    public const int DefaultReadSize = 10 * 1024 * 1024;

    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', 0x7F - ' ').Select(value => (byte)value).Where(value => value is not ((byte)'"' or (byte)'\\'))]);

    private readonly ConcurrentDictionary<int, Lazy<IReadOnlyList<byte[]>>> _repliesBySize = new();

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public ReplayMode Mode { get; } = mode;

    /// <summary>
    /// The replies for reads of <paramref name="size"/> bytes, each from behind its id to before what closes the message:
    /// the id and the session differ from read to read, the megabytes between them do not.
    /// The first client with a new size waits for the encoding; those after it do not.
    /// </summary>
    public IReadOnlyList<byte[]> Replies(int size) =>
        _repliesBySize.GetOrAdd(size, asked => new Lazy<IReadOnlyList<byte[]>>(() => Encode(asked))).Value;

    /// <summary>The reply after the last byte.</summary>
    public byte[] EndReply() => Reply(ReadOnlySpan<byte>.Empty, eof: true);

    private List<byte[]> Encode(int size)
    {
        var replies = new List<byte[]>();
        var trace = Bytes.Span;
        for (var start = 0; start < trace.Length;)
        {
            var length = Math.Min(size, trace.Length - start);
            if (Mode == ReplayMode.JsonString)
                length = WholeCharacters(trace[start..], length);
            replies.Add(Reply(trace.Slice(start, length), eof: false));
            start += length;
        }
        return replies;
    }

    // A string may not end within a character of several bytes.
    private static int WholeCharacters(ReadOnlySpan<byte> text, int length)
    {
        if (length == text.Length)
            return length;
        var end = length;
        while (end > 0 && (text[end] & 0xC0) == 0x80)
            end--;
        return end > 0 ? end : length;
    }

    private byte[] Reply(ReadOnlySpan<byte> chunk, bool eof)
    {
        var encoded = Mode == ReplayMode.Base64;
        var data = encoded ? Encoding.ASCII.GetBytes(Convert.ToBase64String(chunk)) : Escape(chunk);
        return
        [
            .. Encoding.ASCII.GetBytes($",\"result\":{{\"base64Encoded\":{(encoded ? "true" : "false")},\"data\":\""),
            .. data,
            .. Encoding.ASCII.GetBytes($"\",\"eof\":{(eof ? "true" : "false")}}}"),
        ];
    }

    // As Chromium does it: short escapes where JSON has them, and all that is not ASCII as \uXXXX.
    private static byte[] Escape(ReadOnlySpan<byte> text)
    {
        var escaped = new MemoryStream(text.Length + text.Length / 4);
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAnyExcept(Plain);
            plain = plain < 0 ? text.Length : plain;
            escaped.Write(text[..plain]);
            text = text[plain..];
            if (text.IsEmpty)
                break;
            Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            escaped.Write(Encoding.ASCII.GetBytes(Escape(rune)));
            text = text[consumed..];
        }
        return escaped.ToArray();
    }

    private static string Escape(Rune rune) => rune.Value switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        >= ' ' and < 0x7F => rune.ToString(),
        _ => string.Concat(rune.ToString().Select(unit => "\\u" + ((int)unit).ToString("X4", CultureInfo.InvariantCulture))),
    };
}
