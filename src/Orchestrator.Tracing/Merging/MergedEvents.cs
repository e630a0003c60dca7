using System.Buffers;
using System.Text.Json;

namespace Orchestrator.Tracing.Merging;

/// <summary>The list of a merged trace's events while it is written: commas and line ends between them.</summary>
internal sealed class MergedEvents(IBufferWriter<byte> output)
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };

    private readonly Utf8JsonWriter _json = new(output, Unchecked);

    /// <summary>Events so far.</summary>
    public long Count { get; private set; }

    /// <summary>Writes one event of our own.</summary>
    public void Write(Action<Utf8JsonWriter> write)
    {
        Separate();
        write(_json);
        _json.Flush();
        _json.Reset();
    }

    /// <summary>To be called before an event is written to the output.</summary>
    public void Separate()
    {
        var separator = Count++ == 0 ? "\n"u8 : ",\n"u8;
        separator.CopyTo(output.GetSpan(2));
        output.Advance(separator.Length);
    }
}
