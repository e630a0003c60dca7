using System.Text.Json;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>What <c>Tracing.start</c> asked for.</summary>
internal sealed record RecordingSetup
{
    private const double DefaultBufferKb = 200 * 1024;
    private const double LeastReportingMillis = 250;

    public bool IsProto { get; init; }

    public bool IsGzip { get; init; }

    public bool IsStream { get; init; }

    public bool IsRing { get; init; }

    public CategoryFilter Categories { get; init; } = CategoryFilter.Default;

    /// <summary>Clock sync markers are events of a category of their own, which only a perfetto config can leave out.</summary>
    public bool TakesMarkers { get; init; } = true;

    public bool TakesMemoryDumps => Categories.Takes("disabled-by-default-memory-infra");

    public long BufferBytes { get; init; } = (long)DefaultBufferKb * 1024;

    /// <summary>Null: nobody wants to hear of the buffer.</summary>
    public TimeSpan? ReportingInterval { get; init; }

    /// <summary>It waits for a service of the system that is not there.</summary>
    public bool IsStuck { get; init; }

    public static RecordingSetup Of(in Command start, PerfettoConfig? perfetto)
    {
        var parameters = start.ToJson();
        var setup = new RecordingSetup
        {
            IsStream = Text(parameters, "transferMode") == "ReturnAsStream",
            IsProto = perfetto is not null || Text(parameters, "streamFormat") == "proto",
            IsGzip = Text(parameters, "streamCompression") == "gzip",
            ReportingInterval = Number(parameters, "bufferUsageReportingInterval") is > 0 and var millis
                ? TimeSpan.FromMilliseconds(Math.Clamp(millis, LeastReportingMillis, int.MaxValue)) : null,
            IsStuck = Text(parameters, "tracingBackend") == "system",
        };
        if (perfetto is not null)
        {
            return setup with
            {
                Categories = new CategoryFilter(perfetto.EnabledCategories, perfetto.DisabledCategories, takesOthers: true),
                TakesMarkers = new CategoryFilter(perfetto.EnabledCategories, perfetto.DisabledCategories, takesOthers: true).Takes("__metadata"),
                BufferBytes = perfetto.BufferKb > 0 ? perfetto.BufferKb * 1024 : setup.BufferBytes,
                IsRing = !perfetto.DiscardsNew,
                IsStuck = setup.IsStuck || (perfetto.AsksForTheSystem && Text(parameters, "tracingBackend") is null or "auto"),
            };
        }

        if (!parameters.TryGetProperty("traceConfig", out var config) || config.ValueKind != JsonValueKind.Object)
        {
            return setup with
            {
                Categories = Text(parameters, "categories") is { Length: > 0 } filter ? CategoryFilter.Parse(filter) : CategoryFilter.Default,
                IsRing = Text(parameters, "options")?.Contains("record-continuously", StringComparison.Ordinal) ?? false,
            };
        }

        return setup with
        {
            Categories = CategoryFilter.Of(Texts(config, "includedCategories"), Texts(config, "excludedCategories")),
            IsRing = Text(config, "recordMode") == "recordContinuously",
            BufferBytes = Number(config, "traceBufferSizeInKb") is > 0 and var kb ? (long)(Math.Min(kb, 1L << 40) * 1024) : setup.BufferBytes,
        };
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static string[] Texts(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!)] : [];
}
