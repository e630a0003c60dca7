using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Serialization;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Benchmarks.Clusters;

/// <summary>The serializer of all that nodes say to each other, which counts it: what stays within a process is not serialized.</summary>
public sealed class CountedWire(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly ConcurrentDictionary<string, WireCount> s_counts = new(StringComparer.Ordinal);

    private readonly WireSerializer _wire = new(system);

    /// <summary>By manifest, of all actor systems of this process.</summary>
    public static IReadOnlyDictionary<string, WireCount> Counts => s_counts;

    public override int Identifier => _wire.Identifier;

    public override string Manifest(object o) => _wire.Manifest(o);

    public override byte[] ToBinary(object obj)
    {
        var bytes = _wire.ToBinary(obj);
        var now = TimeProvider.System.GetTimestamp();
        s_counts.AddOrUpdate(Manifest(obj), new WireCount(1, bytes.Length, bytes.Length, now, now), (_, before) => before with
        {
            Messages = before.Messages + 1,
            Bytes = before.Bytes + bytes.Length,
            LongestBytes = Math.Max(before.LongestBytes, bytes.Length),
            LastAt = now,
        });
        return bytes;
    }

    public override object FromBinary(byte[] bytes, string manifest) => _wire.FromBinary(bytes, manifest);
}

/// <param name="FirstAt">In ticks of the system's monotonic clock.</param>
public sealed record WireCount(long Messages, long Bytes, long LongestBytes, long FirstAt, long LastAt);
