using System.Text.Json.Serialization;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Wire;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionEvent.Opened))]
[JsonSerializable(typeof(SessionEvent.NotOpened))]
[JsonSerializable(typeof(SessionEvent.TakenOver))]
[JsonSerializable(typeof(SessionEvent.EndRequested))]
[JsonSerializable(typeof(SessionEvent.GivenUp))]
[JsonSerializable(typeof(SessionEvent.Noted))]
[JsonSerializable(typeof(SessionEvent.BrowserReady))]
[JsonSerializable(typeof(SessionEvent.BrowserEnded))]
[JsonSerializable(typeof(SessionEvent.WindowOpened))]
[JsonSerializable(typeof(SessionEvent.MarkerPlaced))]
[JsonSerializable(typeof(SessionEvent.WindowClosed))]
[JsonSerializable(typeof(SessionEvent.ClocksAligned))]
[JsonSerializable(typeof(SessionEvent.TracesMerged))]
[JsonSerializable(typeof(SessionEvent.Ended))]
internal sealed partial class SessionEventJsonContext : JsonSerializerContext;
