namespace Orchestrator.TestKit;

/// <summary>As much of a look at a <c>perfetto.protos.TraceConfig</c> as Chromium's refusals need: whether it is a message at all, and has a data source.</summary>
internal static class PerfettoConfigCheck
{
    private const int DataSources = 2; // TraceConfig.data_sources

    /// <returns>Null if there is nothing to refuse.</returns>
    public static CdpTestAnswer? Refuse(string base64)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length))
            return CdpTestAnswer.Error(-32602, "Invalid parameters", "Failed to deserialize params.perfettoConfig - BINDINGS: invalid base64 string at position 0");
        if (!TryReadFields(bytes.AsSpan(0, length), out var fields))
            return CdpTestAnswer.Error(-32602, "Couldn't parse the supplied perfettoConfig.");
        return fields.Contains(DataSources) ? null : CdpTestAnswer.Error(-32602, "Supplied perfettoConfig doesn't have any data sources specified");
    }

    private static bool TryReadFields(ReadOnlySpan<byte> message, out HashSet<int> fields)
    {
        fields = [];
        while (!message.IsEmpty)
        {
            if (!TryReadVarint(ref message, out var tag) || tag >> 3 == 0)
                return false;
            ulong skip = 0;
            var isRead = (tag & 7) switch
            {
                0 => TryReadVarint(ref message, out _),
                1 => (skip = 8) > 0,
                2 => TryReadVarint(ref message, out skip),
                5 => (skip = 4) > 0,
                _ => false,
            };
            if (!isRead || skip > (ulong)message.Length)
                return false;
            message = message[(int)skip..];
            fields.Add((int)(tag >> 3));
        }

        return true;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> message, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && !message.IsEmpty; shift += 7)
        {
            var b = message[0];
            message = message[1..];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return true;
        }

        return false;
    }
}
