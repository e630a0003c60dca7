using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Wire;

/// <summary>
/// Session events as plain JSON under explicit manifests. A manifest is <c>name/version</c> and never changes its
/// meaning: a field may be added to a version, anything else is a new version beside the old one, which stays readable.
/// </summary>
public sealed class SessionEventSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly Entry[] Entries =
    [
        new("session-opened/1", SessionEventJsonContext.Default.Opened),
        new("browser-ready/1", SessionEventJsonContext.Default.BrowserReady),
        new("browser-ended/1", SessionEventJsonContext.Default.BrowserEnded),
        new("window-opened/1", SessionEventJsonContext.Default.WindowOpened),
        new("marker-placed/1", SessionEventJsonContext.Default.MarkerPlaced),
        new("window-closed/1", SessionEventJsonContext.Default.WindowClosed),
        new("clocks-aligned/1", SessionEventJsonContext.Default.ClocksAligned),
        new("traces-merged/1", SessionEventJsonContext.Default.TracesMerged),
        new("session-ended/1", SessionEventJsonContext.Default.Ended),
    ];

    private static readonly Dictionary<string, Entry> ByManifest = Entries.ToDictionary(entry => entry.Manifest, StringComparer.Ordinal);
    private static readonly Dictionary<Type, Entry> ByType = Entries.ToDictionary(entry => entry.Type.Type);

    /// <summary>Every manifest that is written.</summary>
    public static IReadOnlyCollection<string> Manifests => ByManifest.Keys;

    public override int Identifier => 7401;

    public override string Manifest(object o) => EntryOf(o).Manifest;

    public override byte[] ToBinary(object obj) => JsonSerializer.SerializeToUtf8Bytes(obj, EntryOf(obj).Type);

    /// <exception cref="SerializationException">The manifest is of a newer version of the program, or the bytes are no such event.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest);

    /// <summary>The event of these bytes.</summary>
    /// <exception cref="SerializationException">The manifest is of a newer version of the program, or the bytes are no such event.</exception>
    public static SessionEvent Read(ReadOnlySpan<byte> bytes, string manifest)
    {
        if (!ByManifest.TryGetValue(manifest, out var entry))
            throw new SerializationException($"The journal holds an event '{manifest}' that this version of the orchestrator does not know; a newer version wrote it.");
        try
        {
            return (SessionEvent?)JsonSerializer.Deserialize(bytes, entry.Type) ?? throw new SerializationException($"A '{manifest}' in the journal is null.");
        }
        catch (JsonException broken)
        {
            throw new SerializationException($"A '{manifest}' in the journal cannot be read: {broken.Message}", broken);
        }
    }

    private static Entry EntryOf(object o) =>
        ByType.TryGetValue(o.GetType(), out var entry)
            ? entry
            : throw new SerializationException($"{o.GetType()} is no session event that the journal keeps.");

    private sealed record Entry(string Manifest, JsonTypeInfo Type);
}
