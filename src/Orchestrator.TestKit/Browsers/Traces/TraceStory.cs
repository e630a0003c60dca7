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

    /// <summary>Text that does not compress.</summary>
    public static void FillArgument(Random random, Span<byte> text)
    {
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8;
        random.NextBytes(text);
        foreach (ref var one in text) one = alphabet[one & 63];
    }
}
