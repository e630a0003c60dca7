using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Cdp.Protocol;

namespace Orchestrator.Cdp.Tests.Protocol;

/// <summary>The names on the wire, as https://chromedevtools.github.io/devtools-protocol/tot/Tracing/ has them.</summary>
public sealed class ProtocolJsonTests
{
    [Fact]
    public void Start_with_nothing_says_nothing() => AssertJson("{}", new TracingStartParams(), TracingDomain.Start.Params);

    [Fact]
    public void Start_with_everything_has_the_protocols_names()
    {
        var config = new TraceConfig
        {
            RecordMode = RecordMode.RecordContinuously,
            TraceBufferSizeInKb = 1024.5,
            EnableSampling = true,
            EnableSystrace = false,
            EnableArgumentFilter = true,
            IncludedCategories = ["a", "b*"],
            ExcludedCategories = ["*"],
            SyntheticDelays = ["gpu.SwapBuffers;16;oneshot"],
            MemoryDumpConfig = MemoryDumpConfig.Parse("""{ "triggers" : [ { "mode":"light", "periodic_interval_ms" : 1.0e2 } ], "ü": null }"""),
        };
        var parameters = new TracingStartParams
        {
            Categories = "x,-y",
            Options = "record-continuously",
            BufferUsageReportingInterval = 250,
            TransferMode = TransferMode.ReturnAsStream,
            StreamFormat = StreamFormat.Proto,
            StreamCompression = StreamCompression.Gzip,
            TraceConfig = config,
            PerfettoConfig = "CgA=",
            TracingBackend = TracingBackend.Chrome,
            ScreenshotMaxSize = 500,
            ScreenshotMaxCount = 7,
        };
        AssertJson(
            """
            {"categories":"x,-y","options":"record-continuously","bufferUsageReportingInterval":250,"transferMode":"ReturnAsStream","streamFormat":"proto","streamCompression":"gzip",
             "traceConfig":{"recordMode":"recordContinuously","traceBufferSizeInKb":1024.5,"enableSampling":true,"enableSystrace":false,"enableArgumentFilter":true,
               "includedCategories":["a","b*"],"excludedCategories":["*"],"syntheticDelays":["gpu.SwapBuffers;16;oneshot"],
               "memoryDumpConfig":{"triggers":[{"mode":"light","periodic_interval_ms":1.0e2}],"ü":null}},
             "perfettoConfig":"CgA=","tracingBackend":"chrome","screenshotMaxSize":500,"screenshotMaxCount":7}
            """,
            parameters,
            TracingDomain.Start.Params);
    }

    [Theory]
    [InlineData(TransferMode.ReportEvents, "ReportEvents")]
    [InlineData(TransferMode.ReturnAsStream, "ReturnAsStream")]
    public void Transfer_modes_have_the_protocols_names(TransferMode mode, string name) =>
        AssertJson($"{{\"transferMode\":\"{name}\"}}", new TracingStartParams { TransferMode = mode }, TracingDomain.Start.Params);

    [Theory]
    [InlineData(RecordMode.RecordUntilFull, "recordUntilFull")]
    [InlineData(RecordMode.RecordContinuously, "recordContinuously")]
    [InlineData(RecordMode.RecordAsMuchAsPossible, "recordAsMuchAsPossible")]
    [InlineData(RecordMode.EchoToConsole, "echoToConsole")]
    public void Record_modes_have_the_protocols_names(RecordMode mode, string name) =>
        AssertJson($"{{\"traceConfig\":{{\"recordMode\":\"{name}\"}}}}", new TracingStartParams { TraceConfig = new TraceConfig { RecordMode = mode } }, TracingDomain.Start.Params);

    [Theory]
    [InlineData(StreamFormat.Json, StreamCompression.None, TracingBackend.Auto, "json", "none", "auto")]
    [InlineData(StreamFormat.Proto, StreamCompression.Gzip, TracingBackend.System, "proto", "gzip", "system")]
    public void Formats_compressions_and_backends_have_the_protocols_names(StreamFormat format, StreamCompression compression, TracingBackend backend, string formatName, string compressionName, string backendName) =>
        AssertJson(
            $"{{\"streamFormat\":\"{formatName}\",\"streamCompression\":\"{compressionName}\",\"tracingBackend\":\"{backendName}\"}}",
            new TracingStartParams { StreamFormat = format, StreamCompression = compression, TracingBackend = backend },
            TracingDomain.Start.Params);

    [Theory]
    [InlineData(MemoryDumpLevelOfDetail.Background, "background")]
    [InlineData(MemoryDumpLevelOfDetail.Light, "light")]
    [InlineData(MemoryDumpLevelOfDetail.Detailed, "detailed")]
    public void Levels_of_detail_have_the_protocols_names(MemoryDumpLevelOfDetail level, string name) =>
        AssertJson($"{{\"deterministic\":true,\"levelOfDetail\":\"{name}\"}}", new RequestMemoryDumpParams(true, level), TracingDomain.RequestMemoryDump.Params);

    [Fact]
    public void Parameters_of_the_other_domains_have_the_protocols_names()
    {
        AssertJson("""{"handle":"1","offset":0,"size":5}""", new IOReadParams("1", 0, 5), IODomain.Read.Params);
        AssertJson("""{"handle":"1"}""", new IOCloseParams("1"), IODomain.Close.Params);
        AssertJson("""{"url":"","width":1,"height":2,"newWindow":true,"background":false}""", new CreateTargetParams("", 1, 2, true, false), TargetDomain.CreateTarget.Params);
        AssertJson("""{"targetId":"T","flatten":true}""", new AttachToTargetParams("T"), TargetDomain.AttachToTarget.Params);
        AssertJson("""{"targetId":"T"}""", new TargetParams("T"), TargetDomain.ActivateTarget.Params);
        AssertJson("""{"url":"about:blank","frameId":"F"}""", new NavigateParams("about:blank", "F"), PageDomain.Navigate.Params);
        AssertJson("{}", CdpNothing.Value, TracingDomain.End.Params);
    }

    [Fact]
    public void Every_command_and_event_bears_the_protocols_name()
    {
        string[] names =
        [
            TracingDomain.Start.Method, TracingDomain.End.Method, TracingDomain.GetCategories.Method, TracingDomain.GetTrackEventDescriptor.Method, TracingDomain.RecordClockSyncMarker.Method,
            TracingDomain.RequestMemoryDump.Method, TracingDomain.BufferUsage.Method, TracingDomain.TracingComplete.Method, IODomain.Read.Method, IODomain.Close.Method,
        ];
        Assert.Equal(
            [
                "Tracing.start", "Tracing.end", "Tracing.getCategories", "Tracing.getTrackEventDescriptor", "Tracing.recordClockSyncMarker",
                "Tracing.requestMemoryDump", "Tracing.bufferUsage", "Tracing.tracingComplete", "IO.read", "IO.close",
            ],
            names);
    }

    [Fact]
    public void Events_are_read_with_what_they_have()
    {
        Assert.Equal(new BufferUsage(0.25, 0, 0.25), Read("""{"percentFull":0.25,"eventCount":0,"value":0.25}""", TracingDomain.BufferUsage.Params));
        Assert.Equal(new BufferUsage(), Read("{}", TracingDomain.BufferUsage.Params));
        Assert.Equal(new TracingComplete(true), Read("""{"dataLossOccurred":true}""", TracingDomain.TracingComplete.Params));
        Assert.Equal(
            new TracingComplete(false, "5", StreamFormat.Proto, StreamCompression.Gzip),
            Read("""{"dataLossOccurred":false,"stream":"5","traceFormat":"proto","streamCompression":"gzip","new":[]}""", TracingDomain.TracingComplete.Params));
    }

    [Fact]
    public void What_the_protocol_requires_is_required()
    {
        Assert.Throws<JsonException>(() => Read("{}", TracingDomain.TracingComplete.Params));
        Assert.Throws<JsonException>(() => Read("{}", TracingDomain.GetCategories.Result));
        Assert.Throws<JsonException>(() => Read("""{"categories":null}""", TracingDomain.GetCategories.Result));
        Assert.Throws<JsonException>(() => Read("""{"success":true}""", TracingDomain.RequestMemoryDump.Result));
        Assert.Throws<JsonException>(() => Read("""{"eof":true}""", IODomain.Read.Result));
        Assert.Throws<JsonException>(() => Read("""{"dataLossOccurred":false,"traceFormat":0}""", TracingDomain.TracingComplete.Params));
    }

    [Fact]
    public void An_undefined_enum_value_is_not_sent() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Serialize(new TracingStartParams { TransferMode = (TransferMode)7 }, TracingDomain.Start.Params));

    [Fact]
    public void A_frame_tree_is_read_with_its_children()
    {
        var tree = Read("""{"frameTree":{"frame":{"id":"A","loaderId":"L","url":"u","mimeType":"text/html"},"childFrames":[{"frame":{"id":"B","parentId":"A","url":"v"}}]}}""", PageDomain.GetFrameTree.Result).FrameTree;
        Assert.Equal(("A", "B", "A"), (tree.Frame.Id, tree.ChildFrames![0].Frame.Id, tree.ChildFrames[0].Frame.ParentId));
    }

    [Fact]
    public void A_memory_dump_config_is_an_object_and_equal_by_content()
    {
        var config = MemoryDumpConfig.Parse("""{"a":1,"b":[{"c":null}]}""");
        Assert.Equal(config, MemoryDumpConfig.Parse("""{ "b":[ {"c":null} ], "a":1 }"""));
        Assert.Equal(config.GetHashCode(), MemoryDumpConfig.Parse("""{ "b":[ {"c":null} ], "a":1 }""").GetHashCode());
        Assert.NotEqual(config, MemoryDumpConfig.Parse("""{"a":2,"b":[]}"""));
        Assert.Equal(config, Read("""{"traceConfig":{"memoryDumpConfig":{"a":1,"b":[{"c":null}]}}}""", TracingDomain.Start.Params).TraceConfig!.MemoryDumpConfig);
        Assert.Throws<ArgumentException>(() => MemoryDumpConfig.Parse("[]"));
        Assert.ThrowsAny<JsonException>(() => MemoryDumpConfig.Parse("{"));
        Assert.Throws<JsonException>(() => Read("""{"traceConfig":{"memoryDumpConfig":5}}""", TracingDomain.Start.Params));
    }

    [Fact]
    public void Options_out_of_their_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CdpConnectionOptions { MaxMessageBytes = 1023 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CdpConnectionOptions { ReceiveBufferBytes = 255 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Cdp.Traces.TraceStreamOptions { ReadSize = 1023 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Cdp.Traces.TraceStreamOptions { ReadsInFlight = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Cdp.Traces.TraceStreamOptions { ReadsInFlight = 65 });
    }

    private static void AssertJson<T>(string expected, T value, JsonTypeInfo<T> type)
    {
        var actual = JsonSerializer.SerializeToElement(value, type);
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(expected).RootElement, actual), actual.ToString());
    }

    private static T Read<T>(string json, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json, type)!;
}
