using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

/// <summary>A session's files.</summary>
public sealed class ArtifactTests : ApiSpec
{
    [Fact]
    public async Task Artifacts_are_those_that_the_document_tells_of()
    {
        var document = await RecordedAsync();
        var listed = await Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{document.SessionId}/artifacts");
        Assert.Equal(
            [("browsers/b1.pftrace.gz", 100, "abc123"), ("browsers/b1.recording.json", 2, null), ("nodes/node-1.clock.json", 2, null), ("report.html", 6, null), ("session.json", 2, null)],
            listed.EnumerateArray().Select(artifact => (artifact.GetProperty("name").GetString(), artifact.GetProperty("bytes").GetInt32(), artifact.TryGetProperty("sha256", out var hash) ? hash.GetString() : null)));
        foreach (var artifact in listed.EnumerateArray())
        {
            using var answer = await Http.GetAsync($"/api/sessions/{document.SessionId}/artifacts/{artifact.GetProperty("name").GetString()}");
            Assert.Equal((HttpStatusCode.OK, artifact.GetProperty("bytes").GetInt32()), (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync()).Length));
            Assert.False(answer.Headers.ETag!.IsWeak);
        }

        using var range = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/{document.SessionId}/artifacts/browsers/b1.pftrace.gz") { Headers = { Range = new RangeHeaderValue(90, null) } };
        using var part = await Http.SendAsync(range);
        Assert.Equal((HttpStatusCode.PartialContent, 10), (part.StatusCode, (await part.Content.ReadAsByteArrayAsync()).Length));
    }

    [Theory]
    [InlineData("other.txt")]
    [InlineData("browsers")]
    [InlineData("browsers/b2.pftrace.gz")]
    [InlineData("browsers/b9.pftrace.gz")]
    [InlineData("..%2fsecret")]
    [InlineData("%2e%2e/secret")]
    public async Task Other_files_are_not_handed_out(string name)
    {
        var document = await RecordedAsync();
        using var answer = await Http.GetAsync($"/api/sessions/{document.SessionId}/artifacts/{name}");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_document_that_names_files_elsewhere_opens_nothing()
    {
        var document = await RecordedAsync();
        Served.Folder.Write("secret", [1]);
        Served.Node.Documents[document.SessionId] = document with { Merged = [new MergedFile("perfetto", "../../secret", 1, "x")] };
        using var answer = await Http.GetAsync($"/api/sessions/{document.SessionId}/artifacts/..%2f..%2fsecret");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
