using Orchestrator.Tracing.Formats;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>
/// Writes a recording as Chromium's proto trace, packet by packet (field numbers: protos/perfetto/trace/trace_packet.proto): the
/// service's clock snapshots, for each writer a sequence with clocks, names and tracks of its own, events with delta instants.
/// </summary>
internal sealed class ProtoTraceSource
{
    private const int ServiceSequence = 1;
    private const int Realtime = 1, RealtimeCoarse = 2, Monotonic = 3, Boottime = 6;

    private readonly TraceStory _story;
    private readonly ProtoWriter _trace = new();
    private readonly ProtoWriter _packet = new();
    private readonly ProtoWriter _event = new();
    private readonly ProtoSequenceWriter _browser;
    private readonly ProtoSequenceWriter _renderer;
    private readonly ProtoSequenceWriter _marks;

    private ProtoTraceSource(TraceStory story)
    {
        _story = story;
        var begin = story.At(story.Content.From);
        _browser = new ProtoSequenceWriter(2, new ProtoThread(story.BrowserPid, "Browser", story.BrowserPid, "CrBrowserMain"), begin);
        _renderer = new ProtoSequenceWriter(3, new ProtoThread(story.RendererPid, "Renderer", story.RendererPid, "CrRendererMain"), begin);
        // Of the same thread, as Chromium's: slices are written whole, and a marker may fall into one.
        _marks = new ProtoSequenceWriter(4, new ProtoThread(story.BrowserPid, "Browser", story.BrowserPid, "CrBrowserMain"), begin);
    }

    /// <summary>One packet after the other; each holds until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Packets(TraceStory story) => new ProtoTraceSource(story).Packets();

    private IEnumerable<ReadOnlyMemory<byte>> Packets()
    {
        var recording = _story.Recording;
        Snapshot(recording.StartedNanos!.Value);
        yield return Take();
        foreach (var sequence in new[] { _browser, _renderer, _marks })
        {
            sequence.Begin(_trace);
            sequence.Names(_trace, [.. _story.Content.Categories]);
            yield return Take();
        }

        if (_story.TellsStart)
        {
            TellStart();
            yield return Take();
        }

        var random = new Random(_story.Content.Seed);
        foreach (var item in _story.Content.Items())
        {
            switch (item.Kind)
            {
                case RecordedKind.Slice:
                    Slice(item, random);
                    break;
                case RecordedKind.Marker:
                    Marker(item);
                    break;
                case RecordedKind.Dump:
                    Dump(item);
                    break;
            }

            yield return Take();
        }

        Snapshot(recording.EndedNanos!.Value);
        Stats();
        yield return Take();
    }

    private ReadOnlyMemory<byte> Take()
    {
        var taken = _trace.WrittenMemory;
        // It stays in the writer's array until more is written.
        _trace.Reset();
        return taken;
    }

    private void Slice(in RecordedItem item, Random random)
    {
        var sequence = TraceStory.IsOnRenderer(item) ? _renderer : _browser;
        _event.Reset();
        _event.Number(9, 1);
        _event.Number(3, ProtoSequenceWriter.FirstOwnName + item.Category);
        _event.Number(10, ProtoSequenceWriter.FirstOwnName + item.Category);
        if (_story.Content.ArgumentBytes is > 0 and var length)
        {
            _packet.Reset();
            _packet.Number(1, ProtoSequenceWriter.DataName);
            var text = System.Buffers.ArrayPool<byte>.Shared.Rent(length);
            TraceStory.FillArgument(random, text.AsSpan(0, length));
            _packet.Bytes(6, text.AsSpan(0, length));
            System.Buffers.ArrayPool<byte>.Shared.Return(text);
            _event.Bytes(4, _packet.Written);
        }

        sequence.Event(_trace, _story.At(item.TrueNanos), _event.Written);
        _event.Reset();
        _event.Number(9, 2);
        sequence.Event(_trace, _story.At(item.TrueNanos + item.Nanos), _event.Written);
    }

    private void Marker(in RecordedItem item)
    {
        _packet.Reset();
        _packet.Number(1, ProtoSequenceWriter.SyncIdName);
        _packet.Bytes(6, _story.Recording.Markers.SyncId((int)item.Index));
        _event.Reset();
        _event.Number(3, ProtoSequenceWriter.MetadataCategory);
        _event.Number(10, ProtoSequenceWriter.ClockSyncName);
        _event.Number(11, 0);
        _event.Bytes(4, _packet.Written);
        _event.Bytes(6, [(2 << 3) | ProtoWire.Varint, (byte)'c']);
        _marks.Event(_trace, _story.At(item.TrueNanos), _event.Written);
    }

    /// <summary>From a page it names the frames, without which DevTools opens no trace.</summary>
    private void TellStart()
    {
        _event.Reset();
        _event.Number(9, 3);
        _event.Number(3, ProtoSequenceWriter.StartCategory);
        _event.Number(10, ProtoSequenceWriter.StartName);
        if (_story.Recording.Page is { } page)
        {
            _event.Message(4, data =>
            {
                data.Number(1, ProtoSequenceWriter.DataName);
                data.Message(11, frames =>
                {
                    frames.Text(10, "frames");
                    frames.Message(12, frame =>
                    {
                        Entry(frame, "frame", value => value.Text(6, page.Id));
                        Entry(frame, "isInPrimaryMainFrame", value => value.Number(2, 1));
                        Entry(frame, "isOutermostMainFrame", value => value.Number(2, 1));
                        Entry(frame, "name", value => value.Text(6, ""));
                        Entry(frame, "processId", value => value.Number(4, _story.RendererPid));
                        Entry(frame, "url", value => value.Text(6, page.Url));
                    });
                });
                Entry(data, "persistentIds", value => value.Number(2, 1));
            });
        }

        _marks.Event(_trace, _story.At(_story.Content.From), _event.Written);

        static void Entry(ProtoWriter annotation, string name, Action<ProtoWriter> write) => annotation.Message(11, entry =>
        {
            entry.Text(10, name);
            write(entry);
        });
    }

    private void Dump(in RecordedItem item)
    {
        var dump = _story.Recording.Dumps![(int)item.Index];
        var at = _story.At(item.TrueNanos);
        _trace.Message(1, packet =>
        {
            packet.Number(8, at);
            packet.Number(58, Monotonic);
            packet.Message(73, snapshot =>
            {
                snapshot.Number(1, dump.Guid);
                snapshot.Number(2, dump.Level switch { "background" => 2, "light" => 1, _ => 0 });
                foreach (var pid in new[] { _story.BrowserPid, _story.RendererPid }) snapshot.Message(3, process => process.Number(1, pid));
            });
            packet.Number(10, ServiceSequence);
        });
    }

    /// <summary>All of the machine's clocks at one instant, nanoseconds.</summary>
    private void Snapshot(long trueNanos)
    {
        var at = _story.At(trueNanos);
        var wall = _story.WallAt(trueNanos);
        _trace.Message(1, packet =>
        {
            packet.Message(6, snapshot =>
            {
                snapshot.Number(2, Monotonic);
                foreach (var (clock, nanos) in new[] { (Boottime, at), (RealtimeCoarse, wall), (Realtime, wall), (Monotonic, at) })
                {
                    snapshot.Message(1, reading =>
                    {
                        reading.Number(1, clock);
                        reading.Number(2, nanos);
                    });
                }
            });
            packet.Number(3, 0);
            packet.Number(10, ServiceSequence);
            packet.Number(58, Boottime);
        });
    }

    /// <summary>The service's counters (protos/perfetto/common/trace_stats.proto): what the buffer took, and what it lost.</summary>
    private void Stats() => _trace.Message(1, packet =>
    {
        var isRing = _story.Recording.Setup.IsRing;
        packet.Message(35, stats => stats.Message(1, buffer =>
        {
            buffer.Number(12, _story.Recording.Setup.BufferBytes);
            buffer.Number(1, _story.Content.WrittenBytes);
            buffer.Number(2, _story.ChunksWritten);
            if (_story.IsLossy && isRing) buffer.Number(3, _story.ChunksLost);
            if (_story.IsLossy && isRing) buffer.Number(13, _story.Content.LostBytes);
            if (_story.IsLossy && !isRing) buffer.Number(18, _story.ChunksLost);
        }));
        packet.Number(3, 0);
        packet.Number(10, ServiceSequence);
        packet.Number(58, Boottime);
    });
}
