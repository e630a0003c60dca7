namespace Orchestrator.Tracing.Formats;

/// <summary>What a proto trace says was lost: the service's counters (protos/perfetto/common/trace_stats.proto), and sequences that broke off and went on.</summary>
internal sealed class ProtoLosses
{
    private Dictionary<string, long> _counted = [];
    private long _gaps;

    /// <summary>A packet says that others before it, on its sequence, are missing.</summary>
    public void Gap() => _gaps++;

    /// <summary>The counters go up over a recording: the last ones hold.</summary>
    public void Learn(ReadOnlySpan<byte> traceStats)
    {
        _counted = [];
        var fields = new ProtoFields(traceStats);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | ProtoWire.Bytes:
                    LearnBuffer(fields.Content);
                    break;
                // The service's own chunks_discarded (8) and patches_discarded (9) count what named a buffer that is gone, of
                // other sessions too: Chromium 156 shows hundreds in a trace that lost nothing.
                case (10 << 3) | ProtoWire.Varint:
                    Count("invalid_packets", fields.Number);
                    break;
                case (14 << 3) | ProtoWire.Varint:
                    Count("flushes_failed", fields.Number);
                    break;
            }
        }
    }

    public IReadOnlyDictionary<string, long> ToDictionary()
    {
        if (_gaps > 0) _counted["previous_packet_dropped"] = _gaps;
        return _counted;
    }

    private void LearnBuffer(ReadOnlySpan<byte> bufferStats)
    {
        var fields = new ProtoFields(bufferStats);
        while (fields.MoveNext())
        {
            var name = fields.Tag switch
            {
                (3 << 3) | ProtoWire.Varint => "chunks_overwritten",
                (6 << 3) | ProtoWire.Varint => "patches_failed",
                (9 << 3) | ProtoWire.Varint => "abi_violations",
                (13 << 3) | ProtoWire.Varint => "bytes_overwritten",
                (18 << 3) | ProtoWire.Varint => "chunks_discarded",
                (19 << 3) | ProtoWire.Varint => "trace_writer_packet_loss",
                _ => null,
            };
            if (name is not null) Count(name, fields.Number);
        }
    }

    private void Count(string name, ulong lost)
    {
        if (lost is 0 or > long.MaxValue / 2) return;
        _counted[name] = _counted.GetValueOrDefault(name) + (long)lost;
    }
}
