using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class RecordEndToEndTests(RunningBrowser running) : IDisposable
{
    private readonly Workshop _workshop = new();

    public void Dispose() => _workshop.Dispose();

    [ChromiumFact]
    public async Task Three_browsers_leave_three_whole_traces_and_a_story()
    {
        var run = (await RunAsync("record", "--launch", "3", "--url", _workshop.Page, "--duration", "2s", "--mark", "checkout@1s", "--mark-every", "500ms", "-o", "out", "--json")).Expecting(0);
        var document = run.Document;
        Assert.Equal(SessionOutcome.Complete, document.Outcome);
        Assert.Equal(_workshop.Output, document.Folder);
        Assert.Equal(File.ReadAllText(Path.Combine(_workshop.Output, "session.json")).Trim(), run.Out.Trim());
        Assert.Equal(["b1", "b2", "b3"], document.Browsers.Select(browser => browser.Name));
        Assert.Equal("checkout", Assert.Single(document.Markers).Label);
        Assert.NotNull(document.Skew.StartSendMicros);
        foreach (var browser in document.Browsers)
        {
            Assert.Equal(BrowserOutcome.Complete, browser.Outcome);
            Assert.Equal($"browsers/{browser.Name}.pftrace.gz", browser.File);
            Assert.StartsWith("Chrome/", browser.Product);
            Assert.True(browser.Markers >= 2, $"{browser.Markers} markers");
            var bytes = await File.ReadAllBytesAsync(Path.Combine(_workshop.Output, browser.File!));
            Assert.Equal(browser.Bytes, bytes.Length);
            Assert.Equal(browser.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            // Interned names stand in a proto trace as they are: the clock sync marker's and the page's own mark.
            var trace = Encoding.Latin1.GetString(Unzipped(bytes));
            Assert.Contains("clock_sync", trace);
            Assert.Contains("a-frame-of-the-page", trace);
        }

        var shown = (await RunAsync("sessions", "show", document.SessionId)).Expecting(0).Out;
        foreach (var told in (string[])["complete", "browsers/b3.pftrace.gz", "marker 'checkout'", document.Browsers[0].Sha256!, _workshop.Output]) Assert.Contains(told, shown);
        var shownAsJson = (await RunAsync("sessions", "show", document.SessionId[..^2], "--json")).Expecting(0).Document;
        Assert.Equal(document.Browsers.Select(browser => browser.Sha256), shownAsJson.Browsers.Select(browser => browser.Sha256));
        Assert.Contains($"{document.SessionId} ", (await RunAsync("sessions", "list")).Expecting(0).Out);
        Assert.Contains("session-ended/1", (await RunAsync("sessions", "events", document.SessionId)).Expecting(0).Out);
    }

    [ChromiumFact]
    public async Task Without_json_the_report_says_what_to_do_next()
    {
        var run = (await RunAsync("record", "--launch", "1", "--duration", "500ms")).Expecting(0);
        Assert.Contains("b1      │ complete", run.Out);
        Assert.Contains("open trace.tar in ui.perfetto.dev", run.Out);
        Assert.Contains(": preparing", run.Error);
        var folder = Assert.Single(Directory.GetDirectories(_workshop.Folder, "session-*"));
        Assert.True(File.Exists(Path.Combine(folder, "browsers", "b1.pftrace.gz")));
        Assert.Contains("Sample/index.html", File.ReadAllText(Path.Combine(folder, "session.json")));
    }

    [ChromiumTheory]
    [InlineData("stream", "proto", "gzip", ".pftrace.gz")]
    [InlineData("stream", "proto", "none", ".pftrace")]
    [InlineData("stream", "json", "gzip", ".json.gz")]
    [InlineData("stream", "json", "none", ".json")]
    [InlineData("events", null, null, ".json")]
    public async Task An_attached_browser_yields_every_kind_of_trace_and_lives_on(string transfer, string? format, string? compression, string extension)
    {
        string[] kind = [.. format is null ? Array.Empty<string>() : ["--format", format], .. compression is null ? Array.Empty<string>() : ["--compression", compression]];
        var run = (await RunAsync(
            ["record", "--attach", running.HttpUrl, "--url", _workshop.Page, "--duration", "500ms", "--transfer", transfer, .. kind, "--json", "-o", "out"])).Expecting(0);
        var browser = Assert.Single(run.Document.Browsers);
        Assert.Equal("browsers/b1" + extension, browser.File);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(_workshop.Output, browser.File!));
        if (extension.EndsWith(".gz", StringComparison.Ordinal)) bytes = Unzipped(bytes);
        if (extension.StartsWith(".json", StringComparison.Ordinal))
        {
            using var json = System.Text.Json.JsonDocument.Parse(bytes);
            Assert.Contains(json.RootElement.GetProperty("traceEvents").EnumerateArray(), traced => traced.GetProperty("name").GetString() == "clock_sync");
        }

        Assert.True(running.IsAlive);
    }

    [ChromiumFact]
    public async Task A_memory_dump_is_in_the_trace()
    {
        var run = (await RunAsync(
            "record", "--attach", running.WebSocketUrl, "--duration", "1s", "--categories", "-*,disabled-by-default-memory-infra", "--memory-dump", "light@200ms", "--json", "-o", "out")).Expecting(0);
        var dump = Assert.Single(run.Document.Browsers[0].MemoryDumps);
        Assert.Equal(("light", true), (dump.Level, dump.Success));
        Assert.StartsWith("0x", dump.DumpGuid);
    }

    [ChromiumFact]
    public async Task Deprecated_parameters_and_a_perfetto_config_are_recorded_with()
    {
        (await RunAsync("record", "--attach", running.HttpUrl, "--duration", "300ms", "--legacy-categories", "-*,v8", "--legacy-options", "record-continuously", "-o", "legacy")).Expecting(0);
        var config = Path.Combine(_workshop.Folder, "c.pb");
        await File.WriteAllBytesAsync(config, Support.PerfettoConfigs.LegacyJson);
        var run = (await RunAsync("record", "--attach", running.HttpUrl, "--duration", "300ms", "--perfetto-config", config, "--json", "-o", "perfetto")).Expecting(0);
        Assert.Equal("browsers/b1.json.gz", run.Document.Browsers[0].File);
    }

    [ChromiumTheory]
    [InlineData("recordUntilFull")]
    [InlineData("recordContinuously")]
    [InlineData("recordAsMuchAsPossible")]
    [InlineData("echoToConsole")]
    public async Task Every_record_mode_is_taken(string mode) =>
        (await RunAsync("record", "--attach", running.HttpUrl, "--duration", "300ms", "--record-mode", mode, "--categories", "-*,v8", "-o", "out")).Expecting(0);

    [ChromiumFact]
    public async Task Every_field_of_a_trace_config_is_taken()
    {
        var config = Path.Combine(_workshop.Folder, "trace-config.json");
        var triggers = Path.Combine(_workshop.Folder, "triggers.json");
        await File.WriteAllTextAsync(config, """{"recordMode":"recordContinuously","includedCategories":["nothing"],"enableSystrace":true}""");
        await File.WriteAllTextAsync(triggers, """{"triggers":[{"mode":"light","periodicIntervalMs":250}]}""");
        var run = (await RunAsync(
            "record", "--attach", running.HttpUrl, "--url", _workshop.Page, "--duration", "1s", "--trace-config", config, "--categories", "-*,devtools.timeline,disabled-by-default-memory-infra",
            "--memory-dump-config", triggers, "--argument-filter", "--sampling", "--systrace=false", "--synthetic-delay", "cc.DrawAndSwap;16", "--buffer-size-kb", "65536", "--backend", "chrome",
            "--buffer-usage-interval", "250ms", "--format", "json", "--compression", "none", "--json", "-o", "out")).Expecting(0);
        Assert.NotNull(run.Document.Browsers[0].BufferPeak);
        var trace = await File.ReadAllTextAsync(Path.Combine(_workshop.Output, "browsers", "b1.json"));
        // Nobody asked for these dumps but the trigger.
        Assert.Contains("periodic_interval", trace);
    }

    [ChromiumFact]
    public async Task From_a_page_endpoint_there_are_as_many_screenshots_as_are_wanted()
    {
        using var http = new HttpClient();
        using var list = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(new Uri(running.HttpUrl + "/json/list")));
        var page = list.RootElement.EnumerateArray().First(target => target.GetProperty("type").GetString() == "page").GetProperty("webSocketDebuggerUrl").GetString()!;
        (await RunAsync(
            "record", "--attach", page, "--url", _workshop.Page, "--duration", "2s", "--categories", "-*,disabled-by-default-devtools.screenshot,devtools.timeline",
            "--screenshot-max-count", "2", "--screenshot-max-size", "64", "--format", "json", "--compression", "none", "-o", "out")).Expecting(0);
        using var trace = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_workshop.Output, "browsers", "b1.json")));
        var screenshots = trace.RootElement.GetProperty("traceEvents").EnumerateArray().Count(traced => traced.GetProperty("name").GetString() == "Screenshot");
        Assert.InRange(screenshots, 1, 2);
    }

    [ChromiumFact]
    public async Task A_backend_that_the_machine_does_not_have_is_refused_with_the_browsers_own_words()
    {
        var run = (await RunAsync("record", "--launch", "1", "--url", "about:blank", "--duration", "300ms", "--backend", "system", "--json", "-o", "out")).Expecting(1);
        Assert.Equal(SessionOutcome.Failed, run.Document.Outcome);
        Assert.Equal(BrowserOutcome.Refused, run.Document.Browsers[0].Outcome);
        Assert.NotNull(run.Document.Browsers[0].Reason);
    }

    [ChromiumFact]
    public async Task A_full_buffer_is_complete_with_loss()
    {
        var run = (await RunAsync(
            "record", "--attach", running.HttpUrl, "--url", _workshop.Page, "--duration", "3s", "--categories", "*,disabled-by-default-*", "--buffer-size-kb", "512", "--json", "-o", "out")).Expecting(3);
        Assert.Equal(SessionOutcome.CompleteWithLoss, run.Document.Outcome);
        Assert.True(run.Document.Browsers[0].DataLoss);
    }

    [Fact]
    public async Task Bad_input_is_told_at_once_and_leaves_nothing_behind()
    {
        var run = (await RunAsync("record", "--launch", "none", "--duration", "soon", "--categories", "a b", "--format", "xml", "--require", "0", "--typo", "-o", "/proc/out", "--json")).Expecting(2);
        Assert.Equal("", run.Out);
        foreach (var option in (string[])["--launch 'none'", "--duration 'soon'", "--categories 'a b'", "--format 'xml'", "--require '0'", "'--typo'", "--output '/proc/out'"])
            Assert.Contains($"error: {(option[0] == '\'' ? "unknown option " : "")}{option}", run.Error);
        Assert.False(Directory.Exists(_workshop.DataHome));
        Assert.Equal(["page.html"], Directory.EnumerateFileSystemEntries(_workshop.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_wrong_configuration_is_told()
    {
        var config = Path.Combine(_workshop.Folder, "o.conf");
        await File.WriteAllTextAsync(config, "orchestrator { no-such-key = 1, reads-in-flight = -1 }");
        var run = (await RunAsync("sessions", "list", "--config", config)).Expecting(2);
        Assert.Contains("no-such-key", run.Error);
        Assert.Contains("reads-in-flight", run.Error);
    }

    [Fact]
    public async Task To_list_nothing_makes_no_folder()
    {
        Assert.Equal("[]", (await RunAsync("sessions", "list", "--json")).Expecting(0).Out.Trim());
        Assert.False(Directory.Exists(_workshop.DataHome));
    }

    private Task<Finished> RunAsync(params string[] args) => OrchestratorProcess.RunAsync(_workshop, args);

    private static byte[] Unzipped(byte[] bytes)
    {
        using var unzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        unzip.CopyTo(plain);
        return plain.ToArray();
    }
}
