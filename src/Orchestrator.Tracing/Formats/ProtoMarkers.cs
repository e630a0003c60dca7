using System.Text;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Recognises a clock sync marker among track events (protos/perfetto/trace/track_event/track_event.proto): an event called
/// <c>clock_sync</c> of the legacy phase <c>c</c>, with a debug annotation <c>sync_id</c>.
/// </summary>
internal static class ProtoMarkers
{
    // LegacyEvent.phase (2) = 'c'.
    private static ReadOnlySpan<byte> Phase => [(2 << 3) | ProtoWire.Varint, (byte)'c'];

    /// <summary>Null: it is no marker.</summary>
    public static string? SyncIdOf(ReadOnlySpan<byte> trackEvent, ProtoSequence? sequence)
    {
        // Nearly no event is a marker, and these two bytes tell at once.
        if (trackEvent.IndexOf(Phase) < 0) return null;
        var (isNamed, isMarker, syncId) = (false, false, (string?)null);
        var fields = new ProtoFields(trackEvent);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case (10 << 3) | ProtoWire.Varint:
                    isNamed = sequence?.IsMarkerName(fields.Number) ?? false;
                    break;
                case (23 << 3) | ProtoWire.Bytes:
                    isNamed = fields.Content.SequenceEqual("clock_sync"u8);
                    break;
                case (6 << 3) | ProtoWire.Bytes:
                    isMarker = HasPhase(fields.Content);
                    break;
                case (4 << 3) | ProtoWire.Bytes:
                    syncId ??= SyncIdIn(fields.Content, sequence);
                    break;
            }
        }

        return isNamed && isMarker ? syncId : null;
    }

    private static bool HasPhase(ReadOnlySpan<byte> legacyEvent)
    {
        var fields = new ProtoFields(legacyEvent);
        while (fields.MoveNext())
        {
            if (fields.Tag == ProtoWire.Tag(2, ProtoWire.Varint) && fields.Number == 'c') return true;
        }

        return false;
    }

    private static string? SyncIdIn(ReadOnlySpan<byte> annotation, ProtoSequence? sequence)
    {
        var (isNamed, text) = (false, (string?)null);
        var fields = new ProtoFields(annotation);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | ProtoWire.Varint:
                    isNamed = sequence?.IsSyncIdName(fields.Number) ?? false;
                    break;
                case (10 << 3) | ProtoWire.Bytes:
                    isNamed = fields.Content.SequenceEqual("sync_id"u8);
                    break;
                case (6 << 3) | ProtoWire.Bytes:
                    text = fields.Content.Length <= ProtoTraceReader.MostSyncIdBytes ? Encoding.UTF8.GetString(fields.Content) : null;
                    break;
                case (17 << 3) | ProtoWire.Varint:
                    text = sequence?.StringOf(fields.Number);
                    break;
            }
        }

        return isNamed ? text : null;
    }
}
