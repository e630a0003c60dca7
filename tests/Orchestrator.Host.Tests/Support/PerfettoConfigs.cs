namespace Orchestrator.Host.Tests.Support;

/// <summary>Serialized perfetto.protos.TraceConfig messages, written field by field.</summary>
internal static class PerfettoConfigs
{
    public static byte[] NoDataSource => Message(1, Varint(1, 4096));

    public static byte[] TrackEvents => [.. Message(1, Varint(1, 4096)), .. Message(2, Message(1, Message(1, "track_event"u8)))];

    public static byte[] LegacyJson =>
        [.. Message(1, Varint(1, 4096)), .. Message(2, Message(1, [.. Message(1, "track_event"u8), .. Message(101, Varint(3, 1))]))];

    private static byte[] Varint(int field, ulong value) => [.. Number((ulong)field << 3), .. Number(value)];

    private static byte[] Message(int field, ReadOnlySpan<byte> bytes) => [.. Number(((ulong)field << 3) | 2), .. Number((ulong)bytes.Length), .. bytes];

    private static List<byte> Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }
}
