using System.Text.Json;
using Orchestrator.Cdp.Protocol;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>Each parameter of <c>Tracing.start</c> and its effect, as far as Chromium 156 has one.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class ConfigTests(ChromiumFixture fixture)
{
    /// <summary>A proto trace tells the config that Chromium made of ours.</summary>
    [ChromiumTheory]
    [InlineData(RecordMode.RecordUntilFull, "record-until-full")]
    [InlineData(RecordMode.RecordContinuously, "record-continuously")]
    [InlineData(RecordMode.RecordAsMuchAsPossible, "record-as-much-as-possible")]
    [InlineData(RecordMode.EchoToConsole, "record-until-full")] // Chromium 156 takes it for the default
    public async Task Every_field_of_the_config_reaches_the_browser(RecordMode mode, string name)
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        foreach (var on in new[] { false, true })
        {
            var recorded = await client.RecordAsync(new TracingStartParams
            {
                StreamFormat = StreamFormat.Proto,
                TraceConfig = new TraceConfig
                {
                    RecordMode = mode,
                    TraceBufferSizeInKb = 50_000,
                    EnableSampling = on,
                    EnableSystrace = on,
                    EnableArgumentFilter = on,
                    IncludedCategories = ["blink.user_timing", "disabled-by-default-memory-infra"],
                    ExcludedCategories = ["*"],
                    // Chromium takes them and does nothing with them (156).
                    SyntheticDelays = ["cc.BeginMainFrame;16;static"],
                    MemoryDumpConfig = MemoryDumpConfig.Parse("""{"triggers":[{"mode":"light","periodic_interval_ms":777}]}"""),
                },
            });
            var config = ConfigOf(recorded);
            Assert.Equal(name, config.GetProperty("record_mode").GetString());
            Assert.Equal(on, config.GetProperty("enable_systrace").GetBoolean());
            Assert.Equal(on, config.GetProperty("enable_argument_filter").GetBoolean());
            Assert.Equal(["blink.user_timing", "disabled-by-default-memory-infra"], Strings(config.GetProperty("included_categories")).Order());
            Assert.Equal(["*"], Strings(config.GetProperty("excluded_categories")));
            var trigger = config.GetProperty("memory_dump_config").GetProperty("triggers")[0];
            Assert.Equal(("light", 777), (trigger.GetProperty("mode").GetString(), trigger.GetProperty("min_time_between_dumps_ms").GetInt32()));
        }
    }

    [ChromiumFact]
    public async Task A_memory_dump_config_makes_dumps_by_itself()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        var memory = new TraceConfig
        {
            IncludedCategories = ["disabled-by-default-memory-infra"],
            ExcludedCategories = ["*"],
            MemoryDumpConfig = MemoryDumpConfig.Parse("""{"triggers":[{"mode":"light","periodic_interval_ms":250}]}"""),
        };
        await client.StartAndHearBufferUsageAsync(new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, TraceConfig = memory }, times: 8);
        var dumps = (await client.EndAsync()).Events.Where(e => e.GetProperty("ph").ValueEquals("v")).ToArray();
        Assert.NotEmpty(dumps);
        Assert.All(dumps, e => Assert.Equal(("periodic_interval", "light"), (e.GetProperty("name").GetString(), e.GetProperty("args").GetProperty("dumps").GetProperty("level_of_detail").GetString())));

        await client.StartAndHearBufferUsageAsync(new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, TraceConfig = memory with { MemoryDumpConfig = MemoryDumpConfig.Parse("{}") } }, times: 8);
        Assert.DoesNotContain((await client.EndAsync()).Events, e => e.GetProperty("ph").ValueEquals("v"));
    }

    [ChromiumFact]
    public async Task Screenshots_have_the_size_and_the_number_that_were_asked_for()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        // Only a page's own endpoint takes them.
        await using var page = await fixture.Browser.ConnectToPageAsync(client.PageId);
        var config = new TraceConfig { IncludedCategories = ["disabled-by-default-devtools.screenshot"], ExcludedCategories = ["*"] };
        var shots = new List<IReadOnlyList<(int Width, int Height)>>();
        foreach (var (size, count) in new (int?, int?)[] { (null, null), (100, 2) })
        {
            await client.StartAndHearBufferUsageAsync(new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, TraceConfig = config, ScreenshotMaxSize = size, ScreenshotMaxCount = count }, times: 6, page);
            shots.Add([.. (await ChromiumClient.EndAsync(page)).Events.Where(e => Recorded.NameIs(e, "Screenshot")).Select(e => SizeOf(e.GetProperty("args").GetProperty("snapshot").GetBytesFromBase64()))]);
        }

        Assert.InRange(shots[0].Count, 3, int.MaxValue);
        Assert.All(shots[0], s => Assert.InRange(Math.Max(s.Width, s.Height), 101, 500));
        Assert.InRange(shots[1].Count, 1, 2);
        Assert.All(shots[1], s => Assert.InRange(Math.Max(s.Width, s.Height), 1, 100));
    }

    /// <summary>The config in a proto trace: Chromium gives it in JSON to its memory instrumentation.</summary>
    private static JsonElement ConfigOf(Recorded recorded)
    {
        recorded.CountPackets();
        var text = recorded.Latin1;
        var start = text.IndexOf("{\"enable_argument_filter\"", StringComparison.Ordinal);
        Assert.NotEqual(-1, start);
        var reader = new Utf8JsonReader(System.Text.Encoding.Latin1.GetBytes(text[start..Math.Min(text.Length, start + 4000)]), isFinalBlock: false, default);
        return JsonElement.ParseValue(ref reader);
    }

    private static IEnumerable<string> Strings(JsonElement array) => array.EnumerateArray().Select(s => s.GetString()!);

    /// <summary>Width and height from a JPEG's frame header.</summary>
    private static (int Width, int Height) SizeOf(byte[] jpeg)
    {
        for (var at = 2; ; at += 2 + ((jpeg[at + 2] << 8) | jpeg[at + 3]))
        {
            Assert.Equal(0xFF, jpeg[at]);
            if (jpeg[at + 1] is >= 0xC0 and <= 0xC3)
                return ((jpeg[at + 7] << 8) | jpeg[at + 8], (jpeg[at + 5] << 8) | jpeg[at + 6]);
        }
    }
}
