using System.Diagnostics;
using System.Globalization;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Browsers;

/// <summary>Brings browsers up for a session.</summary>
public interface IBrowserLauncher
{
    /// <summary>Starts a browser and waits until its DevTools endpoint is there.</summary>
    /// <exception cref="BrowserLaunchException">It did not come up; says why, with what the browser said last.</exception>
    Task<LaunchedBrowser> LaunchAsync(LaunchPlan plan, CancellationToken cancellationToken);
}

/// <summary>A browser's process did not come up.</summary>
public sealed class BrowserLaunchException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// Launches Chromium with a profile of its own under a small shell guard in a session (in the sense of setsid) of its own.
/// </summary>
/// <remarks>
/// The guard reads its standard input, a pipe whose other end only this process holds. When that end closes, on
/// disposal or because this process died in whatever way, the guard kills the browser's whole process group and
/// removes the profile: no SIGKILL of ours leaves a browser behind. The session of its own keeps a terminal's Ctrl-C
/// away from the browser, which would quit and take its trace with it.
/// </remarks>
public sealed class BrowserLauncher : IBrowserLauncher, IDisposable
{
    // $1 profile, the rest the browser's command line. The watcher kills by process group, so that renderers go too; by
    // process as long as there is no group, which is until setsid has run; and again until there is nothing left.
    private const string Guard = """
        profile=$1; shift
        exec 3<&0 </dev/null
        setsid "$@" >&2 3<&- & browser=$!
        echo "$browser"
        ( while read -r _ <&3; do :; done
          while kill -s KILL -- "-$browser" 2>/dev/null || kill -s KILL "$browser" 2>/dev/null; do sleep 0.02; done ) & watcher=$!
        wait "$browser"; status=$?
        kill -s KILL "$watcher" 2>/dev/null; kill -s KILL -- "-$browser" 2>/dev/null
        tries=0
        until rm -rf -- "$profile" 2>/dev/null || [ $tries -ge 20 ]; do tries=$((tries+1)); sleep 0.05; done
        exit "$status"
        """;

    private const string EndpointPrefix = "DevTools listening on ";

    // Several browsers that start at once on few cores all miss the time that each would need alone.
    private readonly SemaphoreSlim _starting = new(Math.Max(2, Environment.ProcessorCount));

    public async Task<LaunchedBrowser> LaunchAsync(LaunchPlan plan, CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            return await LaunchNowAsync(plan, cancellationToken);
        }
        finally
        {
            _starting.Release();
        }
    }

    public void Dispose() => _starting.Dispose();

    /// <summary>Chromium's arguments; ours that the orchestrator depends on come last, where they win.</summary>
    public static IReadOnlyList<string> Arguments(LaunchPlan plan, string profile, bool isRoot) =>
    [
        "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--mute-audio",
        // A window that nobody looks at must run like one that somebody does.
        "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
        // Chromium refuses to run as root with its sandbox on.
        .. isRoot ? ["--no-sandbox"] : Array.Empty<string>(),
        .. plan.Arguments,
        $"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank",
    ];

    private static async Task<LaunchedBrowser> LaunchNowAsync(LaunchPlan plan, CancellationToken cancellationToken)
    {
        var profile = Directory.CreateTempSubdirectory("orchestrator-profile-").FullName;
        Process? guard = null;
        try
        {
            guard = Start(plan, profile);
            return await AwaitEndpointAsync(guard, plan, profile, cancellationToken);
        }
        catch
        {
            if (guard is null) Directory.Delete(profile, recursive: true);
            else await LaunchedBrowser.EndAsync(guard);
            throw;
        }
    }

    private static Process Start(LaunchPlan plan, string profile)
    {
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])["/bin/sh", "-c", Guard, "browser-guard", profile, plan.ChromePath, .. Arguments(plan, profile, Environment.IsPrivilegedProcess)])
            start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start) ?? throw new BrowserLaunchException("The browser's guard process did not start.");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new BrowserLaunchException($"A browser is launched through 'setsid' (Debian: package util-linux), which cannot be run: {missing.Message}", missing);
        }
    }

    private static async Task<LaunchedBrowser> AwaitEndpointAsync(Process guard, LaunchPlan plan, string profile, CancellationToken cancellationToken)
    {
        var endpoint = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lastLines = new Queue<string>();
        guard.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                string said;
                lock (lastLines) said = string.Join(" | ", lastLines);
                endpoint.TrySetException(new BrowserLaunchException(
                    $"{plan.ChromePath} ended before it listened for DevTools{(said.Length > 0 ? $"; it said: {said}" : ", and said nothing")}"));
            }
            else if (line.Data.StartsWith(EndpointPrefix, StringComparison.Ordinal) && Uri.TryCreate(line.Data[EndpointPrefix.Length..].Trim(), UriKind.Absolute, out var url))
            {
                endpoint.TrySetResult(url);
            }
            else
            {
                lock (lastLines)
                {
                    lastLines.Enqueue(line.Data);
                    if (lastLines.Count > 5) lastLines.Dequeue();
                }
            }
        };
        guard.BeginErrorReadLine();
        var pid = await guard.StandardOutput.ReadLineAsync(cancellationToken);
        var url = await endpoint.Task.WaitAsync(cancellationToken);
        return new LaunchedBrowser(guard, url, int.Parse(pid ?? "0", CultureInfo.InvariantCulture), profile);
    }
}

/// <summary>A browser that this process launched. Disposing it kills it and removes its profile.</summary>
public sealed class LaunchedBrowser : IAsyncDisposable
{
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(10);

    private readonly Process _guard;

    internal LaunchedBrowser(Process guard, Uri endpoint, int processId, string profile) =>
        (_guard, Endpoint, ProcessId, Profile) = (guard, endpoint, processId, profile);

    /// <summary>The browser endpoint's WebSocket.</summary>
    public Uri Endpoint { get; }

    /// <summary>Of the browser's main process.</summary>
    public int ProcessId { get; }

    /// <summary>Its user data directory.</summary>
    public string Profile { get; }

    /// <summary>Completes when the process has ended, with how: <c>signal 9</c>, <c>exit code 1</c>.</summary>
    public async Task<string> EndedAsync(CancellationToken cancellationToken)
    {
        await _guard.WaitForExitAsync(cancellationToken);
        // A shell reports a child that a signal ended as 128 plus the signal.
        var status = _guard.ExitCode;
        return status > 128 ? $"signal {status - 128}" : $"exit code {status}";
    }

    public ValueTask DisposeAsync() => new(EndAsync(_guard));

    internal static async Task EndAsync(Process guard)
    {
        using (guard)
        {
            guard.StandardInput.Close();
            using var patience = new CancellationTokenSource(KillPatience);
            try
            {
                await guard.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                guard.Kill(entireProcessTree: true);
            }
        }
    }
}
