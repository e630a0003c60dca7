using System.Text.Json;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Recording;

namespace Orchestrator.Host.Tests.Verbs;

public sealed class VerifyVerbTests : IDisposable
{
    private readonly CommandLineRun _run = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("verify")]
    [InlineData("verify", "")]
    [InlineData("verify", "missing")]
    [InlineData("verify", "missing", "missing")]
    [InlineData("verify", "missing", "-o", "x")]
    public async Task Wrong_usage_is_told(params string[] args)
    {
        Assert.Equal(2, await _run.RunAsync(args));
        Assert.StartsWith("error: ", _run.Error);
        Assert.Equal("", _run.Out);
    }

    [Fact]
    public async Task What_is_as_it_was_recorded_is_well()
    {
        WriteSession(BrowserOutcome.Refused);
        Assert.Equal(0, await _run.RunAsync("verify", _folder));
        Assert.Contains("  ok      session.json: readable: outcome failed, 2 browsers", _run.Out);
        Assert.Contains("all is well: 3 checks", _run.Out);
    }

    [Fact]
    public async Task What_is_wrong_is_named_with_its_file()
    {
        WriteSession(BrowserOutcome.Complete);
        Assert.Equal(1, await _run.RunAsync("verify", _folder));
        Assert.Contains("  FAILED  browsers/b1.pftrace.gz: present: is not in ", _run.Out);
        Assert.Contains(" failed", _run.Out);
    }

    [Fact]
    public async Task With_json_each_check_is_an_object()
    {
        WriteSession(BrowserOutcome.Complete);
        Assert.Equal(1, await _run.RunAsync("verify", _folder, "--json"));
        using var json = JsonDocument.Parse(_run.Out);
        var session = Assert.Single(json.RootElement.GetProperty("sessions").EnumerateArray());
        Assert.False(session.GetProperty("isOk").GetBoolean());
        var failed = session.GetProperty("checks").EnumerateArray().First(check => !check.GetProperty("ok").GetBoolean());
        Assert.Equal(("browsers/b1.pftrace.gz", "present"), (failed.GetProperty("file").GetString(), failed.GetProperty("what").GetString()));
    }

    private void WriteSession(BrowserOutcome first)
    {
        var plan = Documents.Plan("s-1") with { OutputFolder = _folder };
        File.WriteAllBytes(Path.Combine(_folder, "session.json"), Documents.Of(plan, [first, BrowserOutcome.Refused]).ToUtf8());
    }
}
