using System.Text.Json.Serialization;

namespace Orchestrator.Tracing.Clocks;

/// <summary>What is known of how a clock lies to the time line.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClockRelation>))]
public enum ClockRelation
{
    /// <summary>It is the same clock: the same boot and time namespace, checked, and no marker speaks against it. Offset 0, exactly.</summary>
    [JsonStringEnumMemberName("shared")] Shared,

    /// <summary>Offset and rate lie in a region that the brackets (a browser's markers, a node's pings) leave open: the bound is certain.</summary>
    [JsonStringEnumMemberName("measured")] Measured,

    /// <summary>Nothing certain can be said: no brackets, or ones that contradict each other.</summary>
    [JsonStringEnumMemberName("unaligned")] Unaligned,
}
