using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>
/// What has to be known of a serialized <c>perfetto.protos.TraceConfig</c> before it is sent: that it is one, that it has
/// a data source, and in which format the browser will answer, which the config decides and not <c>streamFormat</c>.
/// </summary>
/// <param name="Problem">Why the browser would refuse it; null when it would not.</param>
internal sealed record PerfettoConfigFile(string? Problem, TraceFormat Format)
{
    // perfetto.protos: TraceConfig.data_sources = 2, DataSource.config = 1, DataSourceConfig.chrome_config = 101,
    // ChromeConfig.convert_to_legacy_json = 3.
    private const int DataSources = 2;
    private static readonly int[] ChromeConfigInDataSource = [1, 101];
    private const int ConvertToLegacyJson = 3;

    public static PerfettoConfigFile Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return new PerfettoConfigFile("is empty", TraceFormat.Proto);
        if (IsText(bytes))
        {
            return new PerfettoConfigFile(
                "is text; the browser takes a binary perfetto.protos.TraceConfig: encode it with protoc --encode=perfetto.protos.TraceConfig", TraceFormat.Proto);
        }

        var sources = 0;
        var json = false;
        var wire = new ProtobufFields(bytes);
        while (wire.Next())
        {
            if (wire.Number != DataSources || !wire.IsBytes) continue;
            sources++;
            json |= IsLegacyJson(wire.Bytes);
        }

        if (!wire.IsWhole) return new PerfettoConfigFile("is no serialized perfetto.protos.TraceConfig: its bytes are not protobuf", TraceFormat.Proto);
        return new PerfettoConfigFile(
            sources == 0 ? "has no data source, and the browser would refuse it: add a data_sources with a config" : null,
            json ? TraceFormat.Json : TraceFormat.Proto);
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (value is (< 0x20 or > 0x7e) and not ((byte)'\n' or (byte)'\r' or (byte)'\t')) return false;
        }

        return true;
    }

    private static bool IsLegacyJson(ReadOnlySpan<byte> message, int depth = 0)
    {
        var found = false;
        var wire = new ProtobufFields(message);
        while (wire.Next())
        {
            if (depth == ChromeConfigInDataSource.Length)
            {
                if (wire.Number == ConvertToLegacyJson && !wire.IsBytes) found = wire.Value != 0;
            }
            else if (wire.Number == ChromeConfigInDataSource[depth] && wire.IsBytes)
            {
                found |= IsLegacyJson(wire.Bytes, depth + 1);
            }
        }

        return found;
    }
}

/// <summary>The fields of one protobuf message, one after the other.</summary>
internal ref struct ProtobufFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public int Number { get; private set; }

    /// <summary>The field is length-delimited: <see cref="Bytes"/> holds it; else <see cref="Value"/> does.</summary>
    public bool IsBytes { get; private set; }

    public ReadOnlySpan<byte> Bytes { get; private set; }
    public ulong Value { get; private set; }

    /// <summary>False once something was found that no message has.</summary>
    public bool IsWhole { get; private set; } = true;

    public bool Next()
    {
        if (_rest.IsEmpty || !IsWhole) return false;
        IsWhole = TryRead();
        return IsWhole;
    }

    private bool TryRead()
    {
        if (!TryVarint(out var tag) || tag >> 3 is 0 or > (1 << 29) - 1) return false;
        (Number, IsBytes) = ((int)(tag >> 3), (tag & 7) == 2);
        switch (tag & 7)
        {
            case 0:
                if (!TryVarint(out var value)) return false;
                Value = value;
                return true;
            case 1:
                return TrySkip(8);
            case 5:
                return TrySkip(4);
            case 2:
                if (!TryVarint(out var length) || length > (ulong)_rest.Length) return false;
                Bytes = _rest[..(int)length];
                return TrySkip((int)length);
            default:
                return false;
        }
    }

    private bool TrySkip(int bytes)
    {
        if (_rest.Length < bytes) return false;
        _rest = _rest[bytes..];
        return true;
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var index = 0; index < Math.Min(10, _rest.Length); index++)
        {
            value |= (ulong)(_rest[index] & 0x7f) << (7 * index);
            if (_rest[index] >= 0x80) continue;
            _rest = _rest[(index + 1)..];
            return true;
        }

        return false;
    }
}
