using System.Security.Cryptography;

namespace Orchestrator.Tracing.Merging;

/// <summary>A new file that is hashed while it is written. Where what has been written is changed later, all is hashed once more at the end.</summary>
/// <param name="file">Empty, without a buffer; stays open.</param>
internal sealed class HashedFile(FileStream file) : Stream
{
    private const long OutOfOrder = -1;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _hashed;

    public override long Length => file.Length;
    public override bool CanRead => false;
    public override bool CanSeek => true;
    public override bool CanWrite => true;

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    /// <summary>The SHA-256 of all bytes, lower-case hex; to be asked for once.</summary>
    public string Sha256(CancellationToken cancellationToken)
    {
        if (_hashed == file.Length) return Convert.ToHexStringLower(_hash.GetHashAndReset());
        _hash.GetHashAndReset();
        var buffer = new byte[128 << 10];
        for (var at = 0L; RandomAccess.Read(file.SafeFileHandle, buffer, at) is var read and > 0; at += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Hash(buffer);
        file.Write(buffer);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Hash(buffer.Span);
        await file.WriteAsync(buffer, cancellationToken);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void SetLength(long value)
    {
        if (value < _hashed) _hashed = OutOfOrder;
        file.SetLength(value);
    }

    public override void Flush() => file.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }

    private void Hash(ReadOnlySpan<byte> next)
    {
        if (_hashed != file.Position)
        {
            _hashed = OutOfOrder;
            return;
        }

        _hash.AppendData(next);
        _hashed += next.Length;
    }
}
