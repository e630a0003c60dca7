using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>
/// Hosts of a test's own on this machine: a network namespace each, and between them this process, which carries every packet over as
/// late as the test says, or not at all. (The kernel's own delays, <c>tc netem</c>, are missing in many kernels; a TUN device is in nearly all.)
/// </summary>
internal sealed partial class HostNetwork : IAsyncDisposable
{
    /// <summary>This process, and all that runs beside it.</summary>
    public const string Here = "here";

    private const int MaxPacket = 16_000;
    private static int s_networks;

    private readonly string _prefix;
    private readonly string _subnet;
    private readonly List<Port> _ports = [];
    private readonly Dictionary<(string From, string To), Wire> _wires = [];
    private readonly HashSet<string> _cut = [];
    private readonly PriorityQueue<(Port To, byte[] Packet), (long Due, long Number)> _underWay = new();
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _more = new(false);
    private readonly Thread _carrier;
    private readonly Random _random = new(1);
    private long _packets;
    private volatile bool _isOver;

    private HostNetwork(int number)
    {
        _prefix = string.Create(CultureInfo.InvariantCulture, $"orch{Environment.ProcessId % 100_000}n{number}");
        _subnet = string.Create(CultureInfo.InvariantCulture, $"10.213.{(Environment.ProcessId + number) % 250}");
        _carrier = new Thread(Carry) { IsBackground = true, Name = "carrier" };
    }

    /// <summary>Null when such hosts can be made here.</summary>
    public static string? Missing { get; } = Look();

    /// <param name="hosts">Their names.</param>
    public static async Task<HostNetwork> CreateAsync(params string[] hosts)
    {
        var network = new HostNetwork(Interlocked.Increment(ref s_networks));
        try
        {
            foreach (var host in (string[])[Here, .. hosts]) await network.AddAsync(host);
            network._carrier.Start();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public string AddressOf(string host) => _ports.Single(port => port.Host == host).Address;

    /// <summary>What a program's command line begins with to run on the host.</summary>
    public IReadOnlyList<string> On(string host) => ["ip", "netns", "exec", NamespaceOf(host)];

    /// <summary>From now on packets of the one host to the other arrive so much later, give or take the jitter; none overtakes another.</summary>
    public void Delay(string from, string to, TimeSpan delay, TimeSpan jitter)
    {
        lock (_gate) _wires[(from, to)] = new Wire(delay, jitter);
    }

    /// <summary>From now on no packet comes from the host or gets to it.</summary>
    public void Cut(string host)
    {
        lock (_gate) _cut.Add(host);
    }

    public void Heal(string host)
    {
        lock (_gate) _cut.Remove(host);
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        _more.Set();
        if (_carrier.IsAlive) _carrier.Join();
        foreach (var port in _ports)
        {
            // A device that is gone wakes whoever reads from it.
            await ExecuteAsync(port.Host == Here ? ["ip", "link", "delete", port.Device] : ["ip", "netns", "delete", NamespaceOf(port.Host)]);
            await port.Stream.DisposeAsync();
        }

        _more.Dispose();
    }

    private string NamespaceOf(string host) => $"{_prefix}-{host}";

    private async Task AddAsync(string host)
    {
        var number = _ports.Count + 1;
        var port = new Port(host, string.Create(CultureInfo.InvariantCulture, $"{_prefix[^Math.Min(8, _prefix.Length)..]}t{number}"), string.Create(CultureInfo.InvariantCulture, $"{_subnet}.{number}"));
        _ports.Add(port);
        IReadOnlyList<string> within = [];
        if (host != Here)
        {
            await ExecuteAsync("ip", "netns", "add", NamespaceOf(host));
            await ExecuteAsync("ip", "link", "set", port.Device, "netns", NamespaceOf(host));
            within = On(host);
            await ExecuteAsync([.. within, "ip", "link", "set", "lo", "up"]);
        }

        await ExecuteAsync([.. within, "ip", "address", "add", $"{port.Address}/24", "dev", port.Device]);
        await ExecuteAsync([.. within, "ip", "link", "set", port.Device, "mtu", MaxPacket.ToString(CultureInfo.InvariantCulture), "up"]);
        new Thread(() => Read(port)) { IsBackground = true, Name = $"from {host}" }.Start();
    }

    private void Read(Port from)
    {
        var buffer = new byte[MaxPacket];
        while (!_isOver)
        {
            int length;
            try
            {
                length = from.Stream.Read(buffer);
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException)
            {
                return;
            }

            // IPv4 alone, which has its receiver's address here.
            if (length < 20 || buffer[0] >> 4 != 4) continue;
            var receiver = new IPAddress(buffer.AsSpan(16, 4)).ToString();
            if (_ports.Find(port => port.Address == receiver) is not { } to) continue;
            lock (_gate)
            {
                if (_cut.Contains(from.Host) || _cut.Contains(to.Host)) continue;
                var due = TimeProvider.System.GetTimestamp();
                if (_wires.TryGetValue((from.Host, to.Host), out var wire))
                    due = wire.Last = Math.Max(wire.Last, due + (long)((wire.Delay + (2 * _random.NextDouble() - 1) * wire.Jitter).TotalSeconds * TimeProvider.System.TimestampFrequency));
                _underWay.Enqueue((to, buffer.AsSpan(0, length).ToArray()), (due, ++_packets));
            }

            _more.Set();
        }
    }

    private void Carry()
    {
        while (!_isOver)
        {
            var wait = Timeout.Infinite;
            while (true)
            {
                (Port To, byte[] Packet) next;
                lock (_gate)
                {
                    if (!_underWay.TryPeek(out next, out var at)) break;
                    var left = at.Due - TimeProvider.System.GetTimestamp();
                    if (left > 0)
                    {
                        wait = (int)(left * 1000 / TimeProvider.System.TimestampFrequency) + 1;
                        break;
                    }

                    _underWay.Dequeue();
                }

                try
                {
                    next.To.Stream.Write(next.Packet);
                }
                catch (Exception gone) when (gone is IOException or ObjectDisposedException)
                {
                    // A host that is being taken down gets nothing any more.
                }
            }

            _more.WaitOne(wait);
        }
    }

    private static async Task ExecuteAsync(params IReadOnlyList<string> command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with {process.ExitCode}: {said}");
    }

    private static string? Look()
    {
        if (!OperatingSystem.IsLinux()) return "network namespaces are Linux's";
        if (!Environment.IsPrivilegedProcess) return "network namespaces and TUN devices need root";
        try
        {
            using var device = Tun.Open($"orch{Environment.ProcessId % 100_000}try");
            using var ip = Process.Start(new ProcessStartInfo("ip", ["netns", "list"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            ip.WaitForExit();
            return ip.ExitCode == 0 ? null : "'ip netns list' fails here";
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return $"no TUN devices or no program ip: {missing.Message}";
        }
    }

    private sealed class Wire(TimeSpan delay, TimeSpan jitter)
    {
        public TimeSpan Delay => delay;
        public TimeSpan Jitter => jitter;

        /// <summary>When the last packet was due.</summary>
        public long Last { get; set; }
    }

    private sealed record Port(string Host, string Device, string Address)
    {
        public FileStream Stream { get; } = new(Tun.Open(Device), FileAccess.ReadWrite, bufferSize: 0);
    }

    /// <summary>A network device whose other end is this process.</summary>
    private static class Tun
    {
        private const nuint SetInterface = 0x400454ca;
        private const short IpWithoutHeader = 0x0001 | 0x1000;

        /// <exception cref="IOException">There is none.</exception>
        public static SafeFileHandle Open(string name)
        {
            var handle = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            // struct ifreq: 16 bytes of name, then the flags.
            var request = new byte[40];
            Encoding.ASCII.GetBytes(name, request);
            BitConverter.TryWriteBytes(request.AsSpan(16), IpWithoutHeader);
            if (Ioctl(handle, SetInterface, request) == 0) return handle;
            var error = Marshal.GetLastPInvokeErrorMessage();
            handle.Dispose();
            throw new IOException($"TUNSETIFF {name}: {error}");
        }

#pragma warning disable SYSLIB1054 // the generated one needs unsafe code
        [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Ioctl(SafeFileHandle file, nuint request, byte[] argument);
#pragma warning restore SYSLIB1054
    }
}
