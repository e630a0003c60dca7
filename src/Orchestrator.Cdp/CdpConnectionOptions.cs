using System.Buffers;

namespace Orchestrator.Cdp;

/// <summary>How a connection reads.</summary>
public sealed record CdpConnectionOptions
{
    public static CdpConnectionOptions Default { get; } = new();

    /// <summary>
    /// The largest message that is taken, in bytes; a larger one breaks the connection as <see cref="CdpBreakKind.Oversized"/>.
    /// 1 KiB to 1 GiB, default 256 MiB: Chromium's largest is an <c>IO.read</c> with no size, about 10 MB of data and as much again for escapes.
    /// </summary>
    public int MaxMessageBytes
    {
        get;
        init => field = value is >= 1 << 10 and <= 1 << 30
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxMessageBytes), value, "MaxMessageBytes is 1 KiB to 1 GiB.");
    } = 256 << 20;

    /// <summary>
    /// What the receive buffer starts with, in bytes; it grows to the size of the messages that come.
    /// 256 bytes to 16 MiB, default 128 KiB: a <c>Tracing.dataCollected</c> of Chromium is 65 KB or a little more.
    /// </summary>
    public int ReceiveBufferBytes
    {
        get;
        init => field = value is >= 256 and <= 16 << 20
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ReceiveBufferBytes), value, "ReceiveBufferBytes is 256 bytes to 16 MiB.");
    } = 128 << 10;

    /// <summary>What errors call the peer; default: the address, or <c>the browser</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Where buffers come from and go back to; tests count both.</summary>
    internal ArrayPool<byte> Pool { get; init; } = ArrayPool<byte>.Shared;
}
