using Orchestrator.Host.Planning;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>Nodes that are told to stop, and nodes that must not be where they are.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class LeavingEndToEndTests : IAsyncLifetime
{
    private static readonly string[] s_names = ["a", "b", "c"];

    private readonly Workshop _workshop = new();
    private SimulatedBrowserServer _browsers = null!;

    public async Task InitializeAsync() =>
        _browsers = await SimulatedBrowserServer.StartAsync([.. s_names.Select(_ => new SimulatedBrowser { KeepsRequests = true })]);

    public async Task DisposeAsync()
    {
        await _browsers.DisposeAsync();
        _workshop.Dispose();
    }

    [ClusterFact]
    public async Task The_coordinators_node_leaves_during_a_window_and_nothing_is_lost()
    {
        await using var cluster = await ClusterAsync();
        var coordinator = await cluster.CoordinatorAsync();
        var id = await RecordAsync(cluster);
        var epoch = (await cluster.StatusAsync(status => status.OpenSessions.Any(open => open.Phase is SessionPhase.Window), "the window was open")).Epoch;

        Assert.Equal(0, (await coordinator.StopAsync()).ExitCode);
        var status = await cluster.StatusAsync(status => status.Coordinator != coordinator.Name, "another node coordinated");
        Assert.Equal(epoch + 1, status.Epoch);
        // The others record until the end that was planned, or said.
        Assert.All(Browsers(cluster, except: coordinator), browser => Assert.DoesNotContain(browser.Requests, request => request.Method == "Tracing.end"));
        await cluster.EndAsync(id);

        var document = await cluster.EndedAsync(id);
        Assert.Equal(SessionOutcome.Complete, document.Outcome);
        var early = Assert.Single(document.Browsers, browser => browser.Warnings.Any(warning => warning.Contains("ended early", StringComparison.Ordinal)));
        Assert.Equal(coordinator.Name, early.Node);
        Assert.Empty(document.MergeProblems);
        (await OrchestratorProcess.RunAsync(_workshop, "verify", cluster.FolderOf(document))).Expecting(0);
    }

    [ClusterFact]
    public async Task A_node_that_is_alone_ends_its_session_before_it_goes()
    {
        await using var process = OrchestratorProcess.Start(
            _workshop, "node", "--json", "--name", "alone", "--data", "alone", "--bind", "127.0.0.1:0", "--http", "127.0.0.1:0", "--capacity", "0",
            "--attach", _browsers.HttpUrl.OriginalString);
        var http = Http(await process.FirstOutLineAsync());
        await using var recording = OrchestratorProcess.Start(_workshop, "record", "--server", http, "--attach", _browsers.HttpUrl.OriginalString, "--duration", "1h", "--merge", "none");
        var id = await recording.RecordingAsync();
        await process.SignalAsync("TERM");
        (await process.FinishAsync()).Expecting(0);

        // Its journal tells, whether or not anybody has heard it.
        var document = SessionDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_workshop.Folder, "alone", "sessions", id, "session.json")));
        Assert.Equal(SessionOutcome.Complete, document.Outcome);
        var told = (await OrchestratorProcess.RunAsync(_workshop, "sessions", "show", id, "--json", "--data", "alone")).Expecting(0).Document;
        Assert.Equal(SessionOutcome.Complete, told.Outcome);
    }

    [Fact]
    public async Task A_second_coordinator_that_cannot_read_the_journal_refuses_to_be_one()
    {
        await using var first = OrchestratorProcess.Start(_workshop, "node", "--json", "--name", "first", "--data", "first", "--bind", "127.0.0.1:0", "--http", "127.0.0.1:0", "--capacity", "0");
        using var ready = System.Text.Json.JsonDocument.Parse(await first.FirstOutLineAsync());
        var second = (await OrchestratorProcess.RunAsync(
            _workshop, "node", "--name", "second", "--data", "second", "--bind", "127.0.0.1:0", "--http", "127.0.0.1:0", "--capacity", "0",
            "--seed", ready.RootElement.GetProperty("cluster").GetString()!)).Expecting(2);
        Assert.Contains("another coordinator is at", second.Error);
        Assert.Contains("--journal postgres", second.Error);
        Assert.Contains("--roles browsers", second.Error);
        Assert.False(first.HasEnded);

        // One that only records is welcome.
        await using var third = OrchestratorProcess.Start(
            _workshop, "node", "--json", "--name", "third", "--data", "third", "--bind", "127.0.0.1:0", "--http", "127.0.0.1:0", "--capacity", "0", "--roles", "browsers",
            "--seed", ready.RootElement.GetProperty("cluster").GetString()!);
        Assert.Contains("\"ready\":true", await third.FirstOutLineAsync());
    }

    [ClusterFact]
    public async Task A_second_node_of_a_name_is_refused_by_name()
    {
        await using var cluster = await ClusterProcesses.StartAsync(settings: "", new NodeSetup("a") { Arguments = ["--capacity", "0"] });
        await using var twin = OrchestratorProcess.Start(
            _workshop, [.. (string[])["node", "--name", "a", "--data", "twin", "--bind", "127.0.0.1:0", "--http", "127.0.0.1:0", "--capacity", "0", "--seed", cluster["a"].Bind.ToString()], .. cluster.CommonArguments]);
        var refused = await twin.LineAsync("refuses this node");
        Assert.Contains($"a node of this name is at {cluster["a"].Bind} already", refused);
        await cluster.StatusAsync(status => status.Nodes.Any(node => node.Refused is not null), "the refusal was told");
        await twin.SignalAsync("TERM");
        (await twin.FinishAsync()).Expecting(0);
    }

    private Task<ClusterProcesses> ClusterAsync() => ClusterProcesses.StartAsync(
        settings: "", [.. s_names.Zip(_browsers.Endpoints, (name, browser) => NodeSetup.Offering(name, browser))]);

    private Task<string> RecordAsync(ClusterProcesses cluster) =>
        cluster.OpenAsync(new RecordOptions { Attach = [.. _browsers.Endpoints.Select(browser => browser.HttpUrl.OriginalString)], Duration = "1h" });

    private IEnumerable<SimulatedBrowser> Browsers(ClusterProcesses cluster, ClusterNode except) =>
        cluster.Nodes.Zip(_browsers.Endpoints, (node, endpoint) => (node, endpoint.Browser)).Where(pair => pair.node != except).Select(pair => pair.Browser);

    private static string Http(string ready)
    {
        using var document = System.Text.Json.JsonDocument.Parse(ready);
        return document.RootElement.GetProperty("http").GetString()!;
    }
}
