using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>Writes a recording as Chromium's JSON trace, event by event; all of it is ASCII, as Chromium's is.</summary>
internal sealed class JsonTraceSource(TraceStory story)
{
    private readonly ArrayBufferWriter<byte> _event = new(256);
    private readonly (string Category, string Name)[] _names = [.. story.Content.Categories.Select(category => (Quoted(category), Quoted(TraceStory.NameOf(category))))];

    /// <summary>The whole document, in pieces; each holds until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Document(TraceStory story)
    {
        yield return "{\"traceEvents\":[\n"u8.ToArray();
        var comma = ",\n"u8.ToArray();
        var isFirst = true;
        foreach (var one in Events(story))
        {
            if (!isFirst) yield return comma;
            isFirst = false;
            yield return one;
        }

        yield return Encoding.ASCII.GetBytes($"],\"metadata\":\n{Metadata(story)}}}");
    }

    /// <summary>The events alone; each holds until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Events(TraceStory story) => new JsonTraceSource(story).Events();

    private IEnumerable<ReadOnlyMemory<byte>> Events()
    {
        yield return Described("thread_name", story.BrowserPid, story.BrowserPid, "CrBrowserMain");
        yield return Described("thread_name", story.RendererPid, story.RendererPid, "CrRendererMain");
        yield return Described("process_name", story.RendererPid, 0, "Renderer");
        yield return Described("process_name", story.BrowserPid, 0, "Browser");
        if (story.TellsStart) yield return Start();
        var random = new Random(story.Content.Seed);
        foreach (var item in story.Content.Items())
        {
            if (item.Kind is RecordedKind.Slice)
            {
                yield return Slice(item, random);
            }
            else if (item.Kind is RecordedKind.Marker)
            {
                yield return Marker(item);
            }
            else
            {
                yield return Dump(item, story.BrowserPid);
                yield return Dump(item, story.RendererPid);
            }
        }
    }

    private static long Micros(long nanos) => nanos / 1000;

    private ReadOnlyMemory<byte> Described(string name, int pid, int tid, string value) =>
        Write($"{{\"args\":{{\"name\":\"{value}\"}},\"cat\":\"__metadata\",\"name\":\"{name}\",\"ph\":\"M\",\"pid\":{pid},\"tid\":{tid},\"ts\":0}}");

    private ReadOnlyMemory<byte> Start()
    {
        var args = "{}";
        if (story.Recording.Page is { } page)
        {
            args = $"{{\"data\":{{\"frameTreeNodeId\":1,\"frames\":[{{\"frame\":{Quoted(page.Id)},\"isInPrimaryMainFrame\":true,\"isOutermostMainFrame\":true,\"name\":\"\",\"processId\":{story.RendererPid},\"url\":{Quoted(page.Url)}}}],\"persistentIds\":true}}}}";
        }

        return Write($"{{\"args\":{args},\"cat\":\"disabled-by-default-devtools.timeline\",\"name\":\"TracingStartedInBrowser\",\"ph\":\"I\",\"pid\":{story.BrowserPid},\"s\":\"t\",\"tid\":{story.BrowserPid},\"ts\":{Micros(story.At(story.Content.From))},\"tts\":1000}}");
    }

    private ReadOnlyMemory<byte> Slice(in RecordedItem item, Random random)
    {
        var (begin, end) = (Micros(story.At(item.TrueNanos)), Micros(story.At(item.TrueNanos + item.Nanos)));
        var pid = TraceStory.IsOnRenderer(item) ? story.RendererPid : story.BrowserPid;
        _event.ResetWrittenCount();
        if (story.Content.ArgumentBytes is > 0 and var length)
        {
            _event.Write("{\"args\":{\"data\":\""u8);
            TraceStory.FillArgument(random, _event.GetSpan(length)[..length]);
            _event.Advance(length);
            _event.Write("\"}"u8);
        }
        else
        {
            _event.Write("{\"args\":{}"u8);
        }

        var (category, name) = _names[item.Category];
        var room = _event.GetSpan(256 + category.Length + name.Length);
        Utf8.TryWrite(room, $",\"cat\":{category},\"dur\":{Math.Max(0, end - begin)},\"name\":{name},\"ph\":\"X\",\"pid\":{pid},\"tid\":{pid},\"ts\":{begin}}}", out var written);
        _event.Advance(written);
        return _event.WrittenMemory;
    }

    private ReadOnlyMemory<byte> Marker(in RecordedItem item)
    {
        var cpu = Micros(item.TrueNanos - story.Recording.StartedNanos!.Value) / 20;
        var syncId = Encoding.UTF8.GetString(story.Recording.Markers.SyncId((int)item.Index));
        return Write($"{{\"args\":{{\"sync_id\":{Quoted(syncId)}}},\"cat\":\"__metadata\",\"name\":\"clock_sync\",\"ph\":\"c\",\"pid\":{story.BrowserPid},\"tid\":{story.BrowserPid},\"ts\":{Micros(story.At(item.TrueNanos))},\"tts\":{cpu}}}");
    }

    /// <summary>A JSON trace numbers its dumps anew, and calls them periodic whoever asked for them.</summary>
    private ReadOnlyMemory<byte> Dump(in RecordedItem item, int pid)
    {
        var dump = story.Recording.Dumps![(int)item.Index];
        return Write($"{{\"args\":{{\"dumps\":{{\"level_of_detail\":\"{dump.Level}\",\"process_totals\":{{\"private_footprint_bytes\":\"{pid * 256:x}000\"}}}}}},\"cat\":\"disabled-by-default-memory-infra\",\"id\":\"0x{item.Index:x}\",\"name\":\"periodic_interval\",\"ph\":\"v\",\"pid\":{pid},\"tid\":-1,\"ts\":{Micros(story.At(item.TrueNanos))}}}");
    }

    private static string Metadata(TraceStory story)
    {
        var (overwritten, discarded) = story.Recording.Setup.IsRing ? (story.ChunksLost, 0L) : (0L, story.ChunksLost);
        return $"{{\"clock-domain\":\"LINUX_CLOCK_MONOTONIC\",\"command_line\":\"chromium --headless --remote-debugging-port=0\",\"product-version\":{Quoted(story.Product)},"
            + $"\"trace-capture-datetime\":\"{story.Recording.StartedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}\","
            + $"\"trace_processor_stats\":{{\"traced_buf\":[{{\"abi_violations\":0,\"buffer_size\":{story.Recording.Setup.BufferBytes},\"bytes_written\":{story.Content.WrittenBytes},"
            + $"\"chunks_discarded\":{(story.IsLossy ? discarded : 0)},\"chunks_overwritten\":{(story.IsLossy ? overwritten : 0)},\"chunks_written\":{story.ChunksWritten}}}]}},"
            + $"\"user-agent\":{Quoted(story.UserAgent)}}}";
    }

    private ReadOnlyMemory<byte> Write(string text)
    {
        _event.ResetWrittenCount();
        Encoding.ASCII.GetBytes(text, _event);
        return _event.WrittenMemory;
    }

    /// <summary>A text as Chromium writes it: whatever is not ASCII is escaped.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var one in text)
        {
            switch (one)
            {
                case '"' or '\\':
                    quoted.Append('\\').Append(one);
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case < ' ' or > '~':
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}");
                    break;
                default:
                    quoted.Append(one);
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }
}
