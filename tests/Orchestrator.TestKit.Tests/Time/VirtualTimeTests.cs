using Orchestrator.TestKit.Time;

namespace Orchestrator.TestKit.Tests.Time;

public sealed class VirtualTimeTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public void Timers_fire_in_the_order_of_their_instants_and_those_of_one_instant_in_the_order_in_which_they_were_set()
    {
        var fired = new List<string>();
        void Set(string name, int milliseconds) => _ = _time.CreateTimer(_ => fired.Add(name), null, TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
        Set("late", 30);
        Set("early", 10);
        Set("second of two", 20);
        Set("third of two", 20);

        _time.RunUntil(() => fired.Count == 4);

        Assert.Equal(["early", "second of two", "third of two", "late"], fired);
    }

    [Fact]
    public void A_timer_finds_the_clock_at_its_own_instant_and_no_time_passes_on_the_wall()
    {
        var began = _time.NowNanos;
        long fired = 0;
        using var timer = _time.CreateTimer(_ => fired = _time.NowNanos, null, TimeSpan.FromDays(400), Timeout.InfiniteTimeSpan);

        _time.RunUntil(() => fired != 0);

        Assert.Equal(TimeSpan.FromDays(400), _time.GetElapsedTime(began, fired));
    }

    [Fact]
    public void A_repeating_timer_fires_at_each_of_its_instants_until_it_is_disposed()
    {
        var began = _time.NowNanos;
        var fired = new List<long>();
        using (_time.CreateTimer(_ => fired.Add((_time.NowNanos - began) / 1_000_000), null, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(10)))
            _time.RunFor(TimeSpan.FromMilliseconds(40));
        _time.RunFor(TimeSpan.FromMilliseconds(40));

        Assert.Equal([5, 15, 25, 35], fired);
    }

    [Fact]
    public void Asynchronous_code_goes_on_on_the_worlds_thread_after_it_has_waited()
    {
        var threads = new HashSet<int>();
        async Task WaitAsync()
        {
            for (var turn = 0; turn < 10; turn++)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                await Task.Delay(TimeSpan.FromSeconds(1), _time);
                await Task.Yield();
            }
        }

        Task? waiting = null;
        _time.Schedule(TimeSpan.Zero, () => waiting = WaitAsync());
        _time.RunUntil(() => waiting is { IsCompleted: true });

        Assert.Equal([Environment.CurrentManagedThreadId], threads);
        Assert.Equal(0, _time.Strays);
    }

    [Fact]
    public void Patience_ends_in_the_worlds_time()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromHours(1), _time);
        var began = _time.NowNanos;

        _time.RunUntil(() => patience.IsCancellationRequested);

        Assert.Equal(TimeSpan.FromHours(1), _time.GetElapsedTime(began));
    }

    [Fact]
    public void What_comes_back_from_another_thread_is_told()
    {
        Task? work = null;
        using var isAwaited = new ManualResetEventSlim();
        _time.Schedule(TimeSpan.Zero, () =>
        {
            work = LeaveAsync();
            isAwaited.Set();
        });
        using var ticking = _time.CreateTimer(_ => { }, null, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));

        _time.RunUntil(() => work is { IsCompleted: true });

        Assert.Equal(1, _time.Strays);

        async Task LeaveAsync() => await Task.Run(isAwaited.Wait);
    }

    [Fact]
    public void A_timer_that_is_set_on_another_thread_fires_and_is_told()
    {
        var fired = false;
        using var ticking = _time.CreateTimer(_ => { }, null, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        _time.Schedule(TimeSpan.FromMilliseconds(2), () =>
        {
            var elsewhere = new Thread(() => _time.Schedule(TimeSpan.FromSeconds(1), () => fired = true));
            elsewhere.Start();
            elsewhere.Join();
        });

        _time.RunUntil(() => fired);

        Assert.Equal(1, _time.Strays);
    }

    [Fact]
    public void A_world_in_which_nothing_is_left_to_happen_says_so_instead_of_hanging() =>
        Assert.Throws<WorldStandsStillException>(() => _time.RunUntil(() => false));

    [Fact]
    public void It_can_be_given_up()
    {
        using var givenUp = new CancellationTokenSource();
        using var ticking = _time.CreateTimer(_ => givenUp.Cancel(), null, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));

        Assert.Throws<OperationCanceledException>(() => _time.RunUntil(() => false, givenUp.Token));
    }
}
