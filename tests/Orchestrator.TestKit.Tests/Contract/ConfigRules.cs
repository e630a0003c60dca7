using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.TestKit.Tests.Support;

namespace Orchestrator.TestKit.Tests.Contract;

/// <summary>Which categories a recording takes, by each way to say so.</summary>
internal static class ConfigRules
{
    public static IReadOnlyList<Func<ContractBrowser, Task>> All =>
    [
        Categories_are_included_and_excluded,
        Patterns_match_and_exact_names_come_before_them,
        The_deprecated_categories_and_options_still_work,
        A_perfetto_config_decides_what_is_recorded_and_the_trace_is_proto_whatever_the_format,
        Chromiums_own_backend_records,
    ];

    private static async Task Categories_are_included_and_excluded(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        var only = await CategoriesAsync(client, ["blink.user_timing"], ["*"]);
        Assert.Contains("blink.user_timing", only);
        Assert.Empty(only.Intersect(["cc", "navigation", "v8"]));
        var but = await CategoriesAsync(client, ["*"], ["blink.user_timing"]);
        Assert.DoesNotContain("blink.user_timing", but);
        Assert.Contains("cc", but);
    }

    private static async Task Patterns_match_and_exact_names_come_before_them(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        Assert.Contains("blink.user_timing", await CategoriesAsync(client, ["blink.user*"], ["*"]));
        Assert.Contains("blink.user_timing", await CategoriesAsync(client, ["blink.user_timing"], ["blink*"]));
        Assert.DoesNotContain("blink.user_timing", await CategoriesAsync(client, ["blink*"], ["blink.user_timing"]));
        // Who names some wants no others.
        Assert.DoesNotContain("cc", await CategoriesAsync(client, ["blink.user_timing"], []));
        // Who names none wants all that are not disabled by default.
        Assert.Contains("blink.user_timing", await CategoriesAsync(client, [], []));
    }

    private static async Task The_deprecated_categories_and_options_still_work(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        var recorded = await client.RecordAsync(new TracingStartParams { Categories = "blink.user_timing,-*", Options = "record-continuously,enable-sampling" });
        Assert.Contains("blink.user_timing", CategoriesOf(recorded));
        Assert.DoesNotContain("cc", CategoriesOf(recorded));
    }

    private static async Task A_perfetto_config_decides_what_is_recorded_and_the_trace_is_proto_whatever_the_format(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        foreach (var format in new StreamFormat?[] { null, StreamFormat.Proto, StreamFormat.Json })
        {
            foreach (var withMarkers in new[] { false, true })
            {
                // Events of the browser's own process, which is there before and after.
                string[] categories = withMarkers ? ["navigation", "__metadata"] : ["navigation"];
                await client.StartAsync(new TracingStartParams
                {
                    TransferMode = TransferMode.ReturnAsStream,
                    StreamFormat = format,
                    PerfettoConfig = PerfettoConfig.TrackEvents(categories),
                    TraceConfig = new TraceConfig { IncludedCategories = ["cc"], ExcludedCategories = ["*"] }, // ignored beside it
                });
                await client.Connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("a-marker")).Soon();
                await client.NavigateAsync();
                var recorded = await client.EndAsync();
                Assert.Equal((StreamFormat.Proto, StreamCompression.None), (recorded.Complete.TraceFormat, recorded.Complete.StreamCompression));
                Assert.InRange(recorded.CountPackets(), 8, int.MaxValue);
                Assert.Contains("navigation", recorded.Latin1, StringComparison.Ordinal);
                // A marker is an event of the category __metadata: a config that disables it loses the markers without a word.
                Assert.Equal(withMarkers ? ["a-marker"] : [], recorded.Survey().Markers.Select(marker => marker.SyncId));
            }
        }
    }

    private static async Task Chromiums_own_backend_records(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        foreach (var backend in new[] { TracingBackend.Auto, TracingBackend.Chrome })
        {
            var recorded = await client.RecordAsync(Refusals.Marks with { TracingBackend = backend });
            Assert.Contains("blink.user_timing", CategoriesOf(recorded));
        }
    }

    private static async Task<HashSet<string>> CategoriesAsync(ChromiumClient client, string[] included, string[] excluded) =>
        CategoriesOf(await client.RecordAsync(new TracingStartParams { TraceConfig = new TraceConfig { IncludedCategories = included, ExcludedCategories = excluded } }));

    /// <summary>Of events of one category: one of two is recorded if either is.</summary>
    private static HashSet<string> CategoriesOf(Recorded recorded) => [.. recorded.Events.Select(e => e.GetProperty("cat").GetString()!)];
}
