using Akka.Configuration;
using Akka.Persistence.Sql;
using Orchestrator.Actors.Configuration;

namespace Orchestrator.Actors.Hosting;

/// <summary>The commented files of hocon/, which are part of this assembly, under what the user and the program put over them.</summary>
public static class ReferenceConfiguration
{
    /// <summary>A local system's: settings, actors, and the embedded journal in <paramref name="journalFile"/>.</summary>
    public static Config Local(Config user, string journalFile) =>
        Connection(journalFile)
            .WithFallback(user)
            .WithFallback(Read("akka.conf"))
            .WithFallback(Read("persistence.sqlite.conf"))
            .WithFallback(Settings())
            .WithFallback(SqlPersistence.DefaultConfiguration);

    /// <summary>What a journal in this place needs, but for <see cref="JournalPlace.Connection"/>.</summary>
    public static Config Journal(JournalPlace place) => Read(place.Configuration).WithFallback(SqlPersistence.DefaultConfiguration);

    /// <summary>A node's: settings, actors, cluster, and its journal, if it has one.</summary>
    public static Config Cluster(Config user, NodeOptions options, OrchestratorSettings settings)
    {
        var (bind, advertise) = (options.Bind, options.Advertise ?? options.Bind);
        var ours = ConfigurationFactory.ParseString($$"""
            orchestrator.node-name = "{{settings.NodeName}}"
            akka.remote.dot-netty.tcp {
              hostname = "{{bind.Host}}"
              port = {{bind.Port}}
              public-hostname = "{{advertise.Host}}"
              public-port = {{advertise.Port}}
            }
            """);
        var config = ours.WithFallback(user).WithFallback(Read("cluster.conf")).WithFallback(Read("akka.conf"));
        if (options.Journal is { } journal) config = config.WithFallback(Journal(journal));
        return config.WithFallback(Settings());
    }

    /// <summary>The orchestrator's own block with its defaults.</summary>
    public static Config Settings() => Read("orchestrator.conf").WithFallback(Read("tls.conf"));

    private static Config Connection(string journalFile)
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
