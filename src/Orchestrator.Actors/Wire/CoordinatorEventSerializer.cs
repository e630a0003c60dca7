using System.Text.Json.Serialization;
using Akka.Actor;
using Orchestrator.Actors.Clustering;

namespace Orchestrator.Actors.Wire;

/// <summary>What the coordinators' register keeps in the journal.</summary>
public sealed class CoordinatorEventSerializer(ExtendedActorSystem system) : ManifestSerializer(system, Table)
{
    private static readonly ManifestTable Table = new("event",
    [
        new("epoch-claimed/1", CoordinatorEventJsonContext.Default.EpochClaimed),
        new("session-admitted/1", CoordinatorEventJsonContext.Default.SessionAdmitted),
        new("session-closed/1", CoordinatorEventJsonContext.Default.SessionClosed),
        new("coordinator-register/1", CoordinatorEventJsonContext.Default.CoordinatorRegister),
    ]);

    /// <summary>Every manifest that is written.</summary>
    public static IEnumerable<string> Manifests => Table.Manifests;

    public override int Identifier => 7402;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CoordinatorEvent.EpochClaimed))]
[JsonSerializable(typeof(CoordinatorEvent.SessionAdmitted))]
[JsonSerializable(typeof(CoordinatorEvent.SessionClosed))]
[JsonSerializable(typeof(CoordinatorRegister))]
internal sealed partial class CoordinatorEventJsonContext : JsonSerializerContext;
