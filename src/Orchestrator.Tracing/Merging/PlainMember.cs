using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// A browser's uncompressed, whole trace as a member of an archive: bytes in front, then those of its file, its own wall clock blanked
/// (<see cref="ProtoWallClock"/>). So its length is known before it is read, and its header can stand, and be hashed, in front of it.
/// </summary>
/// <remarks>A stream because <see cref="System.Formats.Tar.TarWriter"/> takes one; it can only be copied, once and wholly.</remarks>
/// <param name="source">At its beginning.</param>
/// <param name="progress">Told how much of the source is done.</param>
internal sealed class PlainMember(Stream source, ReadOnlyMemory<byte> front, Action<long> progress) : Stream
{
    private const int BlockBytes = 1 << 20;

    private readonly long _sourceBytes = source.Length;

    /// <summary>All that was promised has been copied. False: the source is something else, as one that breaks off; take back what was copied.</summary>
    public bool IsWhole { get; private set; }

    public override long Length => front.Length + _sourceBytes;
    public override long Position { get; set; }
    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;

    /// <summary>Reads and looks through one block while the one before is hashed and written.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        await destination.WriteAsync(front, cancellationToken);
        var (block, next) = (new byte[BlockBytes], new byte[BlockBytes]);
        var writing = Task.CompletedTask;
        try
        {
            var (copied, carried) = (0L, 0);
            while (ReadSource(block.AsSpan(carried)) is var read and > 0)
            {
                var filled = carried + read;
                if (!ProtoWallClock.TryBlankAll(block.AsSpan(0, filled), out var whole)) return;

                await writing;
                progress(copied += whole);
                cancellationToken.ThrowIfCancellationRequested();
                // The packet that has only begun goes on in the next block, which has room for more of it.
                carried = filled - whole;
                if (next.Length < 2 * carried) next = new byte[2 * carried];
                block.AsSpan(whole, carried).CopyTo(next);
                var full = block;
                writing = Task.Run(() => destination.Write(full, 0, whole), CancellationToken.None);
                (block, next) = (next, block);
            }

            IsWhole = carried == 0 && copied == _sourceBytes;
        }
        finally
        {
            await writing;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() { }

    private int ReadSource(Span<byte> portion)
    {
        try
        {
            return source.Read(portion);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // What cannot be read ends the trace, and so it is not whole.
            return 0;
        }
    }
}
