using System.Data.Common;
using LinqToDB;
using Npgsql;

namespace Orchestrator.Actors.Hosting;

/// <summary>A journal in PostgreSQL. What its connection string says beyond host, port and database is told to nobody.</summary>
internal sealed class PostgresConnection : JournalPlace
{
    private readonly NpgsqlConnectionStringBuilder _connection;

    private PostgresConnection(NpgsqlConnectionStringBuilder connection) => _connection = connection;

    public override bool IsShared => true;

    internal override string Configuration => "persistence.postgres.conf";

    private protected override string Provider => ProviderName.PostgreSQL13;

    private protected override string ConnectionString => _connection.ConnectionString;

    public override string ToString() => $"PostgreSQL database {_connection.Database} at {_connection.Host}, port {_connection.Port}";

    /// <param name="source">Begins the sentences about what is wrong with the text.</param>
    /// <exception cref="JournalUnavailableException">It is no connection string of a database.</exception>
    internal static PostgresConnection Read(string text, string source)
    {
        var connection = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = "orchestrator",
            // Seconds. A server that does not answer is to be noticed before the journal's own call-timeout has passed.
            Timeout = 10,
            CommandTimeout = 10,
            // Of each node; persistence.postgres.conf counts on it. Servers let in a hundred by default, for all nodes and everybody else.
            MaxPoolSize = 20,
            // Milliseconds. A node that was frozen or cut off in the middle of a transaction would keep its successor waiting for what it holds.
            Options = "-c idle_in_transaction_session_timeout=5000",
        };
        var errors = new List<string>();
        foreach (var (index, (key, value)) in Settings(text, errors).Index())
        {
            try
            {
                connection[key] = value;
            }
            catch (Exception unknown) when (unknown is ArgumentException or FormatException or InvalidCastException or OverflowException or NotSupportedException)
            {
                // Neither key nor value are shown: where quotes are missing, each may be a part of a password.
                errors.Add($"its setting number {index + 1} is none of Npgsql's or has a value that does not fit; a value with ; or = in it stands in quotes");
            }
        }

        // These would put values into messages.
        connection.PersistSecurityInfo = false;
        connection.IncludeErrorDetail = false;
        connection.LogParameters = false;
        if (errors.Count == 0)
        {
            if (string.IsNullOrEmpty(connection.Host)) errors.Add("it names no Host");
            if (string.IsNullOrEmpty(connection.Database)) errors.Add("it names no Database");
        }

        return errors.Count == 0
            ? new PostgresConnection(connection)
            : throw new JournalUnavailableException(
                $"{source} cannot be used: {string.Join("; ", errors)}. It reads like Host=db.example;Database=orchestrator;Username=orchestrator;Password=...", null);
    }

    public override async Task CheckAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> problems;
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            await connection.OpenAsync(cancellationToken);
            problems = await PostgresReadiness.ProblemsAsync(connection, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new JournalUnavailableException($"The journal, {this}, {Reason(failure)}", failure);
        }

        if (problems.Count > 0) throw new JournalUnavailableException($"The journal, {this}, cannot be used: {string.Join("; ", problems)}.", null);
    }

    private string Reason(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
            $"lets role {_connection.Username} not in: {refused.MessageText}. Are Username and Password in the connection string right?",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            $"does not exist on that server. Make it: CREATE DATABASE {_connection.Database} OWNER {_connection.Username}",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            "has no connection left. Raise max_connections on the server, or lower 'Maximum Pool Size' in the connection strings of those who use it.",
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } starting => $"takes nobody in at the moment: {starting.MessageText}. Try again.",
        PostgresException other => $"cannot be used: {other.MessageText} ({other.SqlState}).",
        { InnerException: TimeoutException } or TimeoutException => "does not answer. Is the server running, and does a firewall stand between?",
        { InnerException: { } cause } => $"cannot be reached: {cause.Message.TrimEnd('.')}. Is the server running, and are Host and Port in the connection string right?",
        _ => $"cannot be reached: {failure.Message.TrimEnd('.')}.",
    };

    private static IEnumerable<(string Key, string Value)> Settings(string text, List<string> errors)
    {
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = text.Trim();
        }
        catch (ArgumentException)
        {
            errors.Add("it is no list of Key=Value pairs with ; between them");
        }

        return from string key in parts.Keys select (key, (string)parts[key]);
    }
}
