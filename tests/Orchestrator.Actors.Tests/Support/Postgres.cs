using System.Diagnostics;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>A test that needs a real PostgreSQL server: skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = Postgres.Missing;
}

/// <summary>A theory that needs a real PostgreSQL server: skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = Postgres.Missing;
}

/// <summary>PostgreSQL's programs, and one initialized data folder that each server of this test run begins as a copy of.</summary>
internal static class Postgres
{
    // The folder of the run goes with the process, however it ends: this waits for the end of its standard input.
    private const string FolderKeeper = """
        exec >/dev/null 2>&1
        while read -r _; do :; done
        tries=0
        until rm -rf -- "$1" || [ $tries -ge 100 ]; do tries=$((tries+1)); sleep 0.1; done
        """;

    // The keeper is held: a process that nobody refers to has its standard input closed.
    private static readonly Lazy<Task<(string Folder, Process Keeper)>> s_run = new(PrepareAsync);

    /// <summary>With initdb and postgres; null when there is none.</summary>
    public static string? Programs { get; } = Find();

    /// <summary>Null when servers can be started here.</summary>
    public static string? Missing { get; } = Programs is null
        ? "no PostgreSQL: set ORCHESTRATOR_POSTGRES_BIN to the folder of its initdb, or install the package postgresql"
        : Environment.IsPrivilegedProcess && !HasUser("postgres") ? "PostgreSQL does not run as root, and there is no user postgres to run it as" : null;

    /// <summary>How its programs are begun: they refuse to run as root.</summary>
    public static IReadOnlyList<string> AsItsUser { get; } =
        Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : [];

    /// <summary>A folder of this run, with an initialized data folder <c>template</c> in it.</summary>
    public static async Task<string> RunFolderAsync() => (await s_run.Value).Folder;

    /// <summary>Runs a program to its end, which must be a good one.</summary>
    public static async Task ExecuteAsync(params IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command.Skip(1)) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()).Soon();
        await process.WaitForExitAsync().Soon();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with {process.ExitCode}: {string.Concat(said)}");
    }

    private static async Task<(string Folder, Process Keeper)> PrepareAsync()
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-postgres-").FullName;
        var keeper = new ProcessStartInfo("setsid") { RedirectStandardInput = true };
        foreach (var argument in (string[])["/bin/sh", "-c", FolderKeeper, "folder-keeper", folder]) keeper.ArgumentList.Add(argument);
        var held = Process.Start(keeper)!;

        if (Environment.IsPrivilegedProcess) await ExecuteAsync("chown", "postgres:", folder);
        await ExecuteAsync([
            .. AsItsUser, Path.Combine(Programs!, "initdb"), "--pgdata", Path.Combine(folder, "template"), "--username=postgres",
            "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync",
        ]);
        return (folder, held);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_POSTGRES_BIN") is { Length: > 0 } given) return given;
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin")) : [];
        return installed
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }

    private static bool HasUser(string name) => File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
}
