using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.Benchmarks;

/// <summary>Simulated browsers behind real WebSockets in a process of their own, or plain sockets that send as many bytes.</summary>
internal sealed class BrowserFarm : IDisposable
{
    private const int PlainWrite = 1 << 20;

    private readonly Process _process;

    private BrowserFarm(Process process, IReadOnlyList<Uri> urls) => (_process, Urls) = (process, urls);

    /// <summary>One for each connection.</summary>
    public IReadOnlyList<Uri> Urls { get; }

    /// <summary>Starts the process that <see cref="ServeAsync"/> runs in.</summary>
    public static BrowserFarm Start(string content, int browsers, int megabytes)
    {
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet") start.ArgumentList.Add(typeof(BrowserFarm).Assembly.Location);
        foreach (var argument in new[] { "browser-farm", "--content", content, "--browsers", $"{browsers}", "--megabytes", $"{megabytes}" })
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var urls = new List<Uri>();
        while (process.StandardOutput.ReadLine() is { Length: > 0 } line) urls.Add(new Uri(line));
        return new BrowserFarm(process, urls);
    }

    /// <summary>What it has cost until now.</summary>
    public FarmCost Cost()
    {
        _process.StandardInput.WriteLine();
        return JsonSerializer.Deserialize<FarmCost>(_process.StandardOutput.ReadLine()!)!;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Prints an address a line and an empty line; then, for each line of stdin, what it has cost. Serves until stdin ends.</summary>
    /// <param name="content"><c>replayed</c>, <c>generated</c>, or <c>plain</c>: no browsers at all.</param>
    public static async Task ServeAsync(string content, int browsers, int megabytes)
    {
        var trace = content == "replayed" ? Noise(megabytes << 20) : [];
        await using var server = content == "plain" ? null : await SimulatedBrowserServer.StartAsync([.. Enumerable.Range(1, browsers).Select(Browser)]);
        using var plain = content == "plain" ? PlainListener(browsers, (long)megabytes << 20) : null;
        for (var i = 0; i < browsers; i++) Console.WriteLine(server?.Endpoints[i].BrowserUrl ?? new Uri($"tcp://{plain!.LocalEndPoint}"));
        Console.WriteLine();
        while (Console.ReadLine() is not null)
            Console.WriteLine(JsonSerializer.Serialize(new FarmCost(PeakMemory.Megabytes(), (long)Environment.CpuUsage.TotalTime.TotalMilliseconds)));

        SimulatedBrowser Browser(int number) => new SimulatedBrowser { Id = $"b{number}" }.With(
            content == "replayed" ? new TraceContent.Replayed(trace) : DrainSetup.Generated(megabytes));
    }

    private static byte[] Noise(int bytes)
    {
        var noise = new byte[bytes];
        new Random(1).NextBytes(noise);
        return noise;
    }

    // Each connection waits for a byte, then gets all of its own.
    private static Socket PlainListener(int connections, long bytes)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(connections);
        var noise = Noise(PlainWrite);
        _ = Task.Run(async () =>
        {
            while (true) _ = SendAsync(await listener.AcceptAsync());
        });
        return listener;

        async Task SendAsync(Socket socket)
        {
            using (socket)
            {
                await socket.ReceiveAsync(new byte[1]);
                for (long sent = 0; sent < bytes;)
                    sent += await socket.SendAsync(noise.AsMemory(0, (int)Math.Min(PlainWrite, bytes - sent)));
            }
        }
    }
}

internal sealed record FarmCost(long PeakRssMB, long CpuMs);
