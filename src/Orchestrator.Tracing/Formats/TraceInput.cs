using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Formats;

/// <summary>A trace's file, opened for one pass: what it is shows in its first bytes, not in its name.</summary>
public sealed class TraceInput : IDisposable
{
    private readonly FileStream _file;

    private TraceInput(FileStream file, Stream plain, TraceFormat format, TraceCompression compression) =>
        (_file, Plain, Format, Compression) = (file, plain, format, compression);

    public TraceFormat Format { get; }
    public TraceCompression Compression { get; }

    /// <summary>
    /// The trace's bytes after decompression; may be read once. A gzip file that breaks off ends like a plain file that
    /// breaks off: what could be decompressed comes, then the end (<see cref="BrokenGzip"/> tells).
    /// </summary>
    public Stream Plain { get; }

    /// <summary>Why decompression ended before its time, as in <c>it ends too early</c>; null while, or when, all is well.</summary>
    public string? BrokenGzip => (Plain as GunzipStream)?.Broken;

    /// <summary>Of the file on disk, how much has been read: for progress.</summary>
    public long FilePosition => _file.Position;


    /// <summary>Opens it and looks at its first bytes.</summary>
    /// <exception cref="NotATraceException">It is empty, or begins like no trace.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TraceInput Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        try
        {
            Span<byte> head = stackalloc byte[2];
            var got = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            file.Position = 0;
            var isGzip = got == 2 && head[0] == 0x1f && head[1] == 0x8b;
            if (!isGzip) return new TraceInput(file, file, FormatOf(head[..Math.Min(got, 1)]), TraceCompression.None);
            using (var peek = new GunzipStream(file)) got = peek.ReadAtLeast(head[..1], 1, throwOnEndOfStream: false);
            var format = FormatOf(head[..got]);
            file.Position = 0;
            return new TraceInput(file, new GunzipStream(file), format, TraceCompression.Gzip);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Plain.Dispose();
        _file.Dispose();
    }

    private static TraceFormat FormatOf(ReadOnlySpan<byte> head) => head switch
    {
        [] => throw new NotATraceException("it is empty"),
        // Perfetto: a trace is a sequence of packets, field 1, length-delimited (protos/perfetto/trace/trace.proto).
        [0x0a, ..] => TraceFormat.Proto,
        [(byte)'{' or (byte)'[' or (byte)' ' or (byte)'\r' or (byte)'\t', ..] => TraceFormat.Json,
        _ => throw new NotATraceException("it begins neither like a Perfetto trace nor like Chrome JSON"),
    };
}
