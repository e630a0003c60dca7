using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>What both formats tell: the processes, the names, the instants, what was lost.</summary>
internal sealed class TraceStory
{
    private const int ChunkBytes = 4096;
    private const int FirstProcessId = 1000, LastProcessId = 4_000_000;

    public TraceStory(Recording recording, BrowserConditions conditions, string product, string userAgent, IReadOnlyList<SimulatedTarget> pages)
    {
        Content = new RecordedContent(recording, conditions);
        (Product, UserAgent, Pages) = (product, userAgent, pages);
        BrowserPid = new Random(conditions.Seed).Next(FirstProcessId, LastProcessId);
    }

    public RecordedContent Content { get; }

    public Recording Recording => Content.Recording;

    public string Product { get; }

    public string UserAgent { get; }

    public IReadOnlyList<SimulatedTarget> Pages { get; }

    public int BrowserPid { get; }

    public int RendererPid => BrowserPid + 42;

    public int GpuPid => BrowserPid + 7;

    public bool TellsStart => Recording.Setup.Categories.Takes("disabled-by-default-devtools.timeline");

    public bool IsLossy => Content.LostBytes > 0;

    public long ChunksLost => (Content.LostBytes + ChunkBytes - 1) / ChunkBytes;

    public long ChunksWritten => (Content.WrittenBytes + ChunkBytes - 1) / ChunkBytes;

    /// <summary>An instant of the browser's clock, nanoseconds; a clock that is set back behind zero shows nothing that a trace can tell.</summary>
    public long At(long trueNanos) => Math.Max(0, Content.Clock.At(trueNanos));

    public long StartedAt => At(Recording.StartedNanos!.Value);

    public long EndedAt => At(Recording.EndedNanos!.Value);

    /// <summary>The wall clock at a true instant, nanoseconds of Unix time.</summary>
    public long WallAt(long trueNanos) => (Recording.StartedAt - DateTimeOffset.UnixEpoch).Ticks * 100 + (trueNanos - Recording.StartedNanos!.Value);

    /// <summary>Slices lie on the main threads of the renderer and the browser in turn.</summary>
    public static bool IsOnRenderer(in RecordedItem slice) => slice.Index % 3 != 2;

    public static string NameOf(string category) => category switch
    {
        "devtools.timeline" => "RunTask",
        "toplevel" => "ThreadControllerImpl::RunTask",
        "blink" => "LocalFrameView::UpdateLifecycle",
        "cc" => "LayerTreeHost::UpdateLayers",
        "v8" => "V8.RunMicrotasks",
        _ => $"{category}.work",
    };

    /// <summary>Text that does not compress. Megabytes of it are asked for: a generator of its own, for a seeded Random takes a step for each byte.</summary>
    public static void FillArgument(Random random, Span<byte> text)
    {
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8;
        var state = (ulong)random.NextInt64();
        while (!text.IsEmpty)
        {
            // SplitMix64: a step for eight characters.
            var mixed = state += 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            mixed ^= mixed >> 31;
            var count = Math.Min(sizeof(ulong), text.Length);
            for (var i = 0; i < count; i++) text[i] = alphabet[(int)(mixed >> (8 * i)) & 63];
            text = text[count..];
        }
    }
}
