using System.Text;
using Orchestrator.Cdp.Traces;

namespace Orchestrator.Cdp.Tests.Support;

/// <summary>Keeps what it is given, and fails or waits on demand.</summary>
internal sealed class MemorySink : ITraceSink
{
    private readonly MemoryStream _bytes = new();
    private int _inside;

    public Exception? Fault { get; set; }

    /// <summary>Fails as soon as it would hold more than this.</summary>
    public long FaultAfter { get; set; } = -1;

    /// <summary>Awaited in each write.</summary>
    public Func<CancellationToken, Task>? Wait { get; set; }

    public long Length => _bytes.Length;

    public byte[] Bytes => _bytes.ToArray();

    public string Text => Encoding.UTF8.GetString(Bytes);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        Assert.Equal(1, Interlocked.Increment(ref _inside));
        if (Wait is { } wait)
            await wait(ct);
        if (Fault is { } fault && _bytes.Length + bytes.Length > FaultAfter)
            throw fault;
        _bytes.Write(bytes.Span);
        Interlocked.Decrement(ref _inside);
    }
}
