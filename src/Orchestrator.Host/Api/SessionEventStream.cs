using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Actors.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Api;

/// <summary>
/// <c>GET /api/sessions/{id}/events</c>: server-sent events. The first is a <c>snapshot</c>, then come <c>change</c>s, at last an
/// <c>end</c>. Each has a number that is higher than the one before, and than <c>Last-Event-ID</c>: who comes back gets a snapshot, in
/// which whatever was missed is contained.
/// </summary>
internal sealed class SessionEventStream(INodeServices services, TimeProvider time, CancellationToken stopping)
{
    /// <summary>A comment is sent when nothing else was for so long, so that each side sees when the other is gone.</summary>
    public static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(10);

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/sessions/{id}/events", (RequestDelegate)FollowAsync);

    private async Task FollowAsync(HttpContext context)
    {
        var id = Answers.SessionId(context);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var number = long.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last < long.MaxValue / 2 ? last : 0;
        var stream = new EventStream(context, number, either.Token);
        SessionView? before = null;
        try
        {
            await using var views = new Views(services.WatchAsync(id, either.Token).GetAsyncEnumerator(either.Token), time);
            while (await views.NextAsync(stream.SignOfLifeAsync) is { } view)
            {
                await stream.SendAsync(before is null ? FollowedSession.Snapshot : FollowedSession.Change, FollowedSession.Of(view, before), ApiJson.Default.FollowedSession);
                before = view;
            }
        }
        catch (SessionNotOpenException) when (before is null)
        {
            // It is over: what became of it is the snapshot.
        }

        var document = await SessionEndpoints.DocumentAsync(services, id, either.Token);
        // Between two coordinators a session is open and nobody runs it. Who follows it comes back, and is not told of an end that was none.
        if (document.Outcome is null) throw new CoordinatorUnavailableException($"Nobody runs session {id} at the moment.");
        if (before is null) await stream.SendAsync(FollowedSession.Snapshot, FollowedSession.Of(AtTheEnd(document), null), ApiJson.Default.FollowedSession);
        await stream.SendAsync(FollowedSession.End, new FollowedEnd(document.Outcome, document.Reason), ApiJson.Default.FollowedEnd);
    }

    private static SessionView AtTheEnd(SessionDocument document) => new(
        document.SessionId, SessionPhase.Ended, document.WindowOpenedAt, (document.WindowClosedAt - document.WindowOpenedAt) ?? TimeSpan.Zero,
        [.. document.Browsers.Select(browser => new BrowserView(
            browser.Name, "complete", browser.BufferPeak, browser.Bytes, browser.Markers, browser.Outcome, browser.Reason, browser.Product))]);

    /// <summary>The views one after the other, with a sign of life while there is none.</summary>
    private sealed class Views(IAsyncEnumerator<SessionView> views, TimeProvider time) : IAsyncDisposable
    {
        private Task<bool>? _next;

        /// <summary>Null: the session has ended.</summary>
        public async Task<SessionView?> NextAsync(Func<Task> signOfLife)
        {
            _next = views.MoveNextAsync().AsTask();
            while (true)
            {
                await ((Task)_next).WaitAsync(SignOfLife, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_next.IsCompleted) return await _next ? views.Current : null;
                await signOfLife();
            }
        }

        public async ValueTask DisposeAsync()
        {
            // Who waits is cancelled by the same token that ended this; nobody may dispose of an enumerator under it.
            if (_next is not null) await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await views.DisposeAsync();
        }
    }

    private sealed class EventStream(HttpContext context, long number, CancellationToken cancellationToken)
    {
        private long _number = number;
        private bool _hasBegun;

        public Task SendAsync<T>(string name, T data, JsonTypeInfo<T> type) =>
            WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {++_number}\nevent: {name}\ndata: {JsonSerializer.Serialize(data, type)}\n\n"));

        // Nothing before the first event: until then the answer may still be a problem.
        public Task SignOfLifeAsync() => _hasBegun ? WriteAsync(":\n\n") : Task.CompletedTask;

        private async Task WriteAsync(string text)
        {
            if (!_hasBegun)
            {
                context.Response.ContentType = "text/event-stream";
                context.Response.Headers.CacheControl = "no-store";
                _hasBegun = true;
            }

            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
        }
    }
}
