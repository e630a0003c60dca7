using System.Text.Json;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Planning;

/// <summary>Every row of <c>Tracing.start</c> that the command line reaches, as it is sent.</summary>
public class TracingStartTests
{
    private const string Stream = """ "bufferUsageReportingInterval":500,"transferMode":"ReturnAsStream","streamFormat":"proto","streamCompression":"gzip" """;
    private const string Defaults = """
         "includedCategories":["devtools.timeline","disabled-by-default-devtools.timeline","disabled-by-default-devtools.timeline.frame",
         "v8","v8.execute","blink.console","blink.user_timing","loading","navigation","latencyInfo","interactions"],"excludedCategories":["*"] 
        """;

    [Fact]
    public void Without_options_the_default_categories_come_back_as_a_compressed_proto_stream() =>
        AssertStart("""{STREAM,"traceConfig":{DEFAULTS}}""", new RecordOptions());

    [Fact]
    public void Categories_become_included_and_excluded_ones() =>
        AssertStart("""{STREAM,"traceConfig":{"includedCategories":["a","b"],"excludedCategories":["c"]}}""", new RecordOptions { Categories = "a,b,-c" });

    [Fact]
    public void Only_included_categories_leave_the_excluded_ones_out() =>
        AssertStart("""{STREAM,"traceConfig":{"includedCategories":["a"]}}""", new RecordOptions { Categories = "a" });

    public static TheoryData<string, string> RecordModes => new()
    {
        { "recordUntilFull", "recordUntilFull" }, { "recordContinuously", "recordContinuously" },
        { "recordAsMuchAsPossible", "recordAsMuchAsPossible" }, { "echoToConsole", "echoToConsole" }, { "recorduntilfull", "recordUntilFull" },
    };

    [Theory]
    [MemberData(nameof(RecordModes))]
    public void The_record_mode_is_sent_as_the_protocol_spells_it(string typed, string sent) =>
        AssertStart($$$"""{STREAM,"traceConfig":{"recordMode":"{{{sent}}}","includedCategories":["a"]}}""", new RecordOptions { Categories = "a", RecordMode = typed });

    [Theory]
    [InlineData("4096", "4096")]
    [InlineData("0", "0")]
    [InlineData("4194303", "4194303")]
    public void The_buffer_size_is_sent_in_kilobytes(string typed, string sent) =>
        AssertStart($$$"""{STREAM,"traceConfig":{"traceBufferSizeInKb":{{{sent}}},"includedCategories":["a"]}}""", new RecordOptions { Categories = "a", BufferSizeKb = typed });

    [Fact]
    public void The_switches_are_sent_as_they_are_set() =>
        AssertStart(
            """{STREAM,"traceConfig":{"enableSampling":true,"enableSystrace":false,"enableArgumentFilter":true,"includedCategories":["a"]}}""",
            new RecordOptions { Categories = "a", Sampling = true, Systrace = false, ArgumentFilter = true });

    [Fact]
    public void Synthetic_delays_are_a_list() =>
        AssertStart(
            """{STREAM,"traceConfig":{"includedCategories":["a"],"syntheticDelays":["x;16","y;32"]}}""",
            new RecordOptions { Categories = "a", SyntheticDelays = ["x;16", "y;32"] });

    [Fact]
    public void A_memory_dump_config_is_sent_as_it_stands_in_its_file() =>
        AssertStart(
            """{STREAM,"traceConfig":{"includedCategories":["disabled-by-default-memory-infra"],"memoryDumpConfig":{"triggers":[{"mode":"light","periodicIntervalMs":250}],"more":1}}}""",
            new RecordOptions { Categories = "disabled-by-default-memory-infra", MemoryDumpConfig = "dump.json" },
            new FakeMachine().With("dump.json", """{"triggers":[{"mode":"light","periodicIntervalMs":250}],"more":1}"""));

    [Theory]
    [InlineData("auto")]
    [InlineData("chrome")]
    [InlineData("system")]
    public void The_backend_is_sent(string backend) =>
        AssertStart($$$"""{STREAM,"traceConfig":{"includedCategories":["a"]},"tracingBackend":"{{{backend}}}"}""", new RecordOptions { Categories = "a", Backend = backend });

    [Fact]
    public void Screenshot_limits_are_sent() =>
        AssertStart(
            """{STREAM,"traceConfig":{"includedCategories":["disabled-by-default-devtools.screenshot"]},"screenshotMaxSize":300,"screenshotMaxCount":20}""",
            new RecordOptions { Categories = "disabled-by-default-devtools.screenshot", ScreenshotMaxSize = "300", ScreenshotMaxCount = "20" });

    [Fact]
    public void The_buffer_usage_interval_is_sent_in_milliseconds() =>
        AssertStart(
            """{"bufferUsageReportingInterval":1500,"transferMode":"ReturnAsStream","streamFormat":"proto","streamCompression":"gzip","traceConfig":{"includedCategories":["a"]}}""",
            new RecordOptions { Categories = "a", BufferUsageInterval = "1.5s" });

    [Theory]
    [InlineData(null, null, "proto", "gzip", ".pftrace.gz")]
    [InlineData("proto", null, "proto", "gzip", ".pftrace.gz")]
    [InlineData("proto", "none", "proto", "none", ".pftrace")]
    [InlineData(null, "none", "proto", "none", ".pftrace")]
    [InlineData("json", null, "json", "gzip", ".json.gz")]
    [InlineData("json", "gzip", "json", "gzip", ".json.gz")]
    [InlineData("JSON", "NONE", "json", "none", ".json")]
    public void A_stream_has_any_format_and_compression(string? format, string? compression, string sentFormat, string sentCompression, string extension)
    {
        var planned = AssertStart(
            $$$"""{"bufferUsageReportingInterval":500,"transferMode":"ReturnAsStream","streamFormat":"{{{sentFormat}}}","streamCompression":"{{{sentCompression}}}","traceConfig":{"includedCategories":["a"]}}""",
            new RecordOptions { Categories = "a", Transfer = "stream", Format = format, Compression = compression });
        Assert.Equal(TraceTransfer.Stream, planned.Whole.Tracing.Transfer);
        Assert.Equal(extension, planned.Whole.Tracing.FileExtension);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("json", null)]
    [InlineData(null, "none")]
    [InlineData("json", "none")]
    public void Events_are_plain_json_with_no_word_of_a_stream(string? format, string? compression)
    {
        var planned = AssertStart(
            """{"bufferUsageReportingInterval":500,"transferMode":"ReportEvents","traceConfig":{"includedCategories":["a"]}}""",
            new RecordOptions { Categories = "a", Transfer = "events", Format = format, Compression = compression });
        Assert.Equal((TraceTransfer.Events, TraceFormat.Json, TraceCompression.None, ".json"),
            (planned.Whole.Tracing.Transfer, planned.Whole.Tracing.Format, planned.Whole.Tracing.Compression, planned.Whole.Tracing.FileExtension));
    }

    [Fact]
    public void The_deprecated_two_are_sent_beside_no_trace_config() =>
        AssertStart(
            """{"categories":"a,-b","options":"record-continuously,enable-sampling",STREAM}""",
            new RecordOptions { LegacyCategories = "a,-b", LegacyOptions = "record-continuously,enable-sampling" });

    [Fact]
    public void Deprecated_options_alone_bring_no_default_categories_with_them() =>
        AssertStart("""{"options":"record-until-full",STREAM}""", new RecordOptions { LegacyOptions = "record-until-full" });

    [Fact]
    public void A_perfetto_config_is_sent_in_base64_and_alone() =>
        AssertStart(
            $$$"""{STREAM,"perfettoConfig":"{{{Convert.ToBase64String(PerfettoConfigs.TrackEvents)}}}"}""",
            new RecordOptions { PerfettoConfig = "c.pb" },
            new FakeMachine().With("c.pb", PerfettoConfigs.TrackEvents));

    [Fact]
    public void A_perfetto_config_that_asks_for_json_yields_json()
    {
        var planned = Planned.Of(new RecordOptions { PerfettoConfig = "c.pb" }, new FakeMachine().With("c.pb", PerfettoConfigs.LegacyJson));
        Assert.Equal(TraceFormat.Json, planned.Whole.Tracing.Format);
        Assert.Equal(".json.gz", planned.Whole.Tracing.FileExtension);
        Assert.Equal("json", planned.Whole.Tracing.Start.GetProperty("streamFormat").GetString());
    }

    [Fact]
    public void A_trace_config_is_sent_field_by_field_without_default_categories() =>
        AssertStart(
            """{STREAM,"traceConfig":{"recordMode":"recordContinuously","traceBufferSizeInKb":1024,"enableSampling":true,"enableSystrace":false,"enableArgumentFilter":true,"syntheticDelays":["x;1"]}}""",
            new RecordOptions { TraceConfig = "t.json" },
            new FakeMachine().With("t.json", """{"recordMode":"recordContinuously","traceBufferSizeInKb":1024,"enableSampling":true,"enableSystrace":false,"enableArgumentFilter":true,"syntheticDelays":["x;1"]}"""));

    [Fact]
    public void Options_override_the_fields_of_a_trace_config()
    {
        var machine = new FakeMachine()
            .With("t.json", """{"recordMode":"recordContinuously","traceBufferSizeInKb":1024,"enableSampling":true,"includedCategories":["x"],"excludedCategories":["y"],"syntheticDelays":["x;1"],"memoryDumpConfig":{"triggers":[]}}""")
            .With("d.json", """{"allowedDumpModes":["light"]}""");
        AssertStart(
            """{STREAM,"traceConfig":{"recordMode":"recordUntilFull","traceBufferSizeInKb":2048,"enableSampling":false,"includedCategories":["disabled-by-default-memory-infra"],"syntheticDelays":["z;2"],"memoryDumpConfig":{"allowedDumpModes":["light"]}}}""",
            new RecordOptions
            {
                TraceConfig = "t.json", RecordMode = "recordUntilFull", BufferSizeKb = "2048", Sampling = false, Categories = "disabled-by-default-memory-infra",
                SyntheticDelays = ["z;2"], MemoryDumpConfig = "d.json",
            },
            machine);
    }

    private static Planned AssertStart(string expected, RecordOptions options, FakeMachine? machine = null)
    {
        var planned = Planned.Of(options, machine);
        using var json = JsonDocument.Parse(expected.Replace("STREAM", Stream, StringComparison.Ordinal).Replace("DEFAULTS", Defaults, StringComparison.Ordinal));
        Assert.Equal(JsonSerializer.Serialize(json.RootElement), planned.Start);
        return planned;
    }
}
