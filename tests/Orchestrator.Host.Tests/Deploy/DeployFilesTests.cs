using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.CommandLine;

namespace Orchestrator.Host.Tests.Deploy;

/// <summary>Holds the files of deploy/ against the program and against each other: what starts them is not here, and would only tell at night.</summary>
public sealed partial class DeployFilesTests
{
    // What leaving the cluster and ending the HTTP server may take after orchestrator.drain-timeout, in ClusterOrchestrator and NodeProcess.
    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(20);

    [Fact]
    public void Every_deployment_runs_nodes()
    {
        var files = DeployFiles.NodeCommands().Select(command => command.File).Distinct();

        Assert.Superset(
            new HashSet<string> { DeployFiles.Dockerfile, DeployFiles.Compose, DeployFiles.StatefulSet, DeployFiles.Unit, DeployFiles.LocalCluster, "docs/cluster.md" },
            new HashSet<string>(files));
        Assert.Equal(3, DeployFiles.NodeCommands().Count(command => command.File == DeployFiles.Compose));
    }

    [Fact]
    public void Every_node_command_is_one_that_the_program_understands()
    {
        var common = new CommonOptions();
        var root = OrchestratorCommandLine.Root(new HelpPage(100, common), common);
        foreach (var (file, arguments) in DeployFiles.NodeCommands())
        {
            var errors = root.Parse(arguments).Errors;
            Assert.True(errors.Count == 0, $"{file}: {string.Join(' ', arguments)}: {string.Join("; ", errors)}");
            foreach (var option in (string[])["--bind", "--advertise", "--seed"])
                Assert.All(DeployFiles.Values(arguments, option), value => Assert.True(HostAndPort.TryParse(value, out _), $"{file}: {option} {value}"));
        }
    }

    [Fact]
    public void Every_setting_is_one_that_the_program_knows()
    {
        var files = DeployFiles.All().Where(file => file.EndsWith(".conf", StringComparison.Ordinal)).ToList();

        Assert.Equal(DeployFiles.Settings.Select(pair => pair.Settings).Order(), files.Order());
        foreach (var file in files)
        {
            LocalOrchestrator.ReadConfiguration(DeployFiles.Read(file), out var errors);
            Assert.True(errors.Count == 0, $"{file}: {string.Join("; ", errors)}");
        }
    }

    [Fact]
    public void A_stop_may_take_longer_than_a_node_takes_to_hand_in()
    {
        foreach (var (settings, deployment) in DeployFiles.Settings)
        {
            var drain = SettingsOf(settings).DrainTimeout;
            var grace = Grace().Match(DeployFiles.Read(deployment));
            Assert.True(grace.Success, $"{deployment} does not say how long a stop may take");
            var seconds = int.Parse(grace.Groups[1].Value, CultureInfo.InvariantCulture) * (grace.Groups[2].Value == "m" ? 60 : 1);
            Assert.True(TimeSpan.FromSeconds(seconds) > drain + Leaving, $"{deployment}: a stop may take {seconds} s, and {settings} lets a node wait {drain}");
        }

        // A signal to the whole control group would end the browsers before their traces are read.
        Assert.Contains("\nKillMode=mixed\n", DeployFiles.Read(DeployFiles.Unit));
    }

    [Fact]
    public void All_nodes_of_a_deployment_have_the_same_seeds_in_the_same_order_and_a_seed_is_a_node()
    {
        foreach (var deployment in (string[])[DeployFiles.Compose, DeployFiles.StatefulSet])
        {
            var nodes = DeployFiles.NodeCommands().Where(command => command.File == deployment).Select(command => command.Arguments).ToList();
            var seeds = nodes.Select(node => string.Join(' ', DeployFiles.Values(node, "--seed"))).Distinct().ToList();
            Assert.Single(seeds);
            Assert.Contains(DeployFiles.Values(nodes[0], "--advertise").Single(), seeds[0].Split(' '));
            Assert.Equal(3, seeds[0].Split(' ').Length);
        }
    }

    [Theory]
    [InlineData("--bind", "4053")]
    [InlineData("--advertise", "4053")]
    [InlineData("--seed", "4053")]
    [InlineData("--http", "8080")]
    public void Containers_have_the_same_ports_everywhere(string option, string port)
    {
        foreach (var (file, arguments) in DeployFiles.NodeCommands().Where(command => command.File is DeployFiles.Compose or DeployFiles.StatefulSet))
            Assert.All(DeployFiles.Values(arguments, option), value => Assert.True(value.EndsWith($":{port}", StringComparison.Ordinal), $"{file}: {option} {value}"));

        Assert.Matches($@"(?m)^EXPOSE .*\b{port}\b", DeployFiles.Read(DeployFiles.Dockerfile));
        Assert.Matches($@"containerPort: {port}\b", DeployFiles.Read(DeployFiles.StatefulSet));
        Assert.Matches($@"port: {port}\b", DeployFiles.Read("deploy/kubernetes/services.yaml"));
    }

    [Fact]
    public void Every_file_that_a_node_is_told_to_read_is_mounted()
    {
        foreach (var (file, arguments) in DeployFiles.NodeCommands().Where(command => command.File is DeployFiles.Compose or DeployFiles.StatefulSet or DeployFiles.Unit))
        {
            var (settings, _) = DeployFiles.Settings.Single(pair => pair.Deployment == file);
            var tls = SettingsOf(settings).Tls!;
            string[] paths = [.. DeployFiles.Values(arguments, "--token-file"), .. DeployFiles.Values(arguments, "--connection-string-file"), .. DeployFiles.Values(arguments, "--config"), tls.Certificate, tls.Key, tls.Ca];
            Assert.Equal(6, paths.Length);
            Assert.All(paths, path => Assert.True(IsMounted(file, path), $"{file}: nothing is mounted at {path}"));
            Assert.Equal(["/var/lib/orchestrator"], DeployFiles.Values(arguments, "--data"));
        }
    }

    [Fact]
    public void Ports_are_published_for_this_machine_only()
    {
        var compose = DeployFiles.Read(DeployFiles.Compose);
        var published = Published().Matches(compose).Select(ports => ports.Groups[1].Value).ToList();

        Assert.Equal(3, published.Count);
        Assert.All(published, ports => Assert.Matches(@"^\[""127\.0\.0\.1:\d+:8080""\]$", ports));
        foreach (var file in DeployFiles.All())
            Assert.DoesNotMatch(@"network_mode|hostNetwork|hostPort|NodePort|LoadBalancer|privileged: *true", DeployFiles.Read(file));
    }

    [Fact]
    public void No_secret_stands_in_a_file()
    {
        foreach (var file in DeployFiles.All())
        {
            var text = DeployFiles.Read(file);
            Assert.DoesNotMatch(@"-----BEGIN|kind: Secret|stringData|POSTGRES_PASSWORD[:=]", text);
            // Scripts put in what they have just made.
            Assert.All(Password().Matches(text), password => Assert.True(password.Groups[1].Value is "%s" or "...", $"{file}: {password.Value}"));
            Assert.DoesNotMatch(@"ORCHESTRATOR_TOKEN\s*[:=]", text);
        }
    }

    private static OrchestratorSettings SettingsOf(string file) =>
        OrchestratorSettings.Read(LocalOrchestrator.ReadConfiguration(DeployFiles.Read(file), out _).WithFallback(ReferenceConfiguration.Settings()), out _);

    private static bool IsMounted(string file, string path)
    {
        var (folder, name) = (Path.GetDirectoryName(path)!, Path.GetFileName(path));
        var text = DeployFiles.Read(file);
        return file switch
        {
            DeployFiles.Compose => text.Contains($"target: {path}\n", StringComparison.Ordinal) || (folder == "/run/secrets" && Regex.IsMatch(text, $@"(target: {Regex.Escape(name)}\}}|^ +- {Regex.Escape(name)})$", RegexOptions.Multiline)),
            DeployFiles.StatefulSet => text.Contains($"mountPath: {folder},", StringComparison.Ordinal),
            _ => folder == "/etc/orchestrator" || text.Contains($"\nLoadCredential={name}:/etc/orchestrator/{name}\n", StringComparison.Ordinal),
        };
    }

    [GeneratedRegex(@"^\s*(?:stop_grace_period: |terminationGracePeriodSeconds: |TimeoutStopSec=)(\d+)([ms]?)$", RegexOptions.Multiline)]
    private static partial Regex Grace();

    [GeneratedRegex(@"^ +ports: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Published();

    [GeneratedRegex(@"Password=([^\\\s;']+)")]
    private static partial Regex Password();
}
