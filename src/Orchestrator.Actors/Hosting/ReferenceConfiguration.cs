using Akka.Configuration;
using Akka.Persistence.Sql;

namespace Orchestrator.Actors.Hosting;

/// <summary>The commented files of hocon/, which are part of this assembly, under what the user and the program put over them.</summary>
public static class ReferenceConfiguration
{
    /// <summary>A local system's: settings, actors, and the embedded journal in <paramref name="journalFile"/>.</summary>
    public static Config Local(Config user, string journalFile) =>
        Journal(journalFile)
            .WithFallback(user)
            .WithFallback(Read("akka.conf"))
            .WithFallback(Read("persistence.sqlite.conf"))
            .WithFallback(Settings())
            .WithFallback(SqlPersistence.DefaultConfiguration);

    /// <summary>The orchestrator's own block with its defaults.</summary>
    public static Config Settings() => Read("orchestrator.conf").WithFallback(Read("tls.conf"));

    private static Config Journal(string journalFile)
    {
        var connection = DataFolder.ConnectionString(journalFile).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return ConfigurationFactory.ParseString($$"""
            akka.persistence.journal.sql.connection-string = "{{connection}}"
            akka.persistence.snapshot-store.sql.connection-string = "{{connection}}"
            akka.persistence.query.journal.sql.connection-string = "{{connection}}"
            """);
    }

    private static Config Read(string name)
    {
        var resource = $"hocon/{name}";
        using var stream = typeof(ReferenceConfiguration).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not part of the assembly.");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
