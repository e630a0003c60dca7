using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>What the browsers of a scenario record: made up, or a file that was recorded before.</summary>
internal sealed class ScenarioFileContent(TraceFormat format, TraceCompression compression, Func<string, byte[]> readReplay)
{
    public TraceContent Read(ScenarioFileBlock block, TraceContent unlessSaid)
    {
        var (replay, events, bytes, categories) = (block.Value("replay"), block.Value("events-per-second"), block.Value("argument-bytes"), block.Value("categories"));
        block.Close();
        if (replay is not null)
        {
            foreach (var other in (ScenarioFileValue?[])[events, bytes, categories])
                other?.Complain("in contradiction to 'replay', whose file has its own events; leave one of them out");
            return Replayed(replay) ?? unlessSaid;
        }

        var usual = unlessSaid as TraceContent.Generated ?? new TraceContent.Generated();
        return usual with
        {
            EventsPerSecond = events?.AsNumber(0, 1_000_000) ?? usual.EventsPerSecond,
            ArgumentBytes = bytes?.AsSize(0, 1 << 20) ?? usual.ArgumentBytes,
            Categories = categories?.AsList("[blink, v8]", least: 1)?.Select(Category).OfType<string>().ToList() ?? usual.Categories,
        };
    }

    private static string? Category(ScenarioFileValue value)
    {
        if (value.AsText() is not { } name) return null;
        if (name.Length > 0 && !name.Contains(',', StringComparison.Ordinal) && !name.Any(char.IsControl)) return name;
        value.Complain("no category; write one name");
        return null;
    }

    private TraceContent.Replayed? Replayed(ScenarioFileValue value)
    {
        if (value.AsText() is not { } name) return null;
        if (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl))
        {
            value.Complain("no path; name a recorded trace");
            return null;
        }

        try
        {
            var bytes = readReplay(name);
            if (Mismatch(bytes) is not { } mismatch) return new TraceContent.Replayed(bytes);
            value.Complain(mismatch);
        }
        catch (FileNotFoundException)
        {
            value.Complain("a file that does not exist; its path counts from the scenario file's folder");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            value.Complain($"a file that cannot be read: {unreadable.Message}");
        }

        return null;
    }

    /// <summary>Why the bytes cannot be what the browsers will be asked for, as far as their beginning tells; null when they may be.</summary>
    private string? Mismatch(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "an empty file";
        var isGzip = bytes is [0x1F, 0x8B, ..];
        if (isGzip) return compression is TraceCompression.Gzip ? null : "a gzip file; say compression = gzip, or unpack it";
        if (compression is TraceCompression.Gzip) return "no gzip file; say compression = none, or pack it";
        // A Perfetto trace is a list of packets: field 1 with a length.
        if (format is TraceFormat.Proto) return bytes[0] == 0x0A ? null : "no Perfetto trace; say format = json if it is Chrome JSON";
        return bytes.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] ? null : "no Chrome JSON; say format = proto if it is a Perfetto trace";
    }
}
