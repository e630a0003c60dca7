using System.Security.Cryptography;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

/// <summary>What becomes of a trace's bytes in an archive.</summary>
public sealed class PerfettoArchiveMemberTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_of_a_trace_changes_but_what_it_says_of_the_wall_clock() =>
        AssertSameButForTheWallClock(Small, await MemberAsync(Small));

    [Fact]
    public async Task Packets_that_lie_across_blocks_and_packets_larger_than_one_come_whole()
    {
        var noise = new Random(1);
        var trace = new ProtoRecording();
        foreach (var size in new[] { 10, 700_000, 700_000, 5_000_000, 0, 3, 2_100_000, 1 << 20, 40 })
        {
            var payload = new byte[size];
            noise.NextBytes(payload);
            trace.ServiceSnapshot(12_000_000_000 + size).Packet((8, 12_000_000_000), (999, payload), (10, 2));
        }

        AssertSameButForTheWallClock(trace.Bytes, await MemberAsync(trace.Bytes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trace_that_is_cut_off_is_merged_up_to_its_last_whole_packet(bool isCutBehindItsSurvey)
    {
        for (var cut = 1; cut < 200; cut += 9)
        {
            var browser = Browser(isCutBehindItsSurvey ? Small : Small[..^cut]);
            if (isCutBehindItsSurvey) File.WriteAllBytes(browser.Recorded.TracePath!, Small[..^cut]);
            var whole = 0;
            foreach (var packet in Recording.Packets.TakeWhile(packet => whole + packet.Length <= Small.Length - cut)) whole += packet.Length;

            var (problems, member) = await WriteAsync(browser);

            if (whole < Small.Length - cut) Assert.Contains("breaks off after", Assert.Single(problems));
            AssertSameButForTheWallClock(Small[..whole], member);
        }
    }

    [Fact]
    public async Task Compressed_packets_in_a_plain_trace_are_unpacked_and_their_wall_clock_is_blanked()
    {
        byte[][] packets = [.. Recording.Packets];
        byte[] Packed(params byte[][] some) => Proto.Message((1, Proto.Message((50, Proto.Zlib([.. some.SelectMany(packet => packet)])))));
        byte[] trace = [.. packets[..5].SelectMany(packet => packet), .. Packed(packets[5..20]), .. Packed(packets[20..])];

        AssertSameButForTheWallClock(Small, await MemberAsync(trace));
    }

    [Fact]
    public async Task A_gzipped_trace_is_blanked_too()
    {
        var member = await MemberAsync(Proto.Gzip(Small));
        AssertSameButForTheWallClock(Small, [.. PerfettoReading.Packets(member).SelectMany(packet => Proto.Message((1, packet)))]);
    }

    private static ProtoRecording Recording { get; } = ProtoRecording.OfBrowser(12_000_000, 12_100_000, 1_500);

    private static byte[] Small { get; } = Recording.Bytes;

    private AlignedBrowser Browser(byte[] trace) => Merged.Browser(_folder, "b1", trace, RelatedClock.Shared);

    private async Task<byte[]> MemberAsync(byte[] trace)
    {
        var (problems, member) = await WriteAsync(Browser(trace));
        Assert.Empty(problems);
        return member;
    }

    private async Task<(List<string> Problems, byte[] Member)> WriteAsync(AlignedBrowser browser)
    {
        var told = new List<MergeProgress>();
        var (file, problems) = await PerfettoArchive.WriteAsync([Merged.Session(_folder, "s-1", [browser])], _folder["trace.tar"], told.Add, default);
        Assert.Empty(PerfettoArchiveCheck.Check(_folder["trace.tar"], default));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder["trace.tar"]))), file!.Sha256);
        Assert.Equal(told.Select(step => step.BytesDone).Order(), told.Select(step => step.BytesDone));
        return ([.. problems.Select(problem => problem.ToString())], PerfettoReading.Members(_folder["trace.tar"]).Single(member => member.Name == "b1.pftrace").Bytes);
    }

    /// <summary>Behind the one snapshot in front, which a clock that does not drift takes.</summary>
    private static void AssertSameButForTheWallClock(byte[] source, byte[] member)
    {
        var written = member[^source.Length..];
        Assert.Single(PerfettoReading.Packets(member[..^source.Length]));

        const byte reading = (1 << 3) | 2;
        const byte nobodys = (15 << 3) | 2;
        var changed = Enumerable.Range(0, source.Length).Where(at => source[at] != written[at]).ToList();
        Assert.All(changed, at => Assert.Equal((reading, nobodys), (source[at], written[at])));
        Assert.Equal(WallClocks(source), changed.Count);
        Assert.Equal(0, WallClocks(written));
    }

    private static int WallClocks(byte[] trace) => PerfettoReading.Packets(trace)
        .SelectMany(Fields(6)).SelectMany(Fields(1)).Count(clock => Proto.Fields(clock)[0] is (1, 1UL or 2UL));

    private static Func<byte[], IEnumerable<byte[]>> Fields(int number) => message =>
        Proto.Fields(message).Where(field => field.Field == number).Select(field => (byte[])field.Value);
}
