using Akka.Actor;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Wire;

/// <summary>What a session keeps in the journal.</summary>
public sealed class SessionEventSerializer(ExtendedActorSystem system) : ManifestSerializer(system, Table)
{
    private static readonly ManifestTable Table = new("event",
    [
        new("session-opened/1", SessionEventJsonContext.Default.Opened),
        new("session-not-opened/1", SessionEventJsonContext.Default.NotOpened),
        new("session-taken-over/1", SessionEventJsonContext.Default.TakenOver),
        new("session-end-requested/1", SessionEventJsonContext.Default.EndRequested),
        new("session-given-up/1", SessionEventJsonContext.Default.GivenUp),
        new("session-noted/1", SessionEventJsonContext.Default.Noted),
        new("browser-ready/1", SessionEventJsonContext.Default.BrowserReady),
        new("browser-ended/1", SessionEventJsonContext.Default.BrowserEnded),
        new("window-opened/1", SessionEventJsonContext.Default.WindowOpened),
        new("marker-placed/1", SessionEventJsonContext.Default.MarkerPlaced),
        new("window-closed/1", SessionEventJsonContext.Default.WindowClosed),
        new("clocks-aligned/1", SessionEventJsonContext.Default.ClocksAligned),
        new("traces-merged/1", SessionEventJsonContext.Default.TracesMerged),
        new("session-ended/1", SessionEventJsonContext.Default.Ended),
    ]);

    /// <summary>Every manifest that is written.</summary>
    public static IEnumerable<string> Manifests => Table.Manifests;

    public override int Identifier => 7401;

    /// <inheritdoc cref="ManifestTable.Read"/>
    public static SessionEvent Read(ReadOnlySpan<byte> bytes, string manifest) => (SessionEvent)Table.Read(bytes, manifest);
}
