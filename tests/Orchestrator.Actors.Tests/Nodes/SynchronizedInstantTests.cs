using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Nodes;

public sealed class SynchronizedInstantTests
{
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task All_that_wait_are_run_at_the_instant_in_the_order_in_which_they_came()
    {
        var order = new List<int>();
        var instant = SynchronizedInstant.At(_time.GetTimestamp() + Lead.Ticks, _time, TimeSpan.Zero);
        var runs = Enumerable.Range(1, 50).Select(number => instant.Run(() =>
        {
            order.Add(number);
            return Task.FromResult(number);
        })).ToArray();

        _time.Advance(Lead - TimeSpan.FromTicks(1));
        Assert.Empty(order);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(Enumerable.Range(1, 50), order);
        Assert.Equal(Enumerable.Range(1, 50), await Task.WhenAll(runs).Soon());
    }

    [Fact]
    public async Task Who_comes_late_is_run_at_once()
    {
        var instant = SynchronizedInstant.At(_time.GetTimestamp() + Lead.Ticks, _time, TimeSpan.Zero);
        _time.Advance(Lead * 2);

        var ran = false;
        var run = instant.Run(() => Task.FromResult(ran = true));
        Assert.True(ran);
        Assert.True(await run);
    }

    [Fact]
    public async Task An_instant_that_has_passed_already_is_now()
    {
        var instant = SynchronizedInstant.At(TimeProvider.System.GetTimestamp() - TimeProvider.System.TimestampFrequency, TimeProvider.System, TimeSpan.FromMilliseconds(1));
        Assert.Equal(7, await instant.Run(() => Task.FromResult(7)).Soon());
    }

    [Fact]
    public async Task One_that_throws_fails_its_own_task_and_no_other()
    {
        var instant = SynchronizedInstant.At(_time.GetTimestamp() + Lead.Ticks, _time, TimeSpan.Zero);
        var before = instant.Run(() => Task.FromResult(1));
        var throws = instant.Run<int>(() => throw new InvalidOperationException("mine"));
        var faults = instant.Run(() => Task.FromException<int>(new InvalidOperationException("mine, too")));
        var after = instant.Run(() => Task.FromResult(2));
        _time.Advance(Lead);

        Assert.Equal((1, 2), (await before.Soon(), await after.Soon()));
        Assert.Equal("mine", (await Assert.ThrowsAsync<InvalidOperationException>(() => throws)).Message);
        Assert.Equal("mine, too", (await Assert.ThrowsAsync<InvalidOperationException>(() => faults)).Message);
        Assert.Equal("late", (await Assert.ThrowsAsync<InvalidOperationException>(() => instant.Run<int>(() => throw new InvalidOperationException("late")))).Message);
    }

    [Fact]
    public async Task A_run_completes_when_what_it_started_does()
    {
        var instant = SynchronizedInstant.At(_time.GetTimestamp() + Lead.Ticks, _time, TimeSpan.Zero);
        var answer = new TaskCompletionSource<int>();
        var run = instant.Run(() => answer.Task);
        _time.Advance(Lead);
        Assert.False(run.IsCompleted);
        answer.SetResult(5);
        Assert.Equal(5, await run.Soon());
    }

    [Theory]
    [InlineData(100, new[] { "first", "second" })]
    [InlineData(101, new[] { "second" })]
    public void What_was_due_no_later_is_sent_before_though_its_own_timer_is_late(int firstDue, string[] sent)
    {
        var order = new List<string>();
        var due = _time.GetTimestamp() + Lead.Ticks;
        var late = new FakeTimeProvider(_time.Start); // nobody moves it on
        var first = SynchronizedInstant.At(_time.GetTimestamp() + TimeSpan.FromMilliseconds(firstDue).Ticks, late, TimeSpan.Zero);
        var second = SynchronizedInstant.At(due, _time, TimeSpan.Zero, after: first);
        _ = second.Run(() => Noted("second"));
        _ = first.Run(() => Noted("first"));
        _time.Advance(Lead);

        Assert.Equal(sent, order);

        Task<int> Noted(string what)
        {
            order.Add(what);
            return Task.FromResult(0);
        }
    }

    [Fact]
    public async Task Nothing_is_run_before_the_instant()
    {
        var due = TimeProvider.System.GetTimestamp() + TimeProvider.System.TimestampFrequency / 20;
        var instant = SynchronizedInstant.At(due, TimeProvider.System, TimeSpan.FromMilliseconds(3));
        Assert.Equal(due, instant.Due);
        Assert.True(await instant.Run(() => Task.FromResult(TimeProvider.System.GetTimestamp())).Soon() >= due);
    }
}
