using System.Text.Json;
using Orchestrator.Actors.Hosting;
using Orchestrator.TestKit.Browsers;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>How one node is started.</summary>
internal sealed record NodeSetup(string Name)
{
    /// <summary>Where its ports are opened.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>As <see cref="OrchestratorProcess.StartWithin"/> takes it.</summary>
    public IReadOnlyList<string> Within { get; init; } = [];

    /// <summary>Further arguments: roles, browsers.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>A node that launches no browser, and offers these.</summary>
    public static NodeSetup Offering(string name, params IEnumerable<SimulatedEndpoint> browsers) =>
        new(name) { Arguments = ["--capacity", "0", .. browsers.SelectMany(browser => (string[])["--attach", browser.HttpUrl.OriginalString])] };
}

/// <summary>A node of a cluster: a process, and after that has ended the next one with the same name, port and data folder.</summary>
internal sealed class ClusterNode(ClusterProcesses cluster, NodeSetup setup, HostAndPort bind) : IAsyncDisposable
{
    private OrchestratorProcess? _process;
    private string _saidBefore = "";

    public string Name => setup.Name;

    /// <summary>The cluster's port, the same in every life.</summary>
    public HostAndPort Bind => bind;

    /// <summary>Of its HTTP server in this life; null while it is not ready.</summary>
    public Uri? Http { get; private set; }

    public string DataFolder => cluster.In(Name);

    public int ProcessId => _process!.Id;

    public bool IsRunning => _process is { HasEnded: false };

    /// <summary>It answers nobody, and breaks no connection, either: its process was stopped, or its host is cut off.</summary>
    public bool IsSilent { get; set; }

    /// <summary>All that its processes said on stderr, but for where in the program it was.</summary>
    public string Said => string.Join('\n', $"{_saidBefore}{_process?.Errors}".Split('\n').Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)));

    /// <summary>Starts it, and waits until it says that it is ready.</summary>
    public async Task StartAsync()
    {
        Begin();
        using var ready = JsonDocument.Parse(await _process!.FirstOutLineAsync());
        Assert.True(ready.RootElement.GetProperty("ready").GetBoolean());
        Assert.Equal(bind.ToString(), ready.RootElement.GetProperty("cluster").GetString());
        Http = new Uri(ready.RootElement.GetProperty("http").GetString()!);
    }

    /// <summary>Starts it, and does not wait.</summary>
    public OrchestratorProcess Begin()
    {
        if (_process is { } before) _saidBefore += $"{before.Errors}\n--- started again\n";
        IsSilent = false;
        return _process = OrchestratorProcess.StartWithin(setup.Within, cluster.Workshop, [
            "node", "--json", "--name", Name, "--data", DataFolder, "--bind", bind.ToString(), "--http", $"{bind.Host}:0",
            .. cluster.SeedsOf(this).SelectMany(seed => (string[])["--seed", seed.ToString()]), .. cluster.CommonArguments, .. setup.Arguments,
        ]);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await Processes.SignalAsync("KILL", ProcessId);
        await Patience.UntilAsync(() => _process!.HasEnded, $"{Name} was dead");
        Http = null;
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>What it left, when it has ended.</returns>
    public async Task<Finished> StopAsync()
    {
        await _process!.SignalAsync("TERM");
        var finished = await _process.FinishAsync();
        Http = null;
        return finished;
    }

    /// <summary>SIGSTOP.</summary>
    public async Task FreezeAsync()
    {
        await _process!.SignalAsync("STOP");
        IsSilent = true;
    }

    /// <summary>SIGCONT.</summary>
    public async Task ThawAsync()
    {
        await _process!.SignalAsync("CONT");
        IsSilent = false;
    }

    /// <summary>The first line on stderr with this text, past or to come.</summary>
    public Task<string> LineAsync(string text) => _process!.LineAsync(text);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }
}
