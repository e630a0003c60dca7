using System.Text;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Remote;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

public sealed class RemoteSessionTests : IAsyncLifetime
{
    private readonly NoDisplay _display = new();
    private ServedNode _node = null!;
    private ClusterClient _client = null!;

    public async Task InitializeAsync()
    {
        _node = await ServedNode.StartAsync();
        _client = new ClusterClient(new ServerAddress(_node.Address, null), TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task The_first_wish_to_stop_ends_the_window_and_the_second_gives_the_session_up()
    {
        using var stop = new StopRequests(_ => { });
        var (id, following) = await FollowedAsync(stop);
        var taken = new TaskCompletionSource();
        _node.Node.OnAsked = asked =>
        {
            if (asked.StartsWith("end", StringComparison.Ordinal)) stop.Request("SIGINT");
            else taken.SetResult();
        };
        stop.Request("SIGINT");
        await taken.Task;
        Over(id, SessionOutcome.Aborted);
        Assert.Equal(SessionOutcome.Aborted, (await following).Outcome);
        Assert.Equal([$"end {id}", $"abort {id} given up on request"], _node.Node.Asked);
    }

    [Fact]
    public async Task A_wish_to_stop_is_told_until_the_server_has_taken_it()
    {
        using var stop = new StopRequests(_ => { });
        var (id, following) = await FollowedAsync(stop);
        await _node.StopAsync();
        stop.Request("SIGTERM");
        var taken = new TaskCompletionSource();
        _node.Node.OnAsked = _ => taken.SetResult();
        await _node.StartAgainAsync();
        await taken.Task;
        Over(id, SessionOutcome.Complete);
        await following;
        Assert.Equal([$"end {id}"], _node.Node.Asked);
    }

    [Fact]
    public async Task Of_a_session_that_nobody_knows_any_more_nothing_is_waited_for()
    {
        using var stop = new StopRequests(_ => { });
        var refusal = await Assert.ThrowsAsync<ServerRefusalException>(() => new RemoteSession(_client, TimeProvider.System, _display).FollowAsync("nobody", stop));
        Assert.Contains("There is no session 'nobody'", refusal.Message);
    }

    [Fact]
    public async Task Between_two_coordinators_a_session_is_not_taken_for_over()
    {
        using var stop = new StopRequests(_ => { });
        var (id, following) = await FollowedAsync(stop);
        var next = new SessionFeed();
        next.Show(FakeNode.View(_node.Node.Opened[0], SessionPhase.Flushing));
        // The first coordinator is gone, and with it its feed; the journal says that the session is open.
        var feed = _node.Node.Feeds[id];
        _node.Node.Feeds[id] = next;
        feed.End();
        await next.IsFollowed;
        Over(id, SessionOutcome.Complete);
        Assert.Equal(SessionOutcome.Complete, (await following).Outcome);
        Assert.Equal(SessionPhase.Flushing, _display.Shown[^1].Phase);
    }

    [Fact]
    public async Task Changes_are_put_together_to_whole_views()
    {
        using var stop = new StopRequests(_ => { });
        var (id, following) = await FollowedAsync(stop);
        var view = FakeNode.View(_node.Node.Opened[0], SessionPhase.Window);
        _node.Node.Feeds[id].Show(view);
        _node.Node.Feeds[id].Show(view with { Browsers = [view.Browsers[0] with { BufferFill = 0.5, Bytes = 7 }, view.Browsers[1]] });
        Over(id, SessionOutcome.Complete);
        await following;
        var last = _display.Shown[^1];
        Assert.Equal((SessionPhase.Window, view.WindowOpenedAt, view.Duration), (last.Phase, last.WindowOpenedAt, last.Duration));
        Assert.Equal([view.Browsers[0] with { BufferFill = 0.5, Bytes = 7 }, view.Browsers[1]], last.Browsers);
    }

    private async Task<(string Id, Task<SessionDocument> Following)> FollowedAsync(StopRequests stop)
    {
        var session = new RemoteSession(_client, TimeProvider.System, _display);
        var id = (await session.OpenAsync(Encoding.UTF8.GetBytes("{}"), CancellationToken.None, CancellationToken.None)).SessionId;
        var following = session.FollowAsync(id, stop);
        await _node.Node.Feeds[id].IsFollowed;
        return (id, following);
    }

    private void Over(string id, SessionOutcome outcome) =>
        _node.Node.Over(Documents.Of(_node.Node.Opened.Single(plan => plan.SessionId == id), [BrowserOutcome.Complete, BrowserOutcome.Complete], outcome));

    private sealed class NoDisplay : ISessionDisplay
    {
        public List<SessionView> Shown { get; } = [];

        public void Show(SessionView view) => Shown.Add(view);

        public void Say(string line)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
