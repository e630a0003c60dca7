using Akka.Actor;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Nodes;
using System.Text.Json.Serialization;

namespace Orchestrator.Actors.Wire;

/// <summary>What nodes say to each other.</summary>
public sealed class WireSerializer(ExtendedActorSystem system) : ManifestSerializer(system, Table)
{
    private static readonly ManifestTable Table = new("message",
    [
        new("prepare/1", WireJsonContext.Default.Prepare),
        new("resume/1", WireJsonContext.Default.Resume),
        new("start/1", WireJsonContext.Default.Start),
        new("window-opens/1", WireJsonContext.Default.WindowOpens),
        new("open-pages/1", WireJsonContext.Default.OpenPages),
        new("probe/1", WireJsonContext.Default.Probe),
        new("mark/1", WireJsonContext.Default.Mark),
        new("dump-memory/1", WireJsonContext.Default.DumpMemory),
        new("end/1", WireJsonContext.Default.End),
        new("give-up/1", WireJsonContext.Default.GiveUp),
        new("taken/1", WireJsonContext.Default.Taken),
        new("release/1", WireJsonContext.Default.Release),
        new("session-over/1", WireJsonContext.Default.SessionOver),
        new("joined/1", WireJsonContext.Default.Joined),
        new("fenced/1", WireJsonContext.Default.Fenced),
        new("resumed/1", WireJsonContext.Default.Resumed),
        new("prepared/1", WireJsonContext.Default.Prepared),
        new("started/1", WireJsonContext.Default.Started),
        new("probed/1", WireJsonContext.Default.Probed),
        new("marked/1", WireJsonContext.Default.Marked),
        new("end-sent/1", WireJsonContext.Default.EndSent),
        new("browsers-ended/1", WireJsonContext.Default.BrowsersEnded),
        new("progress/1", WireJsonContext.Default.Progress),
        new("ping/1", WireJsonContext.Default.Ping),
        new("pong/1", WireJsonContext.Default.Pong),
        new("register/1", WireJsonContext.Default.Register),
        new("registered/1", WireJsonContext.Default.Registered),
        new("registration-refused/1", WireJsonContext.Default.RegistrationRefused),
    ]);

    /// <summary>Every manifest that is sent.</summary>
    public static IEnumerable<string> Manifests => Table.Manifests;

    public override int Identifier => 7403;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodeProtocol.Prepare))]
[JsonSerializable(typeof(NodeProtocol.Resume))]
[JsonSerializable(typeof(NodeProtocol.Start))]
[JsonSerializable(typeof(NodeProtocol.WindowOpens))]
[JsonSerializable(typeof(NodeProtocol.OpenPages))]
[JsonSerializable(typeof(NodeProtocol.Probe))]
[JsonSerializable(typeof(NodeProtocol.Mark))]
[JsonSerializable(typeof(NodeProtocol.DumpMemory))]
[JsonSerializable(typeof(NodeProtocol.End))]
[JsonSerializable(typeof(NodeProtocol.GiveUp))]
[JsonSerializable(typeof(NodeProtocol.Taken))]
[JsonSerializable(typeof(NodeProtocol.Release))]
[JsonSerializable(typeof(NodeProtocol.SessionOver))]
[JsonSerializable(typeof(NodeProtocol.Joined))]
[JsonSerializable(typeof(NodeProtocol.Fenced))]
[JsonSerializable(typeof(NodeProtocol.Resumed))]
[JsonSerializable(typeof(NodeProtocol.Prepared))]
[JsonSerializable(typeof(NodeProtocol.Started))]
[JsonSerializable(typeof(NodeProtocol.Probed))]
[JsonSerializable(typeof(NodeProtocol.Marked))]
[JsonSerializable(typeof(NodeProtocol.EndSent))]
[JsonSerializable(typeof(NodeProtocol.BrowsersEnded))]
[JsonSerializable(typeof(NodeProtocol.Progress))]
[JsonSerializable(typeof(ClockProtocol.Ping))]
[JsonSerializable(typeof(ClockProtocol.Pong))]
[JsonSerializable(typeof(ClusterProtocol.Register))]
[JsonSerializable(typeof(ClusterProtocol.Registered))]
[JsonSerializable(typeof(ClusterProtocol.RegistrationRefused))]
internal sealed partial class WireJsonContext : JsonSerializerContext;
