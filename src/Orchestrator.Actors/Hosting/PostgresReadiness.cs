using System.Globalization;
using Npgsql;

namespace Orchestrator.Actors.Hosting;

/// <summary>Whether a PostgreSQL database can be a journal: its version, that it keeps what it acknowledges, that the tables can be made.</summary>
internal static class PostgresReadiness
{
    private const int OldestVersion = 13;

    private const string Server = """
        SELECT current_setting('server_version_num')::int / 10000, current_setting('transaction_read_only'),
               current_setting('synchronous_commit'), current_setting('fsync'),
               current_user::text, current_schema()::text, coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
        """;

    // The owner of a table is who may make its indexes, which is done at each start where they are missing.
    private const string ForeignTables = """
        SELECT relname::text, pg_get_userbyid(relowner)::text FROM pg_class
        WHERE oid IN (to_regclass('journal'), to_regclass('tags'), to_regclass('snapshot')) AND NOT pg_has_role(relowner, 'USAGE')
        ORDER BY relname
        """;

    /// <summary>Everything that is in the way, each with what to do; empty when nothing is.</summary>
    public static async Task<IReadOnlyList<string>> ProblemsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        await using (var server = new NpgsqlCommand(Server, connection))
        await using (var row = await server.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            var (version, role) = (row.GetInt32(0), row.GetString(4));
            if (version < OldestVersion)
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"its version is {version}, and {OldestVersion} is the oldest that will do: upgrade it"));
            if (row.GetString(1) == "on") problems.Add("it can only be read: name the primary server, or set default_transaction_read_only to off");
            if (row.GetString(2) == "off")
                problems.Add($"its synchronous_commit is off, so that an outcome that was told can be lost: ALTER ROLE {role} SET synchronous_commit = on");
            if (row.GetString(3) == "off") problems.Add("its fsync is off, so that it does not survive a crash of its machine: set it to on in postgresql.conf");
            if (await row.IsDBNullAsync(5, cancellationToken)) problems.Add($"there is no schema that role {role} may use: GRANT USAGE, CREATE ON SCHEMA public TO {role}");
            else if (!row.GetBoolean(6))
                problems.Add($"role {role} may make no tables in schema {row.GetString(5)}: GRANT CREATE ON SCHEMA {row.GetString(5)} TO {role}, or make it the database's owner");
        }

        await using var tables = new NpgsqlCommand(ForeignTables, connection);
        await using var foreign = await tables.ExecuteReaderAsync(cancellationToken);
        while (await foreign.ReadAsync(cancellationToken))
            problems.Add($"table {foreign.GetString(0)} belongs to role {foreign.GetString(1)}: give the journal a database of its own, or ALTER TABLE {foreign.GetString(0)} OWNER");
        return problems;
    }
}
