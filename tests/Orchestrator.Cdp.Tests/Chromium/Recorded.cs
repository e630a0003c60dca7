using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Orchestrator.Cdp.Protocol;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>What a recording brought, and whether it is what it claims to be.</summary>
internal sealed record Recorded(TracingComplete Complete, byte[] Bytes)
{
    /// <summary>Without compression; a gzip file that is cut off does not get through.</summary>
    public byte[] Plain
    {
        get
        {
            if (Complete.StreamCompression is not StreamCompression.Gzip)
                return Bytes;
            using var gzip = new GZipStream(new MemoryStream(Bytes), CompressionMode.Decompress);
            var plain = new MemoryStream();
            gzip.CopyTo(plain);
            return plain.ToArray();
        }
    }

    /// <summary>The text of a proto trace, in which strings stand as they are.</summary>
    public string Latin1 => Encoding.Latin1.GetString(Plain);

    /// <summary>The events of a JSON trace that parses to its end.</summary>
    public IReadOnlyList<JsonElement> Events => EventsOf(Plain);

    public static IReadOnlyList<JsonElement> EventsOf(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            // to the end, or an exception
        }

        return [.. JsonDocument.Parse(json).RootElement.GetProperty("traceEvents").EnumerateArray()];
    }

    /// <summary>The packets of a proto trace, whose framing leads to its end: field 1, length-delimited, again and again.</summary>
    public int CountPackets() => CountMessages(Plain, field: 1);

    public static int CountMessages(ReadOnlySpan<byte> bytes, int field)
    {
        var count = 0;
        while (!bytes.IsEmpty)
        {
            Assert.Equal((ulong)((field << 3) | 2), ReadVarint(ref bytes));
            var length = (int)ReadVarint(ref bytes);
            bytes = bytes[length..];
            count++;
        }

        return count;
    }

    public static bool NameIs(JsonElement e, string name) => e.TryGetProperty("name", out var actual) && actual.ValueEquals(name);

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
    }
}

/// <summary>As much of perfetto.protos.TraceConfig as the tests need, written by hand.</summary>
internal static class PerfettoConfig
{
    /// <summary>One data source <c>track_event</c> with these categories enabled and all others disabled.</summary>
    public static string TrackEvents(params string[] categories) => Build("track_event", Bytes(113, [.. categories.SelectMany(c => Text(2, c)), .. Text(1, "*")]));

    /// <summary>A data source of the operating system, which Chromium has not.</summary>
    public static string Ftrace() => Build("linux.ftrace", []);

    private static string Build(string dataSource, byte[] options)
    {
        byte[] buffers = Bytes(1, Number(1, 4096)); // TraceConfig.buffers { size_kb }
        byte[] sources = Bytes(2, Bytes(1, [.. Text(1, dataSource), .. options])); // TraceConfig.data_sources { config { name, ... } }
        return Convert.ToBase64String([.. buffers, .. sources]);
    }

    private static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(int field, byte[] content) => [.. Varint((uint)((field << 3) | 2)), .. Varint((uint)content.Length), .. content];

    private static byte[] Number(int field, uint value) => [.. Varint((uint)(field << 3)), .. Varint(value)];

    private static byte[] Varint(uint value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
