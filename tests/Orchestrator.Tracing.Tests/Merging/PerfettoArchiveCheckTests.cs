using System.Formats.Tar;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

public sealed class PerfettoArchiveCheckTests : IDisposable
{
    private static readonly byte[] Trace = ProtoRecording.OfBrowser(12_000_000, 12_100_000, 1_500).Bytes;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_written_is_whole() => Assert.Empty(Check(await MembersAsync()));

    [Fact]
    public async Task A_member_that_is_missing_is_named()
    {
        var members = await MembersAsync();
        Assert.Contains("b1.pftrace: is named by the manifest", Assert.Single(Check(members.Where(member => member.Name != "b1.pftrace"))));
        Assert.Contains(Check(members.Where(member => member.Name != "orchestrator.pftrace")), problem => problem.Contains("whose clock", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_manifest_that_is_missing_doubled_or_broken_is_told()
    {
        var members = await MembersAsync();
        Assert.Contains(Check(members.Skip(1)), problem => problem.Contains("0 manifests", StringComparison.Ordinal));
        Assert.Contains(Check([members[0], .. members]), problem => problem.Contains("2 manifests", StringComparison.Ordinal));
        Assert.Contains(Check([(members[0].Name, members[0].Bytes[..100]), .. members.Skip(1)]), problem => problem.Contains("is no manifest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_member_that_is_no_trace_broken_off_or_without_snapshots_is_told()
    {
        var members = await MembersAsync();
        Assert.Contains(Check(With(members, "b1.pftrace", "hello"u8.ToArray())), problem => problem.Contains("b1.pftrace: is no Perfetto trace", StringComparison.Ordinal));
        Assert.Contains(Check(With(members, "b1.pftrace", members[2].Bytes[..^3])), problem => problem.Contains("b1.pftrace: breaks off after", StringComparison.Ordinal));
        Assert.Contains(Check(With(members, "b1.pftrace", new ProtoRecording().Packet((8, 1), (11, "")).Bytes)), problem => problem.Contains("no snapshot", StringComparison.Ordinal));
        Assert.Contains(Check(With(members, "b1.pftrace", Trace)), problem => problem.Contains("would jump", StringComparison.Ordinal));
        Assert.Contains(Check([.. members, ("README", "hello"u8.ToArray())]), problem => problem.Contains("README: is no Perfetto trace", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_archive_cut_off_anywhere_is_told()
    {
        var bytes = File.ReadAllBytes(_folder.Write("whole.tar", Archive(await MembersAsync())));
        for (var length = 0; length < bytes.Length - 1024; length += 97)
            Assert.NotEmpty(PerfettoArchiveCheck.Check(_folder.Write("cut.tar", bytes[..length]), default));
    }

    private async Task<List<(string Name, byte[] Bytes)>> MembersAsync()
    {
        await PerfettoArchive.WriteAsync([Merged.Session(_folder, "s-1", [Merged.Browser(_folder, "b1", Trace, RelatedClock.Shared)])], _folder["trace.tar"], null, default);
        return PerfettoReading.Members(_folder["trace.tar"]);
    }

    private static IEnumerable<(string, byte[])> With(IEnumerable<(string Name, byte[] Bytes)> members, string name, byte[] bytes) =>
        members.Select(member => member.Name == name ? (name, bytes) : member);

    private List<string> Check(IEnumerable<(string Name, byte[] Bytes)> members) =>
        [.. PerfettoArchiveCheck.Check(_folder.Write("made.tar", Archive(members)), default).Select(problem => problem.ToString())];

    private static byte[] Archive(IEnumerable<(string Name, byte[] Bytes)> members)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, content) in members) tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }

        return bytes.ToArray();
    }
}
