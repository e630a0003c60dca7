using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>
/// A PostgreSQL server of a test's own, on a loopback port that stays the same when it is started again. It ends with the test's
/// process, however that ends.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>Of <see cref="Role"/>; it has what would break out of a connection string, and stands in no message.</summary>
    public const string Password = "s3cret;Host=\"x y'z";

    /// <summary>May log in, and nothing else.</summary>
    public const string Role = "orchestrator";

    // As for launched browsers (docs/decisions/0001): the end of standard input ends the server. It is asked to first: one
    // that is killed leaves a segment of shared memory behind.
    private const string Guard = """
        log=$1; shift
        exec 3<&0 </dev/null 2>/dev/null
        setsid "$@" >>"$log" 2>&1 3<&- & server=$!
        echo "$server"
        ( while read -r _ <&3; do :; done
          for pid in $server $(cat "/proc/$server/task/$server/children"); do kill -s CONT "$pid"; done
          kill -s QUIT "$server"
          tries=0
          while kill -s 0 "$server" && [ $tries -lt 100 ]; do tries=$((tries+1)); sleep 0.1; done
          for pid in $server $(cat "/proc/$server/task/$server/children"); do kill -s KILL "$pid"; done ) & watcher=$!
        wait "$server"
        kill -s KILL "$watcher"
        """;

    private static int s_servers;

    private readonly string _folder;
    private readonly string[] _options;
    private Process? _guard;
    private int _pid;
    private int _databases;

    private PostgresServer(string folder, string[] options) => (_folder, _options) = (folder, options);

    public int Port { get; private set; }

    /// <param name="options">As <c>postgres -c</c> takes them: <c>max_connections=10</c>.</param>
    public static async Task<PostgresServer> StartAsync(params string[] options)
    {
        var run = await Postgres.RunFolderAsync();
        var number = Interlocked.Increment(ref s_servers);
        var folder = Path.Combine(run, string.Create(CultureInfo.InvariantCulture, $"{number}"));
        await Postgres.ExecuteAsync("cp", "-a", Path.Combine(run, "template"), folder);
        var server = new PostgresServer(folder, options) { Port = FreePort(number) };
        await server.StartAgainAsync();
        await server.ExecuteAsync("postgres", $"CREATE ROLE {Role} LOGIN PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}'");
        return server;
    }

    /// <summary>A new database that <see cref="Role"/> owns; its connection string, over TCP and with the password.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"journal_{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync("postgres", $"CREATE DATABASE {name} OWNER {Role}");
        return ConnectionString(name);
    }

    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = Port, Database = database, Username = Role, Password = Password }.ConnectionString;

    /// <summary>Runs a statement as the superuser.</summary>
    public async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(OfSuperuser(database));
        await connection.OpenAsync();
#pragma warning disable CA2100 // the tests' own text
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Starts the server, as after an end, and waits until it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[
            "/bin/sh", "-c", Guard, "postgres-guard", $"{_folder}.log", .. Postgres.AsItsUser, Path.Combine(Postgres.Programs!, "postgres"), "-D", _folder,
            "-p", Port.ToString(CultureInfo.InvariantCulture), "-h", "127.0.0.1", "-k", _folder, "-c", "shared_buffers=16MB",
            .. _options.SelectMany(option => (string[])["-c", option])])
            start.ArgumentList.Add(argument);
        _guard = Process.Start(start)!;
        _pid = int.Parse((await _guard.StandardOutput.ReadLineAsync().Soon())!, CultureInfo.InvariantCulture);
        await Waiting.UntilAsync(() =>
        {
            if (_guard.HasExited) Assert.Fail($"the server ended: {File.ReadAllText($"{_folder}.log")}");
            try
            {
                using var connection = new NpgsqlConnection(OfSuperuser("postgres"));
                connection.Open();
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
    }

    /// <summary>As a machine that loses its power: nothing is told, nothing is written any more.</summary>
    public async Task KillAsync()
    {
        var processes = Children().Append(_pid.ToString(CultureInfo.InvariantCulture)).ToList();
        await SignalAsync("KILL");
        await EndedAsync();
        // A new server starts when all of them are gone.
        await Waiting.UntilAsync(() => !processes.Exists(pid => Directory.Exists($"/proc/{pid}")));
    }

    /// <summary>No process of the server runs any more, and its connections stay open.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        _guard?.StandardInput.Close();
        await EndedAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task EndedAsync()
    {
        if (_guard is not { } guard) return;
        _guard = null;
        await guard.WaitForExitAsync().Soon();
        guard.Dispose();
    }

    private string OfSuperuser(string database) =>
        new NpgsqlConnectionStringBuilder { Host = _folder, Port = Port, Database = database, Username = "postgres", Pooling = false }.ConnectionString;

    private async Task SignalAsync(string signal)
    {
        // The first one first: it makes no new process then, and what it has made is seen.
        var children = Children();
        await Postgres.ExecuteAsync("sh", "-c", $"kill -s {signal} {_pid}");
        // Those that are there by now; one that has gone, as its parent did, is no fault.
        if (signal != "KILL") children = Children();
        await Postgres.ExecuteAsync("sh", "-c", $"for pid in {string.Join(' ', children)}; do kill -s {signal} $pid 2>/dev/null; done; true");
    }

    private string[] Children() => File.ReadAllText($"/proc/{_pid}/task/{_pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>One below those that the system gives to outgoing connections, so that nobody gets it while the server is away.</summary>
    private static int FreePort(int number)
    {
        for (var port = 20_000 + (Environment.ProcessId * 37 + number) % 10_000; ; port++)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }
}
