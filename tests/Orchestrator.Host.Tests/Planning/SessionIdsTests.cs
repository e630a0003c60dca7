using Microsoft.Extensions.Time.Testing;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Tests.Planning;

public class SessionIdsTests
{
    [Fact]
    public void An_id_is_the_instant_and_four_letters()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 45, 1, TimeSpan.Zero));
        Assert.Matches("^20261123-124501-[a-z2-9]{4}$", SessionIds.New(time, new Random(1)));
    }

    [Fact]
    public void Ids_sort_by_time_and_differ_within_a_second()
    {
        var time = new FakeTimeProvider();
        var random = new Random(1);
        var first = SessionIds.New(time, random);
        Assert.NotEqual(first, SessionIds.New(time, random));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(string.CompareOrdinal(first, SessionIds.New(time, random)) < 0);
    }
}
