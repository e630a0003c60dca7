using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// Where a merged file's bytes go: compressed, hashed and written by a thread of their own. They come in lanes, several of which may be
/// written at once; the file takes a block of each in turn, so that it is the same file however fast each of them is.
/// </summary>
internal sealed class MergedFileStream : IAsyncDisposable
{
    private const int FileBufferBytes = 256 << 10;

    private readonly BlockingCollection<IReadOnlyList<MergedLane>> _groups = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Stream _file;
    private readonly Task _writing;
    private ExceptionDispatchInfo? _failure;

    /// <param name="level">Null: as they are.</param>
    public MergedFileStream(Stream file, CompressionLevel? level)
    {
        _file = file;
        _writing = Task.Factory.StartNew(() => Write(level), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Bytes on disk; after <see cref="CompleteAsync"/> all of them.</summary>
    public long Written { get; private set; }

    /// <summary>Lanes whose blocks follow, mixed with each other's, on those of the lanes before.</summary>
    public IReadOnlyList<MergedLane> Open(int count)
    {
        MergedLane[] lanes = [.. Enumerable.Range(0, count).Select(_ => new MergedLane(_stop.Token))];
        _groups.Add(lanes);
        return lanes;
    }

    /// <summary>Ends the writing, and with it all lanes: whoever writes into one gets an <see cref="OperationCanceledException"/>.</summary>
    /// <param name="reason">What <see cref="ThrowIfFailed"/> throws; the first one counts.</param>
    public void Fail(Exception reason)
    {
        Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(reason), null);
        _stop.Cancel();
    }

    /// <summary>Throws what made it fail, if it did: the lanes only see that nobody takes their blocks any more.</summary>
    public void ThrowIfFailed() => _failure?.Throw();

    /// <summary>Waits until everything has been written.</summary>
    /// <returns>The SHA-256 of the bytes on disk, lower-case hex.</returns>
    public async Task<string> CompleteAsync()
    {
        _groups.CompleteAdding();
        await _writing;
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _groups.Dispose();
        _hash.Dispose();
        _stop.Dispose();
    }

    private void Write(CompressionLevel? level)
    {
        try
        {
            using var hashed = new BufferedStream(new HashedStream(this), FileBufferBytes);
            using var compressed = level is { } how ? new GZipStream(hashed, how, leaveOpen: true) : null;
            Stream to = compressed is null ? hashed : compressed;
            foreach (var group in _groups.GetConsumingEnumerable(_stop.Token))
            {
                for (var open = group.ToList(); open.Count > 0;) open.RemoveAll(lane => !lane.WriteBlock(to));
            }
        }
        catch (Exception e)
        {
            Fail(e);
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

/// <summary>
/// Bytes on their way into a merged file. A block ends where a span was asked for: what is asked for in one span stays together.
/// Whoever writes waits when it is more than a few blocks ahead.
/// </summary>
internal sealed class MergedLane(CancellationToken stopped) : IBufferWriter<byte>
{
    private const int BlockBytes = 256 << 10;
    private const int MostBlocksAhead = 4;

    private readonly BlockingCollection<(byte[] Bytes, int Length)> _blocks = new(MostBlocksAhead);
    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockBytes);
    private int _length;

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

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        HandOver();
        _blocks.CompleteAdding();
    }

    /// <summary>Writes its next block, waiting for it; false when there is none any more.</summary>
    public bool WriteBlock(Stream to)
    {
        if (!_blocks.TryTake(out var block, Timeout.Infinite, stopped)) return false;
        to.Write(block.Bytes, 0, block.Length);
        ArrayPool<byte>.Shared.Return(block.Bytes);
        return true;
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
        _blocks.Add((_block, _length), stopped);
        _block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        _length = 0;
    }
}
