using System.Text.Json;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

/// <summary>What a real browser sent (samples/README.md).</summary>
public sealed class RealRecordingTests : IDisposable
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples");
    private static readonly byte[] Packed = File.ReadAllBytes(Path.Combine(Samples, "chromium-156.pftrace.gz"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_marker_is_found_between_its_sending_and_its_answer()
    {
        using var brackets = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Samples, "chromium-156.brackets.json")));
        using var input = TraceInput.Open(Path.Combine(Samples, "chromium-156.pftrace.gz"));
        var survey = ProtoTraceReader.Survey(input, null, default);

        Assert.Null(survey.CutOff);
        Assert.Equal(brackets.RootElement.EnumerateArray().Select(bracket => bracket.GetProperty("syncId").GetString()), survey.Markers.Select(marker => marker.SyncId));
        foreach (var (bracket, marker) in brackets.RootElement.EnumerateArray().Zip(survey.Markers))
        {
            Assert.InRange(
                marker.BrowserNanos,
                bracket.GetProperty("sentNanos").GetInt64() - ClockBracket.ResolutionNanos, bracket.GetProperty("answeredNanos").GetInt64());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_its_events_stand_at_their_UTC_in_the_archive(bool isPacked)
    {
        var plain = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(new MemoryStream(Packed), System.IO.Compression.CompressionMode.Decompress)) gzip.CopyTo(plain);
        var clock = Merged.Clock(16_420_000_000_000, -3_000_000_000, 0.001);
        var session = Merged.Session(_folder, "s-1", [Merged.Browser(_folder, "b1", isPacked ? Packed : plain.ToArray(), clock)]);

        var (_, problems) = await PerfettoArchive.WriteAsync([session], _folder["trace.tar"], null, default);

        Assert.Empty(problems);
        Assert.Empty(PerfettoArchiveCheck.Check(_folder["trace.tar"], default));
        var member = PerfettoReading.Members(_folder["trace.tar"]).Single(member => member.Name == "b1.pftrace").Bytes;
        var recorded = PerfettoReading.Events(plain.ToArray(), PerfettoReading.Monotonic);
        var placed = PerfettoReading.Events(member, PerfettoReading.Realtime);
        Assert.Equal(recorded.Select(was => (was.Sequence, Convert.ToHexString(was.TrackEvent))), placed.Select(now => (now.Sequence, Convert.ToHexString(now.TrackEvent))));
        Assert.All(recorded.Zip(placed), pair => Assert.InRange(pair.Second.At - Merged.Timeline.ToUnixNanos(clock.ToTimeline(pair.First.At)), -1000, 1000));
    }
}
