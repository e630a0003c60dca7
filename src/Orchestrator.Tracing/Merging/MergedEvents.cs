using System.Buffers;
using System.Text.Json;

namespace Orchestrator.Tracing.Merging;

/// <summary>The merge's own events at the front of a merged trace's list.</summary>
internal sealed class MergedEvents(IBufferWriter<byte> output)
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };

    private readonly Utf8JsonWriter _json = new(output, Unchecked);

    private bool _isFirst = true;

    /// <summary>Before every event but the first.</summary>
    public static ReadOnlySpan<byte> Separator => ",\n"u8;

    /// <summary>Writes one event of our own.</summary>
    public void Write(Action<Utf8JsonWriter> write)
    {
        Separate();
        write(_json);
        _json.Flush();
        _json.Reset();
    }

    private void Separate()
    {
        var separator = _isFirst ? "\n"u8 : Separator;
        _isFirst = false;
        separator.CopyTo(output.GetSpan(separator.Length));
        output.Advance(separator.Length);
    }
}
