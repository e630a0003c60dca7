using System.Text;
using System.Text.Json;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

/// <summary>A fake node behind a real server, and a client.</summary>
public abstract class ApiSpec : IAsyncLifetime
{
    private ServedNode _served = null!;

    private protected ServedNode Served => _served;

    protected HttpClient Http => Served.Http;

    public async Task InitializeAsync() => _served = await ServedNode.StartAsync();

    public async Task DisposeAsync()
    {
        Assert.Empty(Served.Said);
        await Served.DisposeAsync();
    }

    protected async Task<string> OpenedAsync()
    {
        using var answer = await PostAsync("/api/sessions", "{}");
        return (await JsonAsync(answer)).GetProperty("sessionId").GetString()!;
    }

    /// <summary>A session of two browsers, the second of which was lost, with its files.</summary>
    protected async Task<SessionDocument> RecordedAsync()
    {
        var id = await OpenedAsync();
        foreach (var (name, bytes) in ((string, int)[])[("session.json", 2), ("report.html", 6), ("other.txt", 1), ("browsers/b1.pftrace.gz", 100), ("browsers/b1.recording.json", 2), ("nodes/node-1.clock.json", 2)])
            Served.Folder.Write($"sessions/{id}/{name}", new byte[bytes]);
        var document = Documents.Of(Served.Node.Opened[^1], [BrowserOutcome.Complete, BrowserOutcome.ConnectionLost]);
        Served.Node.Over(document);
        return document;
    }

    protected Task<HttpResponseMessage> PostAsync(string path, string json) => Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    protected static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonElement.Parse(await answer.Content.ReadAsStringAsync());

    /// <summary>The problem's errors, a line each: field, colon, what is wrong.</summary>
    protected static async Task<string> ProblemsAsync(HttpResponseMessage answer) => answer.IsSuccessStatusCode ? "" : string.Join('\n', (await JsonAsync(answer)).GetProperty("errors").EnumerateArray()
        .Select(error => error.TryGetProperty("field", out var field) ? $"{field.GetString()}: {error.GetProperty("detail").GetString()}" : error.GetProperty("detail").GetString()));
}
