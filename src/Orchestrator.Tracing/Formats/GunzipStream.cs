using System.IO.Compression;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Decompresses a gzip file for a reader of traces. What breaks off or is damaged ends, and <see cref="Broken"/> says why; what
/// expands without end is refused.
/// </summary>
/// <remarks>
/// <see cref="GZipStream"/> takes a file that ends too early, and one that something follows, for a whole one. So at the end it is given
/// one more gzip member: it unpacks that one only where the members before it are whole and nothing follows them.
/// </remarks>
internal sealed class GunzipStream : Stream
{
    // Real traces shrink to a twentieth or fortieth; the most that deflate can do is 1 to 1032. A trace of nothing but
    // repetition is no trace. What is small may expand as it likes.
    private const long HarmlessBytes = 256L << 20;
    private const long MostExpansion = 400;

    // Damage shows at the end of a portion, and what was decompressed of that portion is lost.
    private const int PortionBytes = 32 << 10;

    private static readonly byte[] s_probe = Packed("whole"u8);

    private readonly Compressed _compressed;
    private readonly GZipStream _gzip;
    private bool _ended;

    public GunzipStream(FileStream file)
    {
        _compressed = new Compressed(file);
        _gzip = new GZipStream(_compressed, CompressionMode.Decompress);
    }

    /// <summary>Why it ended before its time, as in <c>its gzip ends too early</c>; null while, or when, all is well.</summary>
    public string? Broken { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        if (_ended || buffer.IsEmpty) return 0;
        try
        {
            var read = _gzip.Read(buffer[..Math.Min(PortionBytes, buffer.Length)]);
            Position += read;
            if (Position > HarmlessBytes && Position / MostExpansion > _compressed.Taken)
                throw new NotATraceException($"its gzip expands to more than {Position >> 20} MiB from {_compressed.Taken} bytes; no trace does that, so it is not read on");
            if (read > 0) return read;
            Broken = WhatIsWrongAtTheEnd();
        }
        catch (Exception damaged) when (IsDamage(damaged))
        {
            Broken = "its gzip is damaged";
        }

        _ended = true;
        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _gzip.Dispose();
        base.Dispose(disposing);
    }

    private string? WhatIsWrongAtTheEnd()
    {
        Span<byte> unpacked = stackalloc byte[64];
        _compressed.Append(s_probe);
        try
        {
            var length = _gzip.ReadAtLeast(unpacked, unpacked.Length, throwOnEndOfStream: false);
            if (unpacked[..length].SequenceEqual("whole"u8)) return null;
            return length == 0 ? "something follows its gzip" : "its gzip ends too early";
        }
        catch (Exception damaged) when (IsDamage(damaged))
        {
            return "its gzip ends too early";
        }
    }

    // The framework's own exception for what zlib refuses is internal; it is an IOException, as is what a disk fails with.
    private bool IsDamage(Exception failed) => failed is InvalidDataException || (failed is IOException && !_compressed.HasFailed);

    private static byte[] Packed(ReadOnlySpan<byte> plain)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true)) gzip.Write(plain);
        return packed.ToArray();
    }

    /// <summary>The file's bytes, and behind their end what is appended then. Leaves the file open.</summary>
    private sealed class Compressed(FileStream file) : Stream
    {
        private MemoryStream? _appended;

        public long Taken { get; private set; }

        /// <summary>The file could not be read.</summary>
        public bool HasFailed { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Append(byte[] bytes) => _appended = new MemoryStream(bytes, writable: false);

        public override int Read(Span<byte> buffer)
        {
            if (_appended is not null) return _appended.Read(buffer);
            HasFailed = true;
            var read = file.Read(buffer);
            HasFailed = false;
            Taken += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
