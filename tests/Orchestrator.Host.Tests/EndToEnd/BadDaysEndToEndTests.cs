using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>Browsers and users that do not do what one would like.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class BadDaysEndToEndTests(RunningBrowser running) : IDisposable
{
    private readonly Workshop _workshop = new();

    public void Dispose() => _workshop.Dispose();

    [ChromiumFact]
    public async Task A_browser_that_is_killed_costs_only_its_own_trace()
    {
        await using var process = OrchestratorProcess.Start(_workshop, "record", "--launch", "3", "--url", _workshop.Page, "--duration", "10m", "--json", "-o", "out");
        var session = await OpenSessionAsync(await process.RecordingAsync());
        await Processes.SignalAsync("KILL", session.Browsers[1].ProcessId!.Value);
        await process.LineAsync("b2 connectionLost");
        await process.SignalAsync("INT");
        var document = (await process.FinishAsync()).Expecting(3).Document;
        Assert.Equal(SessionOutcome.Partial, document.Outcome);
        Assert.Equal([BrowserOutcome.Complete, BrowserOutcome.ConnectionLost, BrowserOutcome.Complete], document.Browsers.Select(browser => browser.Outcome));
        Assert.NotNull(document.Browsers[1].Reason);
        Assert.Equal(["b1.pftrace.gz", "b3.pftrace.gz"], Traces());
    }

    [ChromiumTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task The_first_signal_ends_the_window_and_keeps_everything(string signal)
    {
        await using var process = OrchestratorProcess.Start(_workshop, "record", "--launch", "1", "--url", _workshop.Page, "--duration", "10m", "--json", "-o", "out");
        await process.RecordingAsync();
        await process.SignalAsync(signal);
        var run = (await process.FinishAsync()).Expecting(0);
        Assert.Contains($"SIG{signal}: the session ends now, what was recorded is flushed and kept", run.Error);
        Assert.Equal(SessionOutcome.Complete, run.Document.Outcome);
        Assert.Equal(["b1.pftrace.gz"], Traces());
    }

    [ChromiumFact]
    public async Task The_second_gives_the_session_up()
    {
        await using var process = OrchestratorProcess.Start(_workshop, "record", "--launch", "1", "--url", _workshop.Page, "--duration", "10m", "--json", "-o", "out");
        var session = await OpenSessionAsync(await process.RecordingAsync());
        // A browser that is stopped cannot flush, so that the second signal comes in time.
        await Processes.SignalAsync("STOP", session.Browsers[0].ProcessId!.Value);
        await process.SignalAsync("INT");
        await process.LineAsync("the session ends now");
        await process.SignalAsync("INT");
        var run = (await process.FinishAsync()).Expecting(130);
        Assert.Equal(SessionOutcome.Aborted, run.Document.Outcome);
        Assert.False(Processes.IsAlive(session.Browsers[0].ProcessId!.Value));
    }

    [ChromiumFact]
    public async Task Ctrl_C_in_a_terminal_reaches_the_whole_job_and_still_keeps_the_traces()
    {
        await using var process = OrchestratorProcess.StartAsJob(_workshop, "record", "--launch", "2", "--url", _workshop.Page, "--duration", "10m", "--json", "-o", "out");
        await process.RecordingAsync();
        await Processes.SignalAsync("INT", -process.Id);
        Assert.Equal(SessionOutcome.Complete, (await process.FinishAsync()).Expecting(0).Document.Outcome);
        Assert.Equal(["b1.pftrace.gz", "b2.pftrace.gz"], Traces());
    }

    [ChromiumFact]
    public async Task A_kill_of_the_orchestrator_leaves_no_browser_and_the_session_gets_its_outcome()
    {
        string id;
        SessionDocument session;
        await using (var process = OrchestratorProcess.Start(_workshop, "record", "--launch", "2", "--url", _workshop.Page, "--duration", "10m", "-o", "out"))
        {
            id = await process.RecordingAsync();
            session = await OpenSessionAsync(id);
            Assert.Null(session.Outcome);
            await process.SignalAsync("KILL");
            await Patience.UntilAsync(() => !Processes.IsAlive(process.Id), "the orchestrator was dead");
        }

        foreach (var browser in session.Browsers)
            await Patience.UntilAsync(() => !Processes.IsAlive(browser.ProcessId!.Value), $"{browser.Name} was gone");
        var list = (await OrchestratorProcess.RunAsync(_workshop, "sessions", "list")).Expecting(0);
        Assert.Contains($"note: session {id} was open when its process died; its outcome is failed", list.Error);
        Assert.Contains("failed", list.Out);
        var document = (await OrchestratorProcess.RunAsync(_workshop, "sessions", "show", id, "--json")).Expecting(0).Document;
        Assert.Equal(SessionOutcome.Failed, document.Outcome);
        Assert.All(document.Browsers, browser => Assert.Equal(BrowserOutcome.NodeLost, browser.Outcome));
    }

    [ChromiumFact]
    public async Task No_process_and_no_profile_of_a_launched_browser_outlives_its_session()
    {
        await using var process = OrchestratorProcess.Start(_workshop, "record", "--launch", "2", "--url", _workshop.Page, "--duration", "10m", "-o", "out");
        var session = await OpenSessionAsync(await process.RecordingAsync());
        var profiles = session.Browsers.Select(browser => Profile(browser.ProcessId!.Value)).ToList();
        Assert.All(profiles, profile => Assert.NotEmpty(Processes.With(profile)));
        await process.SignalAsync("TERM");
        (await process.FinishAsync()).Expecting(0);
        foreach (var profile in profiles)
        {
            await Patience.UntilAsync(() => Processes.With(profile).Count == 0, $"the processes of {profile} were gone");
            await Patience.UntilAsync(() => !Directory.Exists(profile), $"{profile} was gone");
        }
    }

    [Fact]
    public async Task A_port_that_refuses_is_a_browser_that_refuses()
    {
        var run = (await OrchestratorProcess.RunAsync(_workshop, "record", "--attach", $"http://127.0.0.1:{FreePort()}", "--duration", "300ms", "--json", "-o", "out")).Expecting(1);
        Assert.Equal(SessionOutcome.Failed, run.Document.Outcome);
        var browser = Assert.Single(run.Document.Browsers);
        Assert.Equal(BrowserOutcome.Refused, browser.Outcome);
        Assert.Contains("127.0.0.1", browser.Reason);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task A_server_that_speaks_something_else_is_refused_with_a_reason(string answer)
    {
        using var server = new OddServer(answer);
        var run = (await OrchestratorProcess.RunAsync(_workshop, "record", "--attach", server.Url, "--duration", "300ms", "--json", "-o", "out")).Expecting(1);
        var browser = Assert.Single(run.Document.Browsers);
        Assert.Equal(BrowserOutcome.Refused, browser.Outcome);
        Assert.False(string.IsNullOrWhiteSpace(browser.Reason));
    }

    [ChromiumFact]
    public async Task Where_one_is_enough_a_refusal_is_a_partial_session()
    {
        var run = (await OrchestratorProcess.RunAsync(
            _workshop, "record", "--attach", running.HttpUrl, "--attach", $"http://127.0.0.1:{FreePort()}", "--require", "1", "--duration", "500ms", "--json", "-o", "out")).Expecting(3);
        Assert.Equal(SessionOutcome.Partial, run.Document.Outcome);
        Assert.Equal([BrowserOutcome.Complete, BrowserOutcome.Refused], run.Document.Browsers.Select(browser => browser.Outcome));
    }

    [ChromiumFact]
    public async Task Where_all_are_required_a_refusal_ends_the_session()
    {
        var run = (await OrchestratorProcess.RunAsync(
            _workshop, "record", "--attach", running.HttpUrl, "--attach", $"http://127.0.0.1:{FreePort()}", "--duration", "10m", "--json", "-o", "out")).Expecting(1);
        Assert.Equal(SessionOutcome.Failed, run.Document.Outcome);
        Assert.True(running.IsAlive);
    }

    [Fact]
    public async Task A_session_that_ends_before_its_window_is_given_up()
    {
        using var server = new OddServer(answer: null);
        await using var process = OrchestratorProcess.Start(_workshop, "record", "--attach", server.Url, "--prepare-timeout", "10m", "--json", "-o", "out");
        await process.LineAsync(": preparing");
        await process.SignalAsync("INT");
        Assert.Equal(SessionOutcome.Aborted, (await process.FinishAsync()).Expecting(130).Document.Outcome);
    }

    [ChromiumFact]
    public async Task Categories_are_sorted_and_one_a_line()
    {
        var run = (await OrchestratorProcess.RunAsync(_workshop, "categories", "--attach", running.HttpUrl)).Expecting(0);
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 100);
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
        Assert.Contains("devtools.timeline", lines);
        (await OrchestratorProcess.RunAsync(_workshop, "categories", "--attach", running.HttpUrl, "--descriptor", "descriptor.pb")).Expecting(0);
        // A perfetto.protos.TrackEventDescriptor names each category in clear.
        Assert.Contains("devtools.timeline", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(_workshop.Folder, "descriptor.pb"))), StringComparison.Ordinal);

        using var json = System.Text.Json.JsonDocument.Parse((await OrchestratorProcess.RunAsync(_workshop, "categories", "--attach", running.WebSocketUrl, "--json")).Expecting(0).Out);
        Assert.True(json.RootElement.GetArrayLength() > 100);
    }

    [Fact]
    public async Task Categories_of_nobody_are_an_error()
    {
        var run = (await OrchestratorProcess.RunAsync(_workshop, "categories", "--attach", $"http://127.0.0.1:{FreePort()}", "--json")).Expecting(1);
        Assert.Equal("", run.Out);
        Assert.StartsWith("error: ", Assert.Single(run.Error.Split('\n')));
    }

    private async Task<SessionDocument> OpenSessionAsync(string id) =>
        (await OrchestratorProcess.RunAsync(_workshop, "sessions", "show", id, "--json")).Expecting(0).Document;

    private IEnumerable<string?> Traces() =>
        Directory.EnumerateFiles(Path.Combine(_workshop.Output, "browsers"), "*.pftrace.gz*").Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private static string Profile(int processId)
    {
        const string Option = "--user-data-dir=";
        var line = Processes.CommandLine(processId);
        return line[(line.IndexOf(Option, StringComparison.Ordinal) + Option.Length)..].Split(' ')[0];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A server that answers everybody the same, or nobody at all.</summary>
    private sealed class OddServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<TcpClient> _clients = [];

        public OddServer(string? answer)
        {
            _listener.Start();
            _ = ServeAsync(answer);
        }

        public string Url => $"http://{_listener.LocalEndpoint}";

        public void Dispose()
        {
            _listener.Dispose();
            lock (_clients) _clients.ForEach(client => client.Dispose());
        }

        private async Task ServeAsync(string? answer)
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync();
                    lock (_clients) _clients.Add(client);
                    if (answer is null) continue;
                    await client.GetStream().ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false);
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
                    client.Close();
                }
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over, or its client has gone.
            }
        }
    }
}
