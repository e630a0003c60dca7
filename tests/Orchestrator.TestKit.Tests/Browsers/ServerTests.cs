using Microsoft.Extensions.Time.Testing;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Browsers;

/// <summary>What only the way in over a real WebSocket can get wrong.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task A_browser_that_comes_to_refuse_connections_lets_nobody_in_any_more()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        server.Browser.With(new Fault.RefuseConnection());

        await Assert.ThrowsAsync<CdpEndpointException>(() => ConnectAsync(server));
    }

    [Fact]
    public async Task A_client_that_is_connecting_while_the_browser_dies_is_not_left_waiting()
    {
        var time = new FakeTimeProvider();
        var conditions = new BrowserConditions { Connecting = new Delay.Constant(TimeSpan.FromHours(1)) };
        var browser = new SimulatedBrowser(conditions, time);
        await using var server = await SimulatedBrowserServer.StartAsync([browser]);
        var connecting = ConnectAsync(server);

        browser.Kill();

        await Assert.ThrowsAsync<CdpEndpointException>(async () =>
        {
            while (!connecting.IsCompleted)
            {
                time.Advance(TimeSpan.FromHours(1));
                await Task.Yield();
            }

            await connecting;
        });
    }

    [Fact]
    public async Task A_handler_that_throws_ends_its_connection_and_is_told()
    {
        await using var server = await SimulatedBrowserServer.StartAsync(browser => browser
            .On("Tracing.start", _ => SimulatedAnswer.Do(_ => throw new InvalidOperationException("a mistake of the test"))));
        await using var connection = await ConnectAsync(server);

        await Assert.ThrowsAsync<CdpBrokenException>(() => connection.CallAsync(TracingDomain.Start, new TracingStartParams()).Soon());

        Assert.Equal("a mistake of the test", server.Browser.HandlerFailure!.Message);
    }

    [Fact]
    public async Task A_reason_that_no_close_frame_has_room_for_is_refused()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        var accepted = await server.AcceptAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => accepted.CloseAsync(new string('x', 124)));
        await accepted.CloseAsync(new string('x', 123)).Soon();

        Assert.Equal(CdpBreakKind.Closed, (await connection.Broken.Soon()).Kind);
    }

    private static Task<CdpConnection> ConnectAsync(SimulatedBrowserServer server) =>
        CdpConnection.ConnectAsync(server.BrowserUrl, TimeProvider.System, options: null, CancellationToken.None).Soon();
}
