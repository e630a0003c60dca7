using System.Text.Json;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Recording;

namespace Orchestrator.Host.Tests.Verbs;

public sealed class MergeVerbTests : IDisposable
{
    private readonly CommandLineRun _run = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("merge")]
    [InlineData("merge", "")]
    [InlineData("merge", "missing")]
    [InlineData("merge", "{session}", "--merge", "tar")]
    [InlineData("merge", "{session}", "--merge", "none")]
    [InlineData("merge", "{session}", "--merge", "json")]
    [InlineData("merge", "{session}", "--max-clock-error", "soon")]
    [InlineData("merge", "{session}", "{session}/", "-o", "new")]
    [InlineData("merge", "{session}", "-o", "full")]
    [InlineData("merge", "{session}", "--output", "")]
    [InlineData("merge", "{session}", "--launch", "2")]
    public async Task Wrong_usage_is_told_and_nothing_is_written(params string[] args)
    {
        _run.Machine.Paths["/here/full"] = FileKind.FolderWithFiles;
        WriteSession();
        var before = Files();
        Assert.Equal(2, await _run.RunAsync(InFolder(args)));
        Assert.StartsWith("error: ", _run.Error);
        Assert.Equal("", _run.Out);
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once()
    {
        Assert.Equal(2, await _run.RunAsync("merge", "missing", _folder, "--merge", "xyz", "--max-clock-error", "soon"));
        foreach (var told in (string[])["DIR 'missing'", "there is no such folder", $"DIR '{_folder}'", "neither a readable session.json nor traces", "--merge 'xyz'", "--max-clock-error 'soon'", "--output is missing"])
            Assert.Contains(told, _run.Error);
    }

    [Fact]
    public async Task Where_nothing_can_be_written_nothing_is_begun()
    {
        WriteSession();
        _run.Machine.Unwritable[_folder] = "Permission denied";
        _run.Machine.Free = 1 << 20;
        Assert.Equal(2, await _run.RunAsync("merge", _folder));
        Assert.Contains("cannot be written: Permission denied; name another folder with -o DIR", _run.Error);
        Assert.Contains("only 1 MiB are free", _run.Error);
    }

    [Fact]
    public async Task A_session_without_traces_leaves_nothing_to_merge_a_report_and_its_document_as_it_was()
    {
        WriteSession();
        var document = await File.ReadAllBytesAsync(Path.Combine(_folder, "session.json"));
        Assert.Equal(1, await _run.RunAsync("merge", _folder));
        Assert.Contains("nothing could be merged", _run.Out);
        Assert.Contains("browsers/b1.pftrace.gz: is missing", _run.Out);
        Assert.Equal(["report.html", "session.json"], Files().Select(Path.GetFileName));
        Assert.Equal(document, await File.ReadAllBytesAsync(Path.Combine(_folder, "session.json")));
    }

    [Fact]
    public async Task With_json_it_is_one_document()
    {
        WriteSession();
        Assert.Equal(1, await _run.RunAsync("merge", _folder, "--json", "--max-clock-error", "100us"));
        using var json = JsonDocument.Parse(_run.Out);
        Assert.Equal(1, json.RootElement.GetProperty("schema").GetInt32());
        Assert.Equal(_folder, json.RootElement.GetProperty("folder").GetString());
        Assert.Empty(json.RootElement.GetProperty("merged").EnumerateArray());
        var session = Assert.Single(json.RootElement.GetProperty("sessions").EnumerateArray());
        Assert.Equal("unaligned", session.GetProperty("browsers")[0].GetProperty("clock").GetProperty("relation").GetString());
        Assert.Contains(json.RootElement.GetProperty("problems").EnumerateArray(), problem => problem.GetProperty("file").GetString() == "browsers/b1.pftrace.gz");
    }

    private string[] InFolder(string[] args) => [.. args.Select(arg => arg.Replace("{session}", _folder, StringComparison.Ordinal))];

    private List<string> Files() => [.. Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories).Order()];

    private void WriteSession()
    {
        var plan = Documents.Plan("s-1") with { OutputFolder = _folder };
        File.WriteAllBytes(Path.Combine(_folder, "session.json"), Documents.Of(plan, [BrowserOutcome.Complete, BrowserOutcome.Refused]).ToUtf8());
    }
}
