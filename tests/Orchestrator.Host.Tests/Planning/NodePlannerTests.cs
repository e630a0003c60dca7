using Akka.Configuration;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Tests.Support;

namespace Orchestrator.Host.Tests.Planning;

public sealed class NodePlannerTests
{
    [Fact]
    public void Without_options_it_is_a_cluster_of_its_own_on_this_machine()
    {
        var plan = Planned(new NodeCommand());
        Assert.Equal(["coordinator", "browsers"], plan.Roles);
        Assert.Equal((new HostAndPort("127.0.0.1", 4053), new HostAndPort("127.0.0.1", 8080)), (plan.Bind, plan.Http!.Value));
        Assert.Empty(plan.Seeds);
        Assert.Null(plan.Token);
        Assert.Null(plan.Postgres);
        Assert.Equal(FakeMachine.Chromium, plan.Launch!.ChromePath);
        Assert.True(plan.Capacity >= 2);
    }

    [Fact]
    public void A_machine_without_a_browser_launches_none_and_says_so()
    {
        var machine = new FakeMachine();
        machine.Paths.Remove(FakeMachine.Chromium);
        var plan = Planned(new NodeCommand(), machine, out var notes);
        Assert.Equal((0, null), (plan.Capacity, plan.Launch));
        Assert.Contains("no browser", Assert.Single(notes));
        Assert.Contains(Errors(new NodeCommand { Capacity = "3" }, machine), error => error.Contains("no browser found"));
    }

    [Fact]
    public void Seeds_are_taken_from_the_options_else_the_environment_else_the_configuration()
    {
        var machine = new FakeMachine { Variables = { [NodePlanner.SeedsVariable] = "e:1, f:2" } };
        Assert.Equal([new HostAndPort("o", 3)], Planned(new NodeCommand { Seeds = ["o:3"] }, machine, out _, "orchestrator.seeds = \"c:9\"").Seeds);
        Assert.Equal([new HostAndPort("e", 1), new HostAndPort("f", 2)], Planned(new NodeCommand(), machine, out _, "orchestrator.seeds = \"c:9\"").Seeds);
        Assert.Equal([new HostAndPort("c", 9)], Planned(new NodeCommand(), new FakeMachine(), out _, "orchestrator.seeds = \"c:9\"").Seeds);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var errors = Errors(new NodeCommand { Roles = "boss", Bind = "here", Http = "8080", Seeds = ["n:0"], Capacity = "many", Journal = "oracle", Attach = ["nonsense"] });
        Assert.All(["--roles 'boss'", "--bind 'here'", "--http '8080'", "--journal 'oracle'", "--attach 'nonsense'"], option => Assert.Contains(errors, error => error.StartsWith(option, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("postgres", null, "--connection-string-file is missing")]
    [InlineData(null, "/file", "--connection-string-file '/file'")]
    public void A_connection_string_belongs_to_postgres(string? journal, string? file, string error) =>
        Assert.Contains(Errors(new NodeCommand { Journal = journal, ConnectionStringFile = file }), told => told.StartsWith(error, StringComparison.Ordinal));

    [Fact]
    public void A_node_without_browsers_offers_none() =>
        Assert.Contains(Errors(new NodeCommand { Roles = "coordinator", Capacity = "2" }), error => error.StartsWith("--roles", StringComparison.Ordinal));

    [Fact]
    public void Recordings_must_be_fetched_from_somewhere_unless_the_folder_is_shared()
    {
        Assert.Contains(Errors(new NodeCommand { Http = "off" }), error => error.StartsWith("--http 'off'", StringComparison.Ordinal));
        Assert.Null(Planned(new NodeCommand { Http = "off" }, new FakeMachine(), out _, "orchestrator.shared-folder = \"/shared\"").Http);
    }

    [Fact]
    public void A_node_that_others_reach_serves_them_over_HTTP_where_they_reach_it()
    {
        Assert.Contains(Errors(new NodeCommand { Bind = "10.0.0.7:4053" }), error => error.StartsWith("--http '127.0.0.1:8080'", StringComparison.Ordinal));
        Assert.Contains(Errors(new NodeCommand { Bind = "0.0.0.0:4053", Http = "0.0.0.0:8080" }), error => error.Contains("--advertise", StringComparison.Ordinal));
        Planned(new NodeCommand { Bind = "10.0.0.7:4053", Http = "10.0.0.7:8080" });
        Planned(new NodeCommand { Bind = "0.0.0.0:4053", Http = "0.0.0.0:8080", Advertise = "node-1:4053" });
    }

    [Theory]
    [InlineData("127.0.0.1:0", "127.0.0.1", 0)]
    [InlineData("node-1.cluster.example:4053", "node-1.cluster.example", 4053)]
    [InlineData("[::1]:4053", "::1", 4053)]
    public void An_address_is_a_host_and_a_port(string text, string host, int port)
    {
        Assert.True(HostAndPort.TryParse(text, out var address));
        Assert.Equal(new HostAndPort(host, port), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("4053")]
    [InlineData(":4053")]
    [InlineData("h:")]
    [InlineData("h:65536")]
    [InlineData("h:-1")]
    [InlineData("::1:4053")]
    [InlineData("a b:1")]
    [InlineData("http://h:1")]
    public void Anything_else_is_none(string text) => Assert.False(HostAndPort.TryParse(text, out _));

    private static NodePlan Planned(NodeCommand command) => Planned(command, new FakeMachine(), out _);

    private static NodePlan Planned(NodeCommand command, IMachine machine, out IReadOnlyList<string> notes, string hocon = "")
    {
        var errors = new UsageErrors();
        var plan = NodePlanner.Plan(command, Settings(hocon), machine, errors, out notes);
        Assert.Empty(errors.Lines);
        return plan!;
    }

    private static IReadOnlyList<string> Errors(NodeCommand command, IMachine? machine = null)
    {
        var errors = new UsageErrors();
        Assert.Null(NodePlanner.Plan(command, Settings(""), machine ?? new FakeMachine(), errors, out _));
        return errors.Lines;
    }

    private static OrchestratorSettings Settings(string hocon) =>
        OrchestratorSettings.Read(ConfigurationFactory.ParseString(hocon).WithFallback(ReferenceConfiguration.Settings()), out _);
}
