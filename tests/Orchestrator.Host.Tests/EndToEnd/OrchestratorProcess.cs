using System.Diagnostics;
using System.Text;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>The built executable, run as a user runs it, in a folder of its own.</summary>
internal sealed class OrchestratorProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _outLines = [];
    private readonly List<string> _errorLines = [];
    private readonly TaskCompletionSource<string> _firstOut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _out;
    private readonly Task _error;

    private OrchestratorProcess(Process process)
    {
        _process = process;
        _out = ReadAsync(process.StandardOutput, _outLines, _firstOut);
        _error = ReadAsync(process.StandardError, _errorLines);
    }

    public static string Executable => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "orchestrator.exe" : "orchestrator");

    public int Id => _process.Id;

    public static OrchestratorProcess Start(Workshop workshop, params string[] args) => Start(Executable, workshop, args);

    /// <summary>As a terminal's foreground job: in a process group of its own, whose id is the process's.</summary>
    public static OrchestratorProcess StartAsJob(Workshop workshop, params string[] args) => Start("setsid", workshop, [Executable, .. args]);

    /// <param name="within">A program that becomes the orchestrator in a world of its own making, and its arguments, such as <c>ip netns exec NAME</c>; empty: none.</param>
    public static OrchestratorProcess StartWithin(IReadOnlyList<string> within, Workshop workshop, params string[] args) =>
        within.Count == 0 ? Start(workshop, args) : Start(within[0], workshop, [.. within.Skip(1), Executable, .. args]);

    /// <summary>A script that runs it; all that the script says is taken for error output.</summary>
    public static OrchestratorProcess StartScript(string script, Workshop workshop, params string[] args) =>
        Start("/bin/sh", workshop, ["-c", "exec \"$@\" >&2", "sh", script, .. args]);

    private static OrchestratorProcess Start(string file, Workshop workshop, string[] args)
    {
        var start = new ProcessStartInfo(file, args)
        {
            WorkingDirectory = workshop.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["XDG_DATA_HOME"] = workshop.DataHome;
        start.Environment["ORCHESTRATOR_DEBUG"] = "1";
        return new OrchestratorProcess(Process.Start(start)!);
    }

    /// <summary>Runs one to its end.</summary>
    public static async Task<Finished> RunAsync(Workshop workshop, params string[] args)
    {
        await using var process = Start(workshop, args);
        return await process.FinishAsync();
    }

    /// <summary>The first line on stderr, past or to come, with this text in it.</summary>
    public async Task<string> LineAsync(string text)
    {
        string? found = null;
        await Patience.UntilAsync(
            () => (found = ErrorLines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal))) is not null
                || (_error.IsCompleted && !ErrorLines.Any(line => line.Contains(text, StringComparison.Ordinal))),
            $"'{text}' was printed");
        return found ?? throw new InvalidOperationException($"It ended without '{text}':\n{string.Join('\n', ErrorLines)}");
    }

    /// <summary>The first line on stdout.</summary>
    public async Task<string> FirstOutLineAsync()
    {
        var ended = _process.WaitForExitAsync();
        // What it printed may be read after its end was seen.
        if (await Task.WhenAny(_firstOut.Task, ended).WaitAsync(Patience.Long) == ended) await _out.WaitAsync(Patience.Long);
        return _firstOut.Task.IsCompleted ? await _firstOut.Task : throw new InvalidOperationException($"It ended with {_process.ExitCode} and printed nothing:\n{Errors}");
    }

    /// <summary>Waits until every browser records.</summary>
    /// <returns>The session's id.</returns>
    public async Task<string> RecordingAsync()
    {
        var line = await LineAsync(": recording");
        return line.Split(' ')[1].TrimEnd(':');
    }

    public Task SignalAsync(string signal) => Processes.SignalAsync(signal, Id);

    public async Task<Finished> FinishAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience.Long);
        // A browser that outlived us would hold the pipes open.
        await _error.WaitAsync(Patience.Long);
        await _out.WaitAsync(Patience.Long);
        lock (_outLines) return new Finished(_process.ExitCode, string.Join('\n', _outLines), Errors);
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>All that was printed on stderr so far.</summary>
    public string Errors => string.Join('\n', ErrorLines);

    public async ValueTask DisposeAsync()
    {
        // Alone: what it launched is cleared away by its guards, which is theirs to prove.
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private string[] ErrorLines
    {
        get
        {
            lock (_errorLines) return [.. _errorLines];
        }
    }

    private static async Task ReadAsync(StreamReader from, List<string> lines, TaskCompletionSource<string>? first = null)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (lines) lines.Add(line);
            first?.TrySetResult(line);
        }
    }
}

internal sealed record Finished(int ExitCode, string Out, string Error)
{
    public SessionDocument Document => SessionDocument.Parse(Encoding.UTF8.GetBytes(Out));

    /// <summary>Fails with all that was printed unless this was the exit code.</summary>
    public Finished Expecting(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Exit code {ExitCode}, not {exitCode}.\n{Out}\n{Error}");
        return this;
    }
}
