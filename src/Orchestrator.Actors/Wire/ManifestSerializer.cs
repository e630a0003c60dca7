using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;

namespace Orchestrator.Actors.Wire;

/// <summary>Plain JSON under explicit manifests, for Akka.</summary>
public abstract class ManifestSerializer(ExtendedActorSystem system, ManifestTable table) : SerializerWithStringManifest(system)
{
    public sealed override string Manifest(object o) => table.Of(o).Manifest;

    public sealed override byte[] ToBinary(object obj) => JsonSerializer.SerializeToUtf8Bytes(obj, table.Of(obj).Type);

    /// <inheritdoc cref="ManifestTable.Read"/>
    public sealed override object FromBinary(byte[] bytes, string manifest) => table.Read(bytes, manifest);
}

/// <summary>
/// Which type has which manifest. A manifest is <c>name/version</c> and never changes its meaning: a field may be added to a
/// version, anything else is a new version beside the old one, which stays readable.
/// </summary>
/// <param name="what">What these are, for messages: "event", "message".</param>
public sealed class ManifestTable(string what, IReadOnlyList<ManifestEntry> entries)
{
    private readonly Dictionary<string, ManifestEntry> _byManifest = entries.ToDictionary(entry => entry.Manifest, StringComparer.Ordinal);
    private readonly Dictionary<Type, ManifestEntry> _byType = entries.ToDictionary(entry => entry.Type.Type);

    public IEnumerable<string> Manifests => entries.Select(entry => entry.Manifest);

    /// <exception cref="SerializationException">It has no manifest.</exception>
    public ManifestEntry Of(object o) =>
        _byType.TryGetValue(o.GetType(), out var entry) ? entry : throw new SerializationException($"{o.GetType()} is no {what} that has a manifest.");

    /// <exception cref="SerializationException">The manifest is of a newer version of the program, or the bytes are no such thing.</exception>
    public object Read(ReadOnlySpan<byte> bytes, string manifest)
    {
        if (!_byManifest.TryGetValue(manifest, out var entry))
            throw new SerializationException($"There is no {what} '{manifest}' that this version of the orchestrator knows; a newer version wrote it.");
        try
        {
            return JsonSerializer.Deserialize(bytes, entry.Type) ?? throw new SerializationException($"A '{manifest}' is null.");
        }
        catch (JsonException broken)
        {
            throw new SerializationException($"A '{manifest}' cannot be read: {broken.Message}", broken);
        }
    }
}

/// <param name="Manifest">Its name and version.</param>
public sealed record ManifestEntry(string Manifest, JsonTypeInfo Type);
