using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

internal enum JsonInstantUnit
{
    Micros,

    /// <summary>Read by Perfetto as a whole number only.</summary>
    WholeMicros,

    Seconds,
}

/// <param name="Depth">1 for the arguments themselves, 2 for what lies in their <c>data</c>.</param>
internal sealed record JsonInstant(byte[] Key, int Depth, JsonInstantUnit Unit);

/// <summary>
/// Instants of the browser's clock that stand in an event's arguments and are laid against other events' <c>ts</c> by those who read them:
/// DevTools (models/trace/handlers: SamplesHandler, NetworkRequestsHandler, ExtensionTraceDataHandler; LanternComputationData) and
/// Perfetto (importers/json/json_trace_tokenizer.cc, ParseV8SampleEvent). Durations and instants told from another one's need nothing.
/// </summary>
internal static class JsonInstants
{
    private static readonly JsonInstant[] Profile = [new("startTime"u8.ToArray(), 2, JsonInstantUnit.WholeMicros)];
    private static readonly JsonInstant[] ProfileChunk = [new("endTime"u8.ToArray(), 2, JsonInstantUnit.WholeMicros)];
    private static readonly JsonInstant[] Response = [new("requestTime"u8.ToArray(), 3, JsonInstantUnit.Seconds)];
    private static readonly JsonInstant[] Finish = [new("finishTime"u8.ToArray(), 2, JsonInstantUnit.Seconds)];

    // console.timeStamp(name, start, end, ...); as texts they name another time stamp.
    private static readonly JsonInstant[] TimeStamp =
        [new("start"u8.ToArray(), 2, JsonInstantUnit.Micros), new("end"u8.ToArray(), 2, JsonInstantUnit.Micros)];

    /// <summary>Those that an event of this name has.</summary>
    public static ReadOnlySpan<JsonInstant> Of(ReadOnlySpan<byte> bytes, in JsonEventFields fields) => (fields.Name.End - fields.Name.Start - 2) switch
    {
        7 when fields.IsNamed(bytes, "Profile"u8) => Profile,
        9 when fields.IsNamed(bytes, "TimeStamp"u8) => TimeStamp,
        12 when fields.IsNamed(bytes, "ProfileChunk"u8) => ProfileChunk,
        14 when fields.IsNamed(bytes, "ResourceFinish"u8) => Finish,
        23 when fields.IsNamed(bytes, "ResourceReceiveResponse"u8) => Response,
        _ => [],
    };
}
