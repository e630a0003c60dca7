using Akka.TestKit;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Tests.Support;
using Orchestrator.TestKit.Time;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Browsers;

/// <summary>A user's spec with Akka's TestScheduler drives simulated browsers in memory.</summary>
public sealed class SchedulerTimeTests() : Akka.TestKit.Xunit2.TestKit("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    public async Task Ten_minutes_of_recording_pass_by_advancing_the_scheduler()
    {
        var time = new SchedulerTime(Sys.Scheduler);
        var browser = new SimulatedBrowser(new BrowserConditions { Starting = Constant(500), Back = Constant(20), Flushing = Constant(3000) }, time);
        await using var connection = await browser.ConnectAsync();

        var start = connection.CallAsync(TracingDomain.Start, new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, StreamFormat = StreamFormat.Proto });
        var answered = (await AdvanceUntilAsync(start)).AnsweredAt * 100;
        // How far the scheduler gets before the connection's threads have had their turn, nobody knows.
        Assert.InRange(browser.StartedAtNanos!.Value, 500_000_000, answered - 20_000_000);

        Scheduler.Advance(TimeSpan.FromMinutes(10));
        var asked = time.GetTimestamp() * 100;
        var marker = connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("after ten minutes"));
        var taken = (await AdvanceUntilAsync(marker)).AnsweredAt * 100;
        var recorded = ChromiumClient.EndAsync(connection);
        var found = Assert.Single((await AdvanceUntilAsync(recorded)).Survey().Markers);
        Assert.Equal("after ten minutes", found.SyncId);
        Assert.True(asked >= 600_000_000_000);
        // A trace tells whole microseconds.
        Assert.InRange(found.BrowserNanos, asked - 1_000, taken);
    }

    [Fact]
    public void A_timer_fires_when_it_is_due_again_and_again_until_it_is_stopped()
    {
        var time = new SchedulerTime(Sys.Scheduler);
        var fired = 0;
        using (var timer = time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)))
        {
            Scheduler.Advance(TimeSpan.FromSeconds(4));
            Assert.Equal(0, fired);
            Advance(seconds: 3);
            Assert.Equal(3, fired);
            timer.Change(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
            Advance(seconds: 5);
            Assert.Equal(4, fired);
            timer.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        }

        Advance(seconds: 5);
        Assert.Equal(4, fired);
        Assert.InRange(time.GetElapsedTime(0), TimeSpan.FromSeconds(17), TimeSpan.FromSeconds(17.1));
    }

    private static Delay.Constant Constant(int millis) => new Delay.Constant(TimeSpan.FromMilliseconds(millis));

    private void Advance(int seconds)
    {
        for (var second = 0; second < seconds; second++) Scheduler.Advance(TimeSpan.FromSeconds(1) + s_moment);
    }

    /// <summary>The connection itself works on the thread pool: time goes on when it has had its turn.</summary>
    private async Task<T> AdvanceUntilAsync<T>(Task<T> task)
    {
        for (var step = 0; !task.IsCompleted; step++)
        {
            Assert.InRange(step, 0, 1_000_000);
            Scheduler.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        return await task.Soon();
    }
}
