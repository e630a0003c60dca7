using System.Text.Json.Serialization;

namespace Orchestrator.Cdp.Protocol;

/// <summary>How the protocol's types are written in JSON; source generated. What the browser leaves out though it must not is an error, what we do not know is skipped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CdpNothing))]
[JsonSerializable(typeof(TracingStartParams))]
[JsonSerializable(typeof(GetCategoriesResult))]
[JsonSerializable(typeof(GetTrackEventDescriptorResult))]
[JsonSerializable(typeof(RecordClockSyncMarkerParams))]
[JsonSerializable(typeof(RequestMemoryDumpParams))]
[JsonSerializable(typeof(RequestMemoryDumpResult))]
[JsonSerializable(typeof(BufferUsage))]
[JsonSerializable(typeof(TracingComplete))]
[JsonSerializable(typeof(IOReadParams))]
[JsonSerializable(typeof(IOReadResult))]
[JsonSerializable(typeof(IOCloseParams))]
[JsonSerializable(typeof(GetTargetsResult))]
[JsonSerializable(typeof(CreateTargetParams))]
[JsonSerializable(typeof(CreateTargetResult))]
[JsonSerializable(typeof(AttachToTargetParams))]
[JsonSerializable(typeof(AttachToTargetResult))]
[JsonSerializable(typeof(TargetParams))]
[JsonSerializable(typeof(BrowserVersion))]
[JsonSerializable(typeof(NavigateParams))]
[JsonSerializable(typeof(NavigateResult))]
[JsonSerializable(typeof(GetFrameTreeResult))]
[JsonSerializable(typeof(LoadEventFired))]
public sealed partial class CdpJsonContext : JsonSerializerContext;

/// <summary>Enums by the protocol's names and by nothing else.</summary>
internal sealed class WireEnumConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
