using System.Diagnostics;

namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>A browser that a person started: the orchestrator may attach to it and must leave it alone.</summary>
public sealed class RunningBrowser : IAsyncLifetime
{
    private readonly string _profile = Directory.CreateTempSubdirectory("orchestrator-e2e-browser-").FullName;
    private Process? _process;

    /// <summary><c>ws://…/devtools/browser/…</c></summary>
    public string WebSocketUrl { get; private set; } = "";

    public string HttpUrl => "http://" + new Uri(WebSocketUrl).Authority;

    public bool IsAlive => _process is { HasExited: false };

    public async Task InitializeAsync()
    {
        if (Chromium.Path is null) return;
        string[] rootOnly = Environment.IsPrivilegedProcess ? ["--no-sandbox"] : [];
        _process = Process.Start(new ProcessStartInfo(
            Chromium.Path,
            [.. rootOnly, "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", $"--user-data-dir={_profile}", "--remote-debugging-port=0", "about:blank"])
        { RedirectStandardError = true })!;
        const string Listening = "DevTools listening on ";
        while (await _process.StandardError.ReadLineAsync().WaitAsync(Patience.Long) is { } line)
        {
            if (!line.StartsWith(Listening, StringComparison.Ordinal)) continue;
            WebSocketUrl = line[Listening.Length..].Trim();
            _ = _process.StandardError.ReadToEndAsync();
            return;
        }

        Assert.Fail("The browser ended before it listened.");
    }

    public async Task DisposeAsync()
    {
        if (_process is null) return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        // Its helpers may write for a moment after they were killed.
        await Patience.UntilAsync(() => Processes.With(_profile).Count == 0, "the browser's processes were gone");
        Directory.Delete(_profile, recursive: true);
    }
}
