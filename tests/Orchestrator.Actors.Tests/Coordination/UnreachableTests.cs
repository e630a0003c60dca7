using System.Net;
using System.Net.Sockets;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>Browsers that cannot be had at all.</summary>
public sealed class UnreachableTests : SessionSpec
{
    [Fact]
    public async Task An_endpoint_that_is_no_devtools_endpoint_is_refused_with_what_it_is()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.HttpAnswers["/json/version"] = (200, "<html>a shop</html>"));
        var target = new BrowserTarget { Name = "b1", Endpoint = browsers["b1"].HttpUrl.OriginalString };
        var document = await Rig.RecordAsync(Plans.Of(Folder, [target]));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Refused);
        AssertToldOnce(document);
        Assert.Contains("is no DevTools endpoint", Of(document, "b1").Reason);
        Assert.Contains("<html>a shop", Of(document, "b1").Reason);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_refused()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound and not listening: nobody else gets it meanwhile
        var target = new BrowserTarget { Name = "b1", Endpoint = $"http://{taken.LocalEndPoint}" };
        var document = await Rig.RecordAsync(Plans.Of(Folder, [target]));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Refused);
        Assert.Contains("cannot be reached", Of(document, "b1").Reason);
        Assert.Equal(target.Endpoint, Of(document, "b1").Endpoint);
    }

    [Fact]
    public async Task A_web_socket_that_is_not_there_is_refused()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var target = new BrowserTarget { Name = "b1", Endpoint = browsers["b1"].WebSocketUrl("/devtools/browser/another").OriginalString };
        var document = await Rig.RecordAsync(Plans.Of(Folder, [target]));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Refused);
        Assert.NotEmpty(Of(document, "b1").Reason!);
    }

    [Fact]
    public async Task A_browser_that_drops_the_connection_before_it_said_what_it_is_is_refused()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("Browser.getVersion", _ => SimulatedAnswer.Drop));
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Refused);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task A_browser_to_launch_that_is_not_there_is_launchFailed_with_the_system_s_words()
    {
        var plan = Plans.Of(Folder, [new BrowserTarget { Name = "b1" }]) with { Launch = new LaunchPlan("/no/such/chromium", []) };
        var document = await Rig.RecordAsync(plan);

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.LaunchFailed);
        Assert.Contains("/no/such/chromium", Of(document, "b1").Reason);
    }

    [Fact]
    public async Task A_trace_file_that_cannot_be_made_refuses_the_browser_before_anything_is_sent_to_it()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        // The session's folder was removed between its making and the start.
        var run = Rig.Run(Plan(browsers));
        var answer = Assert.IsType<Actors.Coordination.SessionProtocol.Closed>(await run.Answer.Soon());

        AssertOutcomes(answer.Document, SessionOutcome.Failed, BrowserOutcome.Refused);
        Assert.StartsWith("its trace cannot be written: ", Of(answer.Document, "b1").Reason);
        Assert.DoesNotContain("Tracing.start", browsers["b1"].Methods());
        Assert.NotNull(answer.Problem); // nor could session.json
    }

    [Fact]
    public async Task A_trace_file_that_may_not_be_made_refuses_the_browser_too()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        // A folder in which not even root may make a file.
        Directory.CreateDirectory(Folder);
        Directory.CreateSymbolicLink(Path.Combine(Folder, "browsers"), "/sys/kernel");
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Refused);
        Assert.StartsWith("its trace cannot be written: ", Of(document, "b1").Reason);
    }
}
