using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// Where a merged file's bytes go: compressed, hashed and written by a thread of their own, so that reading the sources and compressing
/// have a core each. Whoever writes waits when it is more than a few blocks ahead.
/// </summary>
internal sealed class MergedFileStream : IBufferWriter<byte>, IAsyncDisposable
{
    private const int BlockBytes = 256 << 10;
    private const int MostBlocksAhead = 8;

    private readonly BlockingCollection<(byte[] Bytes, int Length)> _blocks = new(MostBlocksAhead);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Stream _file;
    private readonly Task _writing;
    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockBytes);
    private int _length;

    /// <param name="level">Null: as they are.</param>
    public MergedFileStream(Stream file, CompressionLevel? level)
    {
        _file = file;
        _writing = Task.Factory.StartNew(() => WriteBlocks(level), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Bytes on disk; after <see cref="CompleteAsync"/> all of them.</summary>
    public long Written { get; private set; }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _block.AsSpan(_length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _block.AsMemory(_length);
    }

    public void Advance(int count) => _length += count;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    /// <summary>Waits until everything has been written.</summary>
    /// <returns>The SHA-256 of the bytes on disk, lower-case hex.</returns>
    public async Task<string> CompleteAsync()
    {
        HandOver();
        _blocks.CompleteAdding();
        await _writing;
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public async ValueTask DisposeAsync()
    {
        _blocks.CompleteAdding();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _blocks.Dispose();
        _hash.Dispose();
    }

    private void MakeRoom(int bytes)
    {
        if (_block.Length - _length >= Math.Max(bytes, 1)) return;
        HandOver();
        if (_block.Length >= bytes) return;
        ArrayPool<byte>.Shared.Return(_block);
        _block = ArrayPool<byte>.Shared.Rent(bytes);
    }

    private void HandOver()
    {
        if (_length == 0) return;
        try
        {
            _blocks.Add((_block, _length));
        }
        catch (InvalidOperationException)
        {
            // The writer failed and took no more; its reason is the one to tell.
            _writing.GetAwaiter().GetResult();
            throw;
        }

        _block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        _length = 0;
    }

    private void WriteBlocks(CompressionLevel? level)
    {
        try
        {
            using var hashed = new BufferedStream(new HashedStream(this), BlockBytes);
            using var compressed = level is { } how ? new GZipStream(hashed, how, leaveOpen: true) : null;
            Stream to = compressed is null ? hashed : compressed;
            foreach (var (bytes, length) in _blocks.GetConsumingEnumerable())
            {
                to.Write(bytes, 0, length);
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
        catch
        {
            _blocks.CompleteAdding();
            while (_blocks.TryTake(out _)) { }
            throw;
        }
    }

    private sealed class HashedStream(MergedFileStream owner) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            owner._hash.AppendData(buffer);
            owner._file.Write(buffer);
            owner.Written += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
