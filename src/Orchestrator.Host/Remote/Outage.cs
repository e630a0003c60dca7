using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Remote;

/// <summary>A server that was there and is away: how long it is waited for, and what is said of it meanwhile.</summary>
internal sealed class Outage(TimeProvider time, Action<string> say)
{
    /// <summary>Longer than a fail-over takes, and a restart.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private long? _since;
    private TimeSpan _pause = FirstPause;

    /// <summary>The server answers.</summary>
    public void Over()
    {
        if (_since is not null) say("the server answers again");
        (_since, _pause) = (null, FirstPause);
    }

    /// <summary>Waits a little before the server is asked again.</summary>
    /// <exception cref="ServerUnavailableException">It was away for too long.</exception>
    public async Task WaitAsync(ServerUnavailableException why, CancellationToken cancellationToken)
    {
        if (_since is null) say($"{why.Message}; trying again for {Durations.Format(Patience)}");
        var since = _since ??= time.GetTimestamp();
        if (time.GetElapsedTime(since) > Patience) throw why;
        await Task.Delay(_pause, time, cancellationToken);
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }

    /// <summary>Asks until there is an answer.</summary>
    public async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var answer = await ask();
                Over();
                return answer;
            }
            catch (ServerUnavailableException away)
            {
                await WaitAsync(away, cancellationToken);
            }
        }
    }
}
