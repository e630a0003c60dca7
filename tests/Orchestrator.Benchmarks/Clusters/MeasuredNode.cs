using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Benchmarks.Clusters;

/// <summary>One <c>orchestrator node</c>, in a process of its own, which can be killed and started again on the same ports and folder.</summary>
internal sealed class MeasuredNode(string program, string name, int port, int httpPort, string folder, IReadOnlyList<string> arguments) : IDisposable
{
    private static int s_lastPort = 21_000 + Environment.ProcessId * 7 % 9_000;

    private readonly List<string> _said = [];
    private TaskCompletionSource _ready = new();
    private Process? _process;

    public string Name => name;

    public HttpClient Http { get; } = new() { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}"), Timeout = TimeSpan.FromSeconds(30) };

    public int ProcessId => _process!.Id;

    public TimeSpan CpuTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>One that is free, below those that the system gives to outgoing connections: nobody takes it while its node is away.</summary>
    public static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, ++s_lastPort);
                listener.Start();
                return s_lastPort;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }

    public void Start()
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var argument in (string[])[
            "node", "--name", name, "--data", folder, "--bind", $"127.0.0.1:{port}", "--http", $"127.0.0.1:{httpPort}", "--capacity", "0", .. arguments])
            start.ArgumentList.Add(argument);
        _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Heard(line.Data);
        process.ErrorDataReceived += (_, line) => Heard(line.Data);
        process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"{name} ended: {string.Join(Environment.NewLine, Said().TakeLast(20))}"));
        process.Start();
        process.StandardInput.Close();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>Completes when it can take sessions.</summary>
    public Task ReadyAsync() => _ready.Task;

    /// <summary>All it has written to stdout and stderr in all its lives, a line each.</summary>
    public IReadOnlyList<string> Said()
    {
        lock (_said) return [.. _said];
    }

    /// <param name="signal"><c>KILL</c>, or <c>TERM</c>.</param>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public Task ExitedAsync() => _process!.WaitForExitAsync();

    public void Dispose()
    {
        if (_process is not { } process) return;
        _process = null;
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
        Http.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null) return;
        lock (_said) _said.Add(line);
        if (line.StartsWith("ready", StringComparison.Ordinal)) _ready.TrySetResult();
    }
}
