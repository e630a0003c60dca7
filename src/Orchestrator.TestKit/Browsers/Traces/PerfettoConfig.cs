using System.Text;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>As much of a <c>perfetto.protos.TraceConfig</c> as Chromium's refusals and a recording's content need (protos/perfetto/config/trace_config.proto).</summary>
internal sealed class PerfettoConfig
{
    private const ulong BuffersTag = (1 << 3) | ProtoWire.Bytes;
    private const ulong DataSourcesTag = (2 << 3) | ProtoWire.Bytes;
    private readonly List<string> _enabled = [];
    private readonly List<string> _disabled = [];

    public IReadOnlyList<string> EnabledCategories => _enabled;

    public IReadOnlyList<string> DisabledCategories => _disabled;

    public bool HasDataSources { get; private set; }

    /// <summary>One of its data sources is not Chromium's.</summary>
    public bool AsksForTheSystem { get; private set; }

    /// <summary>Of the first buffer; 0: not said.</summary>
    public long BufferKb { get; private set; }

    /// <summary>What does not fit is dropped, instead of what is oldest.</summary>
    public bool DiscardsNew { get; private set; }

    /// <returns>Null: it is no message.</returns>
    public static PerfettoConfig? Parse(ReadOnlySpan<byte> bytes)
    {
        var config = new PerfettoConfig();
        var fields = new ProtoFields(bytes);
        while (fields.MoveNext())
        {
            if (fields.Tag == BuffersTag && config.BufferKb == 0) config.ReadBuffer(fields.Content);
            if (fields.Tag != DataSourcesTag) continue;
            config.HasDataSources = true;
            var source = new ProtoFields(fields.Content);
            while (source.MoveNext())
            {
                if (source.Tag == ((1 << 3) | ProtoWire.Bytes)) config.ReadSource(source.Content);
            }
        }

        return fields.IsMalformed ? null : config;
    }

    private void ReadBuffer(ReadOnlySpan<byte> buffer)
    {
        var fields = new ProtoFields(buffer);
        while (fields.MoveNext())
        {
            if (fields.Tag == ((1 << 3) | ProtoWire.Varint)) BufferKb = (long)Math.Min(fields.Number, int.MaxValue);
            if (fields.Tag == ((4 << 3) | ProtoWire.Varint)) DiscardsNew = fields.Number == 2;
        }
    }

    private void ReadSource(ReadOnlySpan<byte> source)
    {
        var fields = new ProtoFields(source);
        while (fields.MoveNext())
        {
            if (fields.Tag == ((1 << 3) | ProtoWire.Bytes))
            {
                var name = Encoding.UTF8.GetString(fields.Content);
                AsksForTheSystem |= name != "track_event" && !name.StartsWith("org.chromium.", StringComparison.Ordinal);
            }

            // DataSourceConfig.track_event_config
            if (fields.Tag == ((113 << 3) | ProtoWire.Bytes)) ReadTrackEvents(fields.Content);
        }
    }

    private void ReadTrackEvents(ReadOnlySpan<byte> config)
    {
        var fields = new ProtoFields(config);
        while (fields.MoveNext())
        {
            if (fields.Tag == ((1 << 3) | ProtoWire.Bytes)) _disabled.Add(Encoding.UTF8.GetString(fields.Content));
            if (fields.Tag == ((2 << 3) | ProtoWire.Bytes)) _enabled.Add(Encoding.UTF8.GetString(fields.Content));
        }
    }
}
