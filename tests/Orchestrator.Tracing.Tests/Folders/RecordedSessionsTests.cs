using System.Text;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Folders;

public sealed class RecordedSessionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;

    public RecordedSessionsTests() => Directory.CreateDirectory(Path.Combine(_folder, "browsers"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_whole_folder_has_its_document_its_traces_and_its_logs()
    {
        Write("session.json", Document("b1", "browsers/b1.pftrace.gz").ToUtf8());
        Write("browsers/b1.pftrace.gz", "x"u8);
        Write("browsers/b1.recording.json", Log("b1").ToUtf8());

        var session = RecordedSessions.Read(_folder);
        Assert.Empty(session.Problems);
        Assert.Equal(("s-1", Told.Timeline), (session.SessionId, session.Timeline));
        var browser = Assert.Single(session.Browsers);
        Assert.Equal(("b1", Path.Combine(_folder, "browsers/b1.pftrace.gz"), true), (browser.Name, browser.TracePath, browser.IsWhole));
        Assert.Equal("marker", Assert.Single(browser.Log!.Markers).SyncId);
    }

    [Fact]
    public void A_folder_that_was_cut_off_is_what_its_files_say()
    {
        Write("browsers/b1.json", "x"u8);
        Write("browsers/b1.recording.json", Log("b1").ToUtf8());
        Write("browsers/b2.json.gz.partial", "x"u8);
        Write("browsers/b10.pftrace.part", "x"u8);

        var session = RecordedSessions.Read(_folder);
        Assert.Null(session.Document);
        Assert.Equal(["b1", "b2", "b10"], session.Browsers.Select(browser => browser.Name));
        Assert.Equal([true, false, false], session.Browsers.Select(browser => browser.IsWhole));
        Assert.Equal(("log-session", Told.Timeline), (session.SessionId, session.Timeline));
        Assert.Equal(["session.json", "browsers/b2.recording.json", "browsers/b10.recording.json"], session.Problems.Select(problem => problem.File));
    }

    [Fact]
    public void A_trace_that_is_named_and_missing_is_a_problem_of_that_file()
    {
        Write("session.json", Document("b1", "browsers/b1.pftrace.gz").ToUtf8());
        var session = RecordedSessions.Read(_folder);
        Assert.Null(Assert.Single(session.Browsers).TracePath);
        Assert.Contains(session.Problems, problem => problem.File == "browsers/b1.pftrace.gz" && problem.Problem.Contains("missing"));
    }

    [Theory]
    [InlineData("../outside.pftrace")]
    [InlineData("/etc/hostname")]
    [InlineData("browsers/../../outside.pftrace")]
    [InlineData("browsers\\..\\outside.pftrace")]
    public void A_path_that_leads_out_of_the_folder_is_not_followed(string path)
    {
        File.WriteAllText(Path.Combine(_folder, "outside.pftrace"), "x");
        Directory.CreateDirectory(Path.Combine(_folder, "session", "browsers"));
        File.WriteAllBytes(Path.Combine(_folder, "session", "session.json"), Document("b1", path).ToUtf8());
        var session = RecordedSessions.Read(Path.Combine(_folder, "session"));
        Assert.Null(Assert.Single(session.Browsers).TracePath);
        Assert.Contains(session.Problems, problem => problem.Problem.Contains(path) && problem.Problem.Contains("outside"));
    }

    [Theory]
    [InlineData("../b1")]
    [InlineData("a/b")]
    [InlineData("..")]
    public void A_browser_s_name_cannot_lead_to_another_folder_s_log(string name)
    {
        Write("session.json", Document(name, file: null).ToUtf8());
        Write("b1.recording.json", Log("b1").ToUtf8());
        Assert.Null(Assert.Single(RecordedSessions.Read(_folder).Browsers).Log);
    }

    [Fact]
    public void Two_browsers_of_one_name_are_a_problem_and_both_are_there()
    {
        var document = Document("b1", "browsers/b1.json");
        Write("session.json", (document with { Browsers = [document.Browsers[0], document.Browsers[0]] }).ToUtf8());
        Write("browsers/b1.json", "x"u8);
        var session = RecordedSessions.Read(_folder);
        Assert.Equal(2, session.Browsers.Count);
        Assert.Contains(session.Problems, problem => problem.Problem.Contains("'b1'"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    public void A_document_that_cannot_be_read_is_left_aside(string text)
    {
        Write("session.json", Encoding.UTF8.GetBytes(text));
        Write("browsers/b1.json", "x"u8);
        var session = RecordedSessions.Read(_folder);
        Assert.Null(session.Document);
        Assert.Equal("session.json", session.Problems[0].File);
        Assert.Equal("b1", Assert.Single(session.Browsers).Name);
    }

    [Theory]
    [InlineData("\"browsers\":[", "\"browsers\":[null,")]
    [InlineData("\"merged\":[]", "\"merged\":[null]")]
    [InlineData("\"merged\":[]", "\"merged\":[{}]")]
    [InlineData("\"markers\":[]", "\"markers\":[{\"timelineNanos\":5}]")]
    [InlineData("\"utcAtZero\":\"2026", "\"utcAtZero\":\"9999")]
    public void A_document_with_nulls_and_gaps_in_it_is_left_aside_and_named(string whole, string broken)
    {
        var text = Encoding.UTF8.GetString(Document("b1", "browsers/b1.json").ToUtf8()).Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        Assert.Contains(whole, text);
        Write("session.json", Encoding.UTF8.GetBytes(text.Replace(whole, broken, StringComparison.Ordinal)));
        Write("browsers/b1.json", "x"u8);
        var session = RecordedSessions.Read(_folder);
        Assert.Null(session.Document);
        Assert.Equal("session.json", session.Problems[0].File);
    }

    [Theory]
    [InlineData("\"pages\":[]", "\"pages\":[null]")]
    [InlineData("\"states\":[]", "\"states\":[null]")]
    [InlineData("\"states\":[]", "\"states\":[{}]")]
    public void A_log_with_nulls_in_it_is_left_aside_and_named(string whole, string broken)
    {
        var text = Encoding.UTF8.GetString(Log("b1").ToUtf8());
        Assert.Contains(whole, text);
        Write("browsers/b1.json", "x"u8);
        Write("browsers/b1.recording.json", Encoding.UTF8.GetBytes(text.Replace(whole, broken, StringComparison.Ordinal)));
        var session = RecordedSessions.Read(_folder);
        Assert.Null(Assert.Single(session.Browsers).Log);
        Assert.Contains(session.Problems, problem => problem.File == "browsers/b1.recording.json");
    }

    [Fact]
    public void A_log_that_lacks_a_list_has_an_empty_one()
    {
        Write("browsers/b1.json", "x"u8);
        Write("browsers/b1.recording.json", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Log("b1").ToUtf8()).Replace("\"states\":[],", "", StringComparison.Ordinal)));
        Assert.Empty(Assert.Single(RecordedSessions.Read(_folder).Browsers).Log!.States);
    }

    [Fact]
    public void A_folder_without_anything_of_a_session_is_none()
    {
        Assert.Throws<NotASessionFolderException>(() => RecordedSessions.Read(Path.Combine(_folder, "missing")));
        Assert.Contains("session.json", Assert.Throws<NotASessionFolderException>(() => RecordedSessions.Read(_folder)).Message);
    }

    private void Write(string file, ReadOnlySpan<byte> bytes) => File.WriteAllBytes(Path.Combine(_folder, file), bytes.ToArray());

    private static SessionDocument Document(string name, string? file)
    {
        var document = SessionDocument.Of(Told.Opened(1).After(Told.Ended("b1", BrowserOutcome.Complete, null)));
        return document with { SessionId = "s-1", Browsers = [document.Browsers[0] with { Name = name, File = file }] };
    }

    private static RecordingLog Log(string browser) => new()
    {
        SessionId = "log-session", Browser = browser, Timeline = Told.Timeline, Markers = [new LoggedMarker("marker", null, 1, 2)],
    };
}
