using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

public sealed class PerfettoArchiveTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.001, false)]
    [InlineData(-0.001, true)]
    [InlineData(0.00005, true)]
    public async Task Every_event_stands_once_and_at_its_UTC(double rate, bool isGzip)
    {
        var trace = ProtoRecording.OfBrowser(12_000_000, 14_000_000, 1_500).Bytes;
        var browser = Browser("b1", trace, Merged.Clock(13 * Second, 123_456_789, rate), isGzip);

        var (_, members) = await WriteAsync(Session(browser));

        AssertPlaced(trace, members["b1.pftrace"], browser.Clock);
        Assert.True(!isGzip || members["b1.pftrace"].Length < trace.Length / 2);
    }

    [Fact]
    public async Task A_clock_step_is_followed()
    {
        // The browser's clock was set back by 50 ms when it read 13 s: what follows stands later on the time line.
        var clock = Merged.Clock(new ClockStretch(13 * Second, 12 * Second, 0, 0.0002), new ClockStretch(long.MaxValue, 14 * Second, 50_000_000, -0.0001));
        var trace = ProtoRecording.OfBrowser(12_000_000, 14_000_000, 1_500).Bytes;
        var (problems, members) = await WriteAsync(Session(Browser("b1", trace, clock)));
        Assert.Empty(problems);
        AssertPlaced(trace, members["b1.pftrace"], clock);
    }

    [Fact]
    public async Task A_clock_that_leapt_ahead_is_followed_as_far_as_Perfetto_can_and_said()
    {
        var clock = Merged.Clock(new ClockStretch(13 * Second, 12 * Second, 0, 0.0002), new ClockStretch(long.MaxValue, 13 * Second, -20_000_000, 0));
        var trace = ProtoRecording.OfBrowser(12_000_000, 14_000_000, 1_500).Bytes;
        var (problems, members) = await WriteAsync(Session(Browser("b1", trace, clock)));
        Assert.Contains("leapt ahead", Assert.Single(problems));
        AssertPlaced(trace, members["b1.pftrace"], clock, except: at => at is >= 13 * Second and < 13 * Second + 20_100_000);
    }

    [Fact]
    public async Task The_manifest_names_each_member_its_machine_and_whose_clock_is_the_time_line()
    {
        var trace = ProtoRecording.OfBrowser(12_000_000, 12_100_000, 1_500).Bytes;
        var (_, members) = await WriteAsync(Session(Browser("b1", trace, RelatedClock.Shared), Browser("b2", trace, Merged.Clock(12 * Second, 5, 0))));

        Assert.Equal(["perfetto_manifest.json", "orchestrator.pftrace", "b1.pftrace", "b2.pftrace"], members.Keys);
        var text = System.Text.Encoding.UTF8.GetString(members["perfetto_manifest.json"]);
        Assert.StartsWith("{\"perfetto_manifest\"", text);
        using var json = JsonDocument.Parse(text);
        var manifest = json.RootElement.GetProperty("perfetto_manifest");
        Assert.Equal(1, manifest.GetProperty("version").GetInt32());
        Assert.Equal("{\"clock\":\"REALTIME\",\"file\":\"orchestrator.pftrace\"}", manifest.GetProperty("trace_time").GetRawText());
        Assert.Equal(
            [("orchestrator.pftrace", "Orchestrator s-1"), ("b1.pftrace", "b1"), ("b2.pftrace", "b2")],
            manifest.GetProperty("files").EnumerateArray().Select(file => (file.GetProperty("path").GetString(), file.GetProperty("machine").GetProperty("name").GetString())));
        var attributes = manifest.GetProperty("attributes");
        Assert.Equal("s-1", attributes.GetProperty("orchestrator.browser.b2.session").GetString());
        Assert.Equal("shared", attributes.GetProperty("orchestrator.browser.b1.clock").GetString());
        Assert.Equal("measured", attributes.GetProperty("orchestrator.browser.b2.clock").GetString());
        Assert.Equal(5, attributes.GetProperty("orchestrator.browser.b2.clock_offset_ns").GetInt64());
        Assert.All(attributes.EnumerateObject(), attribute => Assert.True(attribute.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number));
    }

    [Fact]
    public async Task Members_have_names_that_every_reader_takes_and_each_its_own()
    {
        var trace = ProtoRecording.OfBrowser(12_000_000, 12_010_000, 1_500).Bytes;
        string[] names = ["a/b", "a_b", "A_B", "../../etc/passwd", "..", ".hidden", "", "ü b", new string('x', 300), new string('x', 301), "orchestrator"];
        var browsers = names.Select((name, number) => Browser(name, trace, RelatedClock.Shared, file: $"t{number}")).ToArray();

        var (problems, members) = await WriteAsync(Session(browsers));

        Assert.Empty(problems);
        Assert.Equal(names.Length + 2, members.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(members.Keys, name => Assert.Matches("^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$", name));
        Assert.Empty(PerfettoArchiveCheck.Check(_folder["trace.tar"], default));
        using var manifest = JsonDocument.Parse(members["perfetto_manifest.json"]);
        Assert.Equal(
            names.Select(name => name.Length > 0 ? name : "_-2.pftrace"), manifest.RootElement.GetProperty("perfetto_manifest").GetProperty("files").EnumerateArray().Skip(1).Select(file => file.GetProperty("machine").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task What_cannot_be_merged_is_named_and_the_rest_is_merged()
    {
        var trace = ProtoRecording.OfBrowser(12_000_000, 12_100_000, 1_500).Bytes;
        var missing = Browser("gone", trace, RelatedClock.Shared);
        File.Delete(missing.Recorded.TracePath!);
        var none = Browser("none", trace, RelatedClock.Shared);
        none = none with { Recorded = none.Recorded with { TracePath = null } };
        var session = Session(
            Browser("whole", trace, RelatedClock.Shared),
            Browser("cut", trace[..^20], RelatedClock.Shared),
            Browser("packed and cut", Proto.Gzip(trace)[..^300], RelatedClock.Shared),
            Browser("noise", "no trace at all"u8.ToArray(), RelatedClock.Shared),
            Browser("json", "[]"u8.ToArray(), RelatedClock.Shared),
            missing, none);

        var (problems, members) = await WriteAsync(session);

        Assert.Equal(6, problems.Count);
        foreach (var (name, why) in new[] { ("noise", "cannot be read"), ("json", "--merge json"), ("gone", "cannot be read"), ("none", "no trace"), ("packed and cut", "it ends too early"), ("cut", "breaks off after") })
            Assert.Contains(problems, problem => problem.Contains($"{name} is ", StringComparison.Ordinal) && problem.Contains(why, StringComparison.Ordinal));
        Assert.Equal(["perfetto_manifest.json", "orchestrator.pftrace", "whole.pftrace", "cut.pftrace", "packed_and_cut.pftrace"], members.Keys);
        var whole = PerfettoReading.Events(members["whole.pftrace"], PerfettoReading.Realtime);
        var cut = PerfettoReading.Events(members["cut.pftrace"], PerfettoReading.Realtime);
        Assert.Equal(whole.Select(Told).Take(cut.Count), cut.Select(Told));
        Assert.True(cut.Count > 0);
    }

    [Fact]
    public async Task With_nothing_to_merge_there_is_no_archive()
    {
        var (file, problems) = await PerfettoArchive.WriteAsync([Session(Browser("json", "[]"u8.ToArray(), RelatedClock.Shared))], _folder["trace.tar"], null, default);
        Assert.Null(file);
        Assert.Single(problems);
        Assert.False(File.Exists(_folder["trace.tar"]));
    }

    [Fact]
    public async Task Several_sessions_become_one_archive()
    {
        var trace = ProtoRecording.OfBrowser(12_000_000, 12_100_000, 1_500).Bytes;
        var (problems, members) = await WriteAsync(
            Merged.Session(_folder, "s-1", [Browser("s-1/b1", trace, RelatedClock.Shared)]),
            Merged.Session(_folder, "s-2", [Browser("s-2/b1", trace, Merged.Clock(12 * Second, Second, 0))]));
        Assert.Empty(problems);
        Assert.Equal(["perfetto_manifest.json", "orchestrator-s-1.pftrace", "orchestrator-s-2.pftrace", "s-1_b1.pftrace", "s-2_b1.pftrace"], members.Keys);
        Assert.Empty(PerfettoArchiveCheck.Check(_folder["trace.tar"], default));
    }

    [Fact]
    public async Task What_is_returned_describes_the_file_and_progress_comes_to_its_end()
    {
        var trace = ProtoRecording.OfBrowser(12_000_000, 12_100_000, 1_500).Bytes;
        var told = new List<MergeProgress>();
        var (file, _) = await PerfettoArchive.WriteAsync([Session(Browser("b1", trace, RelatedClock.Shared), Browser("b2", trace, RelatedClock.Shared))], _folder["trace.tar"], told.Add, default);

        var bytes = File.ReadAllBytes(_folder["trace.tar"]);
        Assert.Equal(new MergedFile("perfetto", "trace.tar", bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))), file);
        Assert.Equal(told.Select(step => step.BytesDone).Order(), told.Select(step => step.BytesDone));
        Assert.Equal((2L * trace.Length, 2L * trace.Length), (told[^1].BytesDone, told[^1].BytesTotal));
    }

    [Fact]
    public async Task Cancelled_it_leaves_nothing()
    {
        using var cancelling = new CancellationTokenSource();
        var session = Session(Browser("b1", ProtoRecording.OfBrowser(12_000_000, 12_100_000, 1_500).Bytes, RelatedClock.Shared));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            PerfettoArchive.WriteAsync([session], _folder["trace.tar"], _ => cancelling.Cancel(), cancelling.Token));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private AlignedBrowser Browser(string name, byte[] trace, RelatedClock clock, bool isGzip = false, string? file = null) =>
        Merged.Browser(_folder, name, isGzip ? Proto.Gzip(trace) : trace, clock, file);

    private AlignedSession Session(params AlignedBrowser[] browsers) => Merged.Session(_folder, "s-1", browsers);

    private async Task<(List<string> Problems, Dictionary<string, byte[]> Members)> WriteAsync(params AlignedSession[] sessions)
    {
        var (_, problems) = await PerfettoArchive.WriteAsync(sessions, _folder["trace.tar"], null, default);
        return ([.. problems.Select(problem => problem.ToString())], PerfettoReading.Members(_folder["trace.tar"]).ToDictionary(member => member.Name, member => member.Bytes));
    }

    private static void AssertPlaced(byte[] source, byte[] member, RelatedClock clock, Func<long, bool>? except = null)
    {
        var recorded = PerfettoReading.Events(source, PerfettoReading.Monotonic);
        var placed = PerfettoReading.Events(member, PerfettoReading.Realtime);
        Assert.NotEmpty(recorded);
        Assert.Equal(recorded.Select(Told), placed.Select(Told));
        foreach (var (was, now) in recorded.Zip(placed))
        {
            if (except?.Invoke(was.At) != true) Assert.InRange(now.At - Merged.Timeline.ToUnixNanos(clock.ToTimeline(was.At)), -1000, 1000);
        }
    }

    private static string Told(PlacedEvent told) => $"{told.Sequence} {Convert.ToHexString(told.TrackEvent)}";
}
