using Orchestrator.Host.Planning;
using Orchestrator.Host.Tests.Support;

namespace Orchestrator.Host.Tests.Planning;

/// <summary>What the browser would swallow, ignore or die of is refused before anything starts.</summary>
public class TracingRulesTests
{
    private const string MemoryInfra = "disabled-by-default-memory-infra";

    public static TheoryData<string, string, string> SingleErrors => new()
    {
        { "record-mode", "untilFull", "not one of recordUntilFull, recordContinuously, recordAsMuchAsPossible, echoToConsole" },
        { "record-mode", "recordUntilFul", "did you mean recordUntilFull?" },
        { "record-mode", "", "not one of" },
        { "backend", "crome", "not one of auto, chrome, system; did you mean chrome?" },
        { "transfer", "ReturnAsStream", "not one of stream, events" },
        { "format", "protobuf", "not one of proto, json" },
        { "format", "1", "not one of proto, json" },
        { "compression", "zstd", "not one of gzip, none" },
        { "buffer-size-kb", "-1", "not a whole number of kilobytes from 0 to 4194303" },
        { "buffer-size-kb", "4194304", "not a whole number of kilobytes" },
        { "buffer-size-kb", "1.5", "not a whole number of kilobytes" },
        { "buffer-size-kb", "1e3", "not a whole number of kilobytes" },
        { "buffer-size-kb", "99999999999999999999", "not a whole number of kilobytes" },
        { "buffer-usage-interval", "500us", "out of range; 1ms to 1h is allowed" },
        { "buffer-usage-interval", "0s", "out of range" },
        { "buffer-usage-interval", "often", "not a duration" },
        { "synthetic-delay", " ", "is empty" },
        { "legacy-options", "record-for-ever", "'record-for-ever' is not one of record-until-full" },
        { "legacy-options", "record-continously", "did you mean record-continuously?" },
        { "legacy-options", "", "'' is not one of" },
        { "legacy-options", "enable-systrace=", "is not one of" },
        { "legacy-categories", "a,,b", "an item is empty" },
    };

    [Theory]
    [MemberData(nameof(SingleErrors))]
    public void A_wrong_value_is_named_with_what_is_allowed(string option, string value, string problem)
    {
        var error = Planned.Of(With(option, value)).TheError;
        Assert.StartsWith($"--{option} '{value}': ", error);
        Assert.Contains(problem, error);
    }

    [Theory]
    [InlineData("record-until-full")]
    [InlineData("record-continuously,enable-systrace,enable-argument-filter")]
    [InlineData("record-as-much-as-possible")]
    [InlineData("trace-to-console")]
    [InlineData("enable-systrace=sched power")]
    public void Legacy_options_that_the_browser_knows_pass(string text) => Assert.Empty(Planned.Of(new RecordOptions { LegacyOptions = text }).Errors);

    [Theory]
    [InlineData("proto", null, "--format 'proto': with --transfer events a trace is always json")]
    [InlineData(null, "gzip", "--compression 'gzip': with --transfer events a trace is never compressed")]
    public void Events_with_what_they_cannot_be_is_an_error(string? format, string? compression, string error) =>
        Assert.StartsWith(error, Planned.Of(new RecordOptions { Transfer = "events", Format = format, Compression = compression }).TheError);

    [Fact]
    public void Both_impossibilities_of_events_are_told() =>
        Assert.Equal(2, Planned.Of(new RecordOptions { Transfer = "events", Format = "proto", Compression = "gzip" }).Errors.Count);

    public static TheoryData<string, string> TraceConfigOptions => new()
    {
        { "categories", "a" }, { "record-mode", "recordUntilFull" }, { "buffer-size-kb", "0" }, { "sampling", "" }, { "systrace", "" },
        { "argument-filter", "" }, { "synthetic-delay", "x;1" },
    };

    [Theory]
    [MemberData(nameof(TraceConfigOptions))]
    public void Deprecated_categories_beside_a_trace_config_are_an_error_that_names_both(string option, string value)
    {
        var error = Planned.Of(With(option, value) with { LegacyCategories = "a" }).TheError;
        Assert.StartsWith($"--legacy-categories together with --{option}: the browser refuses", error);
    }

    [Theory]
    [MemberData(nameof(TraceConfigOptions))]
    public void A_perfetto_config_beside_what_it_makes_void_is_an_error_that_names_both(string option, string value)
    {
        var error = Planned.Of(With(option, value) with { PerfettoConfig = "c.pb" }, new FakeMachine().With("c.pb", PerfettoConfigs.TrackEvents)).TheError;
        Assert.StartsWith($"--perfetto-config together with --{option}: ", error);
        Assert.Contains("ignores", error);
    }

    [Fact]
    public void A_perfetto_config_beside_the_deprecated_options_is_an_error() =>
        Assert.StartsWith(
            "--perfetto-config together with --legacy-categories, --legacy-options: ",
            Planned.Of(
                new RecordOptions { PerfettoConfig = "c.pb", LegacyCategories = "a", LegacyOptions = "record-until-full" },
                new FakeMachine().With("c.pb", PerfettoConfigs.TrackEvents)).TheError);

    [Theory]
    [InlineData("json", false, "this one yields proto")]
    [InlineData("proto", true, "this one yields json")]
    public void The_format_must_be_what_the_perfetto_config_yields(string format, bool isJson, string problem)
    {
        var machine = new FakeMachine().With("c.pb", isJson ? PerfettoConfigs.LegacyJson : PerfettoConfigs.TrackEvents);
        var error = Planned.Of(new RecordOptions { PerfettoConfig = "c.pb", Format = format }, machine).TheError;
        Assert.StartsWith($"--format '{format}': ", error);
        Assert.Contains(problem, error);
    }

    [Fact]
    public void A_perfetto_config_that_yields_proto_cannot_come_as_events() =>
        Assert.StartsWith(
            "--transfer 'events': the perfetto config yields proto",
            Planned.Of(new RecordOptions { PerfettoConfig = "c.pb", Transfer = "events" }, new FakeMachine().With("c.pb", PerfettoConfigs.TrackEvents)).TheError);

    [Fact]
    public void A_perfetto_config_that_yields_json_can() =>
        Assert.Empty(Planned.Of(new RecordOptions { PerfettoConfig = "c.pb", Transfer = "events" }, new FakeMachine().With("c.pb", PerfettoConfigs.LegacyJson)).Errors);

    public static TheoryData<byte[], string> WrongPerfettoConfigs => new()
    {
        { [], "is empty" },
        { PerfettoConfigs.NoDataSource, "has no data source" },
        { "buffers { size_kb: 4096 }\n"u8.ToArray(), "is text" },
        { [0x0a, 0x05, 0x08], "bytes are not protobuf" },
        { [0x0b, 0x08], "bytes are not protobuf" },
        { [0x02, 0x01, 0x00], "bytes are not protobuf" },
        { [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "bytes are not protobuf" },
        { [0x1f, 0x8b, 0x08, 0x00], "bytes are not protobuf" },
    };

    [Theory]
    [MemberData(nameof(WrongPerfettoConfigs))]
    public void A_file_that_is_no_perfetto_config_is_an_error(byte[] bytes, string problem)
    {
        var error = Planned.Of(new RecordOptions { PerfettoConfig = "c.pb" }, new FakeMachine().With("c.pb", bytes)).TheError;
        Assert.StartsWith("--perfetto-config 'c.pb': ", error);
        Assert.Contains(problem, error);
    }

    [Theory]
    [InlineData("trace-config")]
    [InlineData("perfetto-config")]
    public void A_file_that_is_missing_is_an_error(string option) =>
        Assert.Equal($"--{option} 'nowhere': does not exist", Planned.Of(With(option, "nowhere")).TheError);

    [Theory]
    [InlineData("trace-config")]
    [InlineData("perfetto-config")]
    public void A_file_above_one_mebibyte_is_an_error(string option) =>
        Assert.Equal($"--{option} 'big': is too large", Planned.Of(With(option, "big"), new FakeMachine().With("big", new byte[(1 << 20) + 1])).TheError);

    [Fact]
    public void A_memory_dump_without_its_category_is_an_error_that_names_it() =>
        Assert.Equal(
            $"--memory-dump 'light@1s': needs the category {MemoryInfra}, without which the browser dumps nothing; add it to --categories",
            Planned.Of(new RecordOptions { MemoryDumps = ["light@1s"] }).TheError);

    [Fact]
    public void A_memory_dump_config_without_its_category_is_an_error() =>
        Assert.StartsWith(
            $"--memory-dump-config 'd.json': needs the category {MemoryInfra}",
            Planned.Of(new RecordOptions { MemoryDumpConfig = "d.json" }, new FakeMachine().With("d.json", "{}")).TheError);

    [Fact]
    public void So_is_one_inside_a_trace_config() =>
        Assert.StartsWith(
            $"--trace-config 't.json': memoryDumpConfig needs the category {MemoryInfra}",
            Planned.Of(new RecordOptions { TraceConfig = "t.json" }, new FakeMachine().With("t.json", """{"memoryDumpConfig":{}}""")).TheError);

    [Fact]
    public void The_deprecated_categories_can_turn_memory_dumps_on() =>
        Assert.Empty(Planned.Of(new RecordOptions { MemoryDumps = ["light@1s"], LegacyCategories = MemoryInfra }).Errors);

    [Fact]
    public void A_perfetto_config_is_trusted_to_turn_them_on() =>
        Assert.Empty(Planned.Of(new RecordOptions { MemoryDumps = ["light@1s"], PerfettoConfig = "c.pb" }, new FakeMachine().With("c.pb", PerfettoConfigs.TrackEvents)).Errors);

    [Fact]
    public void Screenshot_limits_without_their_category_are_errors()
    {
        var errors = Planned.Of(new RecordOptions { ScreenshotMaxCount = "1", ScreenshotMaxSize = "300", Categories = "a" }).Errors;
        Assert.Equal(2, errors.Count);
        Assert.All(errors, error => Assert.Contains("needs the category disabled-by-default-devtools.screenshot", error));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("big")]
    [InlineData("16385")]
    public void A_screenshot_size_is_a_number_of_pixels(string size) =>
        Assert.StartsWith(
            $"--screenshot-max-size '{size}': not a whole number of pixels from 1 to 16384",
            Planned.Of(new RecordOptions { ScreenshotMaxSize = size, Categories = "disabled-by-default-devtools.screenshot" }).TheError);

    [Fact]
    public void An_interval_below_what_the_browser_keeps_to_is_noted()
    {
        var planned = Planned.Of(new RecordOptions { BufferUsageInterval = "100ms" });
        Assert.Equal(100, planned.Whole.Tracing.Start.GetProperty("bufferUsageReportingInterval").GetDouble());
        Assert.Contains("at most every 250ms", Assert.Single(planned.Notes));
    }

    [Theory]
    [InlineData("[]", "a memory dump config is a JSON object")]
    [InlineData("{", "line 1, column 2: not JSON")]
    [InlineData("", "line 1, column 1: not JSON")]
    [InlineData("""{"triggers":{}}""", "triggers is not a list")]
    [InlineData("""{"triggers":[1]}""", "triggers[0] is not an object")]
    [InlineData("""{"triggers":[{"periodicIntervalMs":250}]}""", "triggers[0].mode is not one of background, light, detailed")]
    [InlineData("""{"triggers":[{"mode":"heavy","periodicIntervalMs":250}]}""", "triggers[0].mode is not one of")]
    [InlineData("""{"triggers":[{"mode":"light"}]}""", "triggers[0].periodicIntervalMs is not a whole number of at least 1")]
    [InlineData("""{"triggers":[{"mode":"light","periodicIntervalMs":0}]}""", "triggers[0].periodicIntervalMs is not a whole number")]
    [InlineData("""{"triggers":[{"mode":"light","periodicIntervalMs":1.5}]}""", "triggers[0].periodicIntervalMs is not a whole number")]
    [InlineData("""{"triggers":[{"mode":"light","minTimeBetweenDumpsMs":5}]}""", "triggers[0].type is not one of periodic_interval")]
    [InlineData("""{"triggers":[{"mode":"light","minTimeBetweenDumpsMs":"5","type":"periodic_interval"}]}""", "triggers[0].minTimeBetweenDumpsMs is not a whole number")]
    [InlineData("""{"allowedDumpModes":"light"}""", "allowedDumpModes is not a list of")]
    [InlineData("""{"allowed_dump_modes":["heavy"]}""", "allowedDumpModes is not a list of")]
    public void A_memory_dump_config_that_would_end_the_browser_is_an_error(string json, string problem)
    {
        var error = Planned.Of(new RecordOptions { MemoryDumpConfig = "d.json", Categories = MemoryInfra }, new FakeMachine().With("d.json", json)).TheError;
        Assert.StartsWith("--memory-dump-config 'd.json': ", error);
        Assert.Contains(problem, error);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"triggers":[]}""")]
    [InlineData("""{"triggers":[{"mode":"detailed","periodic_interval_ms":250},{"mode":"light","minTimeBetweenDumpsMs":5,"type":"periodic_interval"}],"allowedDumpModes":["light","detailed"]}""")]
    [InlineData("""{"heapProfilerOptions":{"breakdownThresholdBytes":1024},"unknown":true}""")]
    public void A_memory_dump_config_that_the_browser_takes_passes(string json) =>
        Assert.Empty(Planned.Of(new RecordOptions { MemoryDumpConfig = "d.json", Categories = MemoryInfra }, new FakeMachine().With("d.json", json)).Errors);

    private static RecordOptions With(string option, string value) => option switch
    {
        "record-mode" => new RecordOptions { RecordMode = value },
        "backend" => new RecordOptions { Backend = value },
        "transfer" => new RecordOptions { Transfer = value },
        "format" => new RecordOptions { Format = value },
        "compression" => new RecordOptions { Compression = value },
        "categories" => new RecordOptions { Categories = value },
        "buffer-size-kb" => new RecordOptions { BufferSizeKb = value },
        "buffer-usage-interval" => new RecordOptions { BufferUsageInterval = value },
        "synthetic-delay" => new RecordOptions { SyntheticDelays = [value] },
        "legacy-options" => new RecordOptions { LegacyOptions = value },
        "legacy-categories" => new RecordOptions { LegacyCategories = value },
        "trace-config" => new RecordOptions { TraceConfig = value },
        "perfetto-config" => new RecordOptions { PerfettoConfig = value },
        "sampling" => new RecordOptions { Sampling = true },
        "systrace" => new RecordOptions { Systrace = true },
        "argument-filter" => new RecordOptions { ArgumentFilter = true },
        _ => throw new ArgumentException(option),
    };
}
