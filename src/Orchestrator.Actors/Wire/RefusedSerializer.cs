using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Orchestrator.Actors.Wire;

/// <summary>
/// Stands in the place of a serializer of Akka's that makes whatever types the bytes name, under its number: an actor system
/// looks up by that number what arrives, whoever sent it. Reads nothing and writes nothing.
/// </summary>
/// <param name="settings"><c>akka.actor.serialization-settings.NAME</c>, with the <c>identifier</c> of the serializer that is refused.</param>
public sealed class RefusedSerializer(ExtendedActorSystem system, Config settings) : SerializerWithStringManifest(system)
{
    public override int Identifier { get; } = settings.GetInt("identifier");

    /// <exception cref="SerializationException">Always.</exception>
    public override string Manifest(object o) => throw new SerializationException($"{o.GetType()} is bound to no serializer, and is not sent.");

    /// <exception cref="SerializationException">Always.</exception>
    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj.GetType()} is bound to no serializer, and is not sent.");

    /// <exception cref="SerializationException">Always.</exception>
    public override object FromBinary(byte[] bytes, string manifest) =>
        throw new SerializationException($"A message came by serializer {Identifier} (manifest '{manifest}'), which lets the sender choose what is made here: it is not read.");
}
