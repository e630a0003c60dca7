using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Views;
using Orchestrator.Host.Api;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Remote;

/// <param name="Token">Null: none is sent.</param>
internal sealed record ServerAddress(Uri Url, string? Token);

/// <summary>The server cannot be reached, or cannot answer now; to ask again later may help.</summary>
internal sealed class ServerUnavailableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The server answers that it will not do it.</summary>
internal sealed class ServerRefusalException(ServerAddress server, Problem problem)
    : Exception($"{server.Url}: {problem.Detail ?? problem.Title} (HTTP {problem.Status})")
{
    public Problem Problem => problem;
}

/// <summary>A cluster's sessions, over the HTTP API of one of its nodes. Each method asks once.</summary>
/// <exception cref="ServerUnavailableException">Of each: there is no answer.</exception>
/// <exception cref="ServerRefusalException">Of each: the answer is no.</exception>
internal sealed class ClusterClient : ISessionHistory
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    // Three signs of life that did not come.
    private static readonly TimeSpan Silence = 3 * SessionEventStream.SignOfLife;

    private readonly ServerAddress _server;
    private readonly TimeProvider _time;

    public ClusterClient(ServerAddress server, TimeProvider time)
    {
        (_server, _time) = (server, time);
        // Silence is told here. A proxy is not asked: a cluster is in the network that this machine is in.
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Url, Timeout = Timeout.InfiniteTimeSpan };
        if (server.Token is not null) Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
    }

    public ServerAddress Server => _server;

    /// <summary>For downloads.</summary>
    public HttpClient Http { get; }

    /// <param name="body">See <see cref="SessionRequest.Write"/>.</param>
    public async Task<SessionAccepted> OpenAsync(byte[] body, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/sessions") { Content = content }, cancellationToken);
        return await JsonAsync(answer, ApiJson.Default.SessionAccepted, cancellationToken);
    }

    public Task EndAsync(string sessionId, CancellationToken cancellationToken) => PostAsync($"{Path(sessionId)}/end", cancellationToken);

    public Task AbortAsync(string sessionId, CancellationToken cancellationToken) => PostAsync($"{Path(sessionId)}/abort", cancellationToken);

    public Task<ClusterStatus> StatusAsync(CancellationToken cancellationToken) => GetAsync("/api/nodes", ApiJson.Default.ClusterStatus, cancellationToken);

    public Task<IReadOnlyList<Artifact>> ListArtifactsAsync(string sessionId, CancellationToken cancellationToken) =>
        GetAsync($"{Path(sessionId)}/artifacts", ApiJson.Default.IReadOnlyListArtifact, cancellationToken);

    public Uri AddressOf(string sessionId, Artifact artifact) =>
        new(_server.Url, $"{Path(sessionId)}/artifacts/{string.Join('/', artifact.Name.Split('/').Select(Uri.EscapeDataString))}");

    public Task<IReadOnlyList<SessionSummary>> ListAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/sessions", SessionJsonContext.Default.IReadOnlyListSessionSummary, cancellationToken);

    public async Task<IReadOnlyList<SessionSummary>> FindAsync(string id, CancellationToken cancellationToken)
    {
        var all = await ListAsync(cancellationToken);
        return all.Where(session => session.SessionId == id).ToList() is [_, ..] exact ? exact : [.. all.Where(session => session.SessionId.StartsWith(id, StringComparison.Ordinal))];
    }

    public async Task<SessionDocument?> ReadAsync(string sessionId, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, Path(sessionId)), cancellationToken);
        var bytes = await AnswerAsync(answer.Content.ReadAsByteArrayAsync, cancellationToken);
        try
        {
            return SessionDocument.Parse(bytes);
        }
        catch (JsonException strange)
        {
            throw Strange(strange);
        }
    }

    public async Task<IReadOnlyList<JournalEntry>> ReadEventsAsync(string sessionId, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"{Path(sessionId)}/journal"), cancellationToken);
        var bytes = await AnswerAsync(answer.Content.ReadAsByteArrayAsync, cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return
            [
                .. json.RootElement.EnumerateArray().Select(entry => new JournalEntry(
                    entry.GetProperty("sequenceNr").GetInt64(), entry.GetProperty("at").GetDateTimeOffset(), entry.GetProperty("manifest").GetString()!, entry.GetProperty("event").GetRawText())),
            ];
        }
        catch (Exception strange) when (strange is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Strange(strange);
        }
    }

    /// <summary>The session as it is, then as it changes; ends when the session has ended.</summary>
    /// <param name="lastEventId">Of the last event that was heard; 0: none.</param>
    /// <exception cref="ServerUnavailableException">The connection ended before the session did.</exception>
    public async IAsyncEnumerable<(long EventId, SessionView View)> FollowAsync(string sessionId, long lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Path(sessionId)}/events") { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/event-stream") } } };
        if (lastEventId > 0) request.Headers.Add("Last-Event-ID", lastEventId.ToString(CultureInfo.InvariantCulture));
        using var answer = await SendAsync(request, cancellationToken);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        SessionView? view = null;
        var (name, id, data) = ("", 0L, "");
        while (true)
        {
            var line = await AnswerAsync(token => lines.ReadLineAsync(token).AsTask(), cancellationToken, Silence)
                ?? throw new ServerUnavailableException($"{_server.Url} ended the connection");
            if (line.Length > 0)
            {
                if (Field(line, "event") is { } named) name = named;
                else if (Field(line, "id") is { } numbered) _ = long.TryParse(numbered, NumberStyles.None, CultureInfo.InvariantCulture, out id);
                else if (Field(line, "data") is { } told) data = told;
                continue;
            }

            if (name == FollowedSession.End) yield break;
            if (data.Length > 0 && name is FollowedSession.Snapshot or FollowedSession.Change)
            {
                view = Followed(data).Onto(name == FollowedSession.Snapshot ? null : view);
                yield return (id, view);
            }

            (name, data) = ("", "");
        }
    }

    public ValueTask DisposeAsync()
    {
        Http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Path(string sessionId) => $"/api/sessions/{Uri.EscapeDataString(sessionId)}";

    private static string? Field(string line, string name) => line.StartsWith(name + ":", StringComparison.Ordinal) ? line[(name.Length + 1)..].TrimStart(' ') : null;

    private FollowedSession Followed(string data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, ApiJson.Default.FollowedSession) ?? throw new JsonException("null is no session.");
        }
        catch (JsonException strange)
        {
            throw Strange(strange);
        }
    }

    private async Task PostAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Post, path), cancellationToken);
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return await JsonAsync(answer, type, cancellationToken);
    }

    private async Task<T> JsonAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await AnswerAsync(token => answer.Content.ReadFromJsonAsync(type, token), cancellationToken) ?? throw new JsonException("null is no answer.");
        }
        catch (JsonException strange)
        {
            throw Strange(strange);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            var answer = await AnswerAsync(token => Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellationToken);
            if (answer.IsSuccessStatusCode) return answer;
            using (answer)
            {
                var problem = await ProblemAsync(answer, cancellationToken);
                throw answer.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests
                    ? new ServerUnavailableException($"{_server.Url}: {problem.Detail ?? problem.Title} (HTTP {problem.Status})", new ServerRefusalException(_server, problem))
                    : new ServerRefusalException(_server, problem);
            }
        }
    }

    private async Task<Problem> ProblemAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var unknown = new Problem(answer.ReasonPhrase is { Length: > 0 } reason ? reason : "it refuses", (int)answer.StatusCode);
        if (answer.Content.Headers.ContentType?.MediaType != Problem.MediaType) return unknown;
        try
        {
            return await AnswerAsync(token => answer.Content.ReadFromJsonAsync(ApiJson.Default.Problem, token), cancellationToken) ?? unknown;
        }
        catch (JsonException)
        {
            return unknown;
        }
    }

    private async Task<T> AnswerAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        using var silence = new CancellationTokenSource(patience ?? Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ServerUnavailableException($"{_server.Url} says nothing for {Durations.Format(patience ?? Patience)}");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new ServerUnavailableException($"{_server.Url} cannot be reached: {broken.Message.TrimEnd('.')}", broken);
        }
    }

    private InvalidDataException Strange(Exception cause) => new($"{_server.Url} answers what this version does not understand: {cause.Message} Is it a node of a cluster, and of the same version?", cause);
}
