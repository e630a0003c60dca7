using System.Security.Cryptography;
using System.Text;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;
using Orchestrator.Tracing.Verification;

namespace Orchestrator.Tracing.Tests.Verification;

public sealed class SessionVerificationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;

    public SessionVerificationTests() => Directory.CreateDirectory(Path.Combine(_folder, "browsers"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_session_that_failed_with_every_reason_told_is_well()
    {
        Write("session.json", Document(Refused()));
        var verified = await VerifyAsync();
        Assert.True(verified.IsOk);
        Assert.Contains(verified.Checks, check => check.Detail.Contains("refused, the reason"));
    }

    [Fact]
    public async Task A_browser_that_delivered_and_has_no_trace_is_not_well()
    {
        Write("session.json", Document(Refused() with { Outcome = BrowserOutcome.Complete }));
        Assert.Contains(await FailuresAsync(), check => check.Detail.Contains("names no trace"));
    }

    [Fact]
    public async Task A_missing_trace_is_named()
    {
        Write("session.json", Document(Traced("x"u8.ToArray())));
        Assert.Contains(await FailuresAsync(), check => check is { File: "browsers/b1.pftrace", What: "present" });
    }

    [Theory]
    [InlineData("xy", "size")]
    [InlineData("y", "hash")]
    public async Task Other_bytes_than_were_recorded_are_named(string found, string what)
    {
        Write("session.json", Document(Traced("x"u8.ToArray())));
        Write("browsers/b1.pftrace", Encoding.UTF8.GetBytes(found));
        Assert.Contains(await FailuresAsync(), check => check.File == "browsers/b1.pftrace" && check.What == what);
    }

    [Fact]
    public async Task The_recorded_bytes_pass_even_where_they_are_no_trace_and_that_is_named_by_itself()
    {
        Write("session.json", Document(Traced("x"u8.ToArray())));
        Write("browsers/b1.pftrace", "x"u8);
        var verified = await VerifyAsync();
        Assert.Contains(verified.Checks, check => check is { File: "browsers/b1.pftrace", What: "hash", Ok: true });
        Assert.Contains(verified.Checks, check => check is { File: "browsers/b1.pftrace", What: "well formed", Ok: false });
        Assert.Contains(verified.Checks, check => check is { File: "browsers/b1.recording.json", Ok: false });
    }

    [Fact]
    public async Task A_folder_that_was_cut_off_tells_what_is_there_and_what_is_missing()
    {
        Write("browsers/b1.pftrace.partial", "x"u8);
        var verified = await VerifyAsync();
        Assert.False(verified.IsOk);
        Assert.Contains(verified.Checks, check => check is { File: "session.json", Ok: false } && check.Detail.Contains("missing"));
        Assert.Contains(verified.Checks, check => check is { File: "browsers/b1.pftrace.partial", What: "present", Ok: true });
        Assert.Contains(verified.Checks, check => check is { File: "browsers/b1.recording.json", Ok: false });
    }

    [Theory]
    [InlineData("trace.tar")]
    [InlineData("trace.json.gz")]
    public async Task A_merged_file_that_is_none_is_named(string file)
    {
        Write(file, "nonsense"u8);
        Write("session.json", Document(Refused(), new MergedFile("perfetto", file, 8, Hash("nonsense"u8))));
        var failure = Assert.Single(await FailuresAsync());
        Assert.Equal((file, "well formed"), (failure.File, failure.What));
        Assert.Contains("'orchestrator merge' writes it anew", failure.Detail);
    }

    [Theory]
    [InlineData("trace.tar")]
    [InlineData("../trace.tar")]
    public async Task A_merged_file_that_is_not_there_or_lies_elsewhere_is_named(string file)
    {
        Write("session.json", Document(Refused(), new MergedFile("perfetto", file, 8, "00")));
        Assert.Contains(await FailuresAsync(), check => check.File == file && check.What == "present");
    }

    [Fact]
    public async Task It_changes_nothing()
    {
        Write("session.json", Document(Traced("x"u8.ToArray())));
        Write("browsers/b1.pftrace", "y"u8);
        var before = Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Order().Select(path => (path, Convert.ToHexString(File.ReadAllBytes(path)))).ToList();
        await VerifyAsync();
        Assert.Equal(before, Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Order().Select(path => (path, Convert.ToHexString(File.ReadAllBytes(path)))));
    }

    private Task<VerifiedSession> VerifyAsync() => SessionVerification.VerifyAsync(RecordedSessions.Read(_folder), progress: null, CancellationToken.None);

    private async Task<IReadOnlyList<Check>> FailuresAsync() => [.. (await VerifyAsync()).Checks.Where(check => !check.Ok)];

    private void Write(string name, ReadOnlySpan<byte> bytes) => File.WriteAllBytes(Path.Combine(_folder, name), bytes);

    private byte[] Document(BrowserDocument browser, params IReadOnlyList<MergedFile> merged) => new SessionDocument
    {
        SessionId = "s-1", Outcome = SessionOutcome.Failed, PreparedAt = Told.At, Folder = _folder, Skew = new SkewDocument(null, null, null), Timeline = Told.Timeline,
        Markers = [], Browsers = [browser], Merged = merged,
    }.ToUtf8();

    private static BrowserDocument Refused() => new()
    {
        Name = "b1", Outcome = BrowserOutcome.Refused, Reason = "the reason", Clock = new ClockFacts(), Format = TraceFormat.Proto, Compression = TraceCompression.None,
    };

    private static BrowserDocument Traced(byte[] bytes) =>
        Refused() with { Outcome = BrowserOutcome.Complete, Reason = null, File = "browsers/b1.pftrace", Bytes = bytes.Length, Sha256 = Hash(bytes) };

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
