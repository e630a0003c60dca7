using System.Diagnostics;
using Orchestrator.Cdp.Tests.Support;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>A test that needs a real browser: skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = ChromiumBrowser.Missing;
}

/// <inheritdoc cref="ChromiumFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute() => Skip = ChromiumBrowser.Missing;
}

/// <summary>A headless browser with a profile of its own, on a port of its own; killed and wiped away at the end.</summary>
internal sealed class ChromiumBrowser : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";
    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private readonly Task _noise;

    private ChromiumBrowser(Process process, DirectoryInfo profile, Uri url, Task noise) => (_process, _profile, Url, _noise) = (process, profile, url, noise);

    /// <summary>Null, or why there is no browser.</summary>
    public static string? Missing { get; } = Find() is null ? "no Chromium: set ORCHESTRATOR_CHROME to one, or put chromium on the PATH" : null;

    /// <summary>The browser endpoint's WebSocket.</summary>
    public Uri Url { get; }

    public Uri HttpUrl => new($"http://{Url.Authority}");

    public static async Task<ChromiumBrowser> LaunchAsync()
    {
        var profile = Directory.CreateTempSubdirectory("orchestrator-chromium-");
        var start = new ProcessStartInfo(Find()!) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in new[]
        {
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            $"--user-data-dir={profile.FullName}", "--remote-debugging-port=0", "about:blank",
        })
            start.ArgumentList.Add(argument);
        start.Environment["TMPDIR"] = profile.FullName; // one that is killed leaves its temporary files behind
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();

        var said = new List<string>();
        while (await process.StandardError.ReadLineAsync().Soon() is { } line)
        {
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
                return new ChromiumBrowser(process, profile, new Uri(line[Announcement.Length..].Trim()), DrainAsync(process.StandardError));
            said.Add(line);
        }

        throw new InvalidOperationException($"The browser ended before it listened:\n{string.Join('\n', said)}");
    }

    public async Task<CdpConnection> ConnectAsync() => await CdpConnection.ConnectAsync(Url, TimeProvider.System, null, CancellationToken.None).Soon();

    public async Task<CdpConnection> ConnectToPageAsync(string targetId) =>
        await CdpConnection.ConnectAsync(new Uri($"ws://{Url.Authority}/devtools/page/{targetId}"), TimeProvider.System, null, CancellationToken.None).Soon();

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().Soon();
        await _noise.Soon();
        _process.Dispose();
        // A process of the browser's that has only just died may still have written into the profile while it was being deleted.
        for (var attempt = 0; _profile.Exists && attempt < 100; attempt++)
        {
            try
            {
                _profile.Delete(recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }

            _profile.Refresh();
        }
    }

    private static async Task DrainAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is not null)
        {
            // dbus and the like
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_CHROME") is { Length: > 0 } given)
            return given;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return new[] { "/usr/bin/chromium" }
            .Concat(from name in new[] { "chromium", "chromium-browser", "google-chrome" } from folder in folders select Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }
}

/// <summary>One browser for all tests that leave it alive; they run one after the other, as a browser has one recording at a time.</summary>
public sealed class ChromiumFixture : IAsyncLifetime
{
    private ChromiumBrowser? _browser;

    internal ChromiumBrowser Browser => _browser!;

    public async Task InitializeAsync()
    {
        if (ChromiumBrowser.Missing is null)
            _browser = await ChromiumBrowser.LaunchAsync();
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class ChromiumCollection : ICollectionFixture<ChromiumFixture>
{
    public const string Name = "Chromium";
}
