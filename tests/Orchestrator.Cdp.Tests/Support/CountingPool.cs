using System.Buffers;
using System.Collections.Concurrent;

namespace Orchestrator.Cdp.Tests.Support;

/// <summary>Knows which buffers are out, fills them with rubbish when they come back, and notices one that comes back twice.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private readonly ConcurrentDictionary<byte[], bool> _out = new(ReferenceEqualityComparer.Instance);

    public int Out => _out.Count;

    public int Misused { get; private set; }

    public override byte[] Rent(int minimumLength)
    {
        // Never one that was out before: who still looks at a returned one sees rubbish.
        var buffer = new byte[Math.Max(16, minimumLength)];
        _out[buffer] = true;
        return buffer;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        Array.Fill(array, (byte)'?');
        if (!_out.TryRemove(array, out _))
            Misused++;
    }
}
