using System.Net;
using Orchestrator.Host.Api;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Remote;

/// <summary>A session of a cluster that somebody here waits for: shown as if it ran here, and stopped as if it did.</summary>
internal sealed class RemoteSession(ClusterClient client, TimeProvider time, ISessionDisplay display)
{
    /// <summary>Opens a session. Where nobody is in office it is asked again; where it is not known whether the server has heard it, it is not.</summary>
    /// <param name="end">Cancelled: it is not asked for again; what is asked for already is awaited, and can then be ended in order.</param>
    /// <param name="abort">Cancelled: it is not awaited either.</param>
    public async Task<SessionAccepted> OpenAsync(byte[] body, CancellationToken end, CancellationToken abort)
    {
        var outage = new Outage(time, display.Say);
        while (true)
        {
            try
            {
                return await client.OpenAsync(body, abort);
            }
            catch (ServerUnavailableException away) when (away.InnerException is ServerRefusalException { Problem.Status: (int)HttpStatusCode.ServiceUnavailable })
            {
                await outage.WaitAsync(away, end);
            }
        }
    }

    /// <summary>Shows the session until it has its outcome.</summary>
    /// <exception cref="ServerUnavailableException">The server was away for too long; the session goes on without us.</exception>
    public async Task<SessionDocument> FollowAsync(string sessionId, StopRequests stop)
    {
        using var over = new CancellationTokenSource();
        var stopping = Task.WhenAll(
            SendWhenAsync(token => client.EndAsync(sessionId, token), stop.End, over.Token),
            SendWhenAsync(token => client.AbortAsync(sessionId, token), stop.Abort, over.Token));
        try
        {
            await ShowAsync(sessionId);
            return await new Outage(time, display.Say).AskAsync(() => client.ReadAsync(sessionId, CancellationToken.None), CancellationToken.None)
                ?? throw new InvalidDataException($"{client.Server.Url} has ended session {sessionId} and knows nothing of it.");
        }
        finally
        {
            await over.CancelAsync();
            await stopping;
        }
    }

    private async Task ShowAsync(string sessionId)
    {
        var outage = new Outage(time, display.Say);
        var heard = 0L;
        while (true)
        {
            try
            {
                await foreach (var (id, view) in client.FollowAsync(sessionId, heard, CancellationToken.None))
                {
                    outage.Over();
                    heard = id;
                    display.Show(view);
                }

                return;
            }
            catch (ServerUnavailableException away)
            {
                await outage.WaitAsync(away, CancellationToken.None);
            }
        }
    }

    /// <summary>Once it is wished: asks until the server has taken it, or the session is over.</summary>
    private async Task SendWhenAsync(Func<CancellationToken, Task> send, CancellationToken wished, CancellationToken over)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wished, over);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (over.IsCancellationRequested) return;
        try
        {
            // What is said of an outage the follower says.
            await new Outage(time, _ => { }).AskAsync(async () =>
            {
                await send(over);
                return true;
            }, over);
        }
        catch (ServerRefusalException refusal) when (refusal.Problem.Status is (int)HttpStatusCode.Conflict)
        {
            // It is over already.
        }
        catch (ServerRefusalException refusal)
        {
            display.Say($"the session could not be stopped: {refusal.Message}");
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // Nobody wishes it any more.
        }
        catch (ServerUnavailableException)
        {
            // The follower gives up for the same reason, and says so.
        }
    }
}
