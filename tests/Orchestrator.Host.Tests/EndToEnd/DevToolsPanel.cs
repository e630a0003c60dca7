using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Cdp;

namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>The real DevTools of a browser, opened as a page of it and used as a person would: its Performance panel.</summary>
internal sealed class DevToolsPanel : IAsyncDisposable
{
    private const string Address = "devtools://devtools/bundled/devtools_app.html?panel=timeline";

    // DevTools is made of elements inside of elements' shadows.
    private const string FindAll = """
        (selector => { const found = []; const look = root => { for (const one of root.querySelectorAll('*')) { if (one.matches(selector)) found.push(one); if (one.shadowRoot) look(one.shadowRoot); } }; look(document); return found; })
        """;

    private static readonly JsonTypeInfo<JsonElement> Any = (JsonTypeInfo<JsonElement>)JsonSerializerOptions.Default.GetTypeInfo(typeof(JsonElement));

    private readonly CdpConnection _browser;
    private readonly string _target;
    private readonly string _session;

    private DevToolsPanel(CdpConnection browser, string target, string session) => (_browser, _target, _session) = (browser, target, session);

    public static async Task<DevToolsPanel> OpenAsync(string browserUrl)
    {
        var browser = await CdpConnection.ConnectAsync(new Uri(browserUrl), TimeProvider.System, null, default);
        var target = (await browser.CallAsync(Command("Target.createTarget"), Json(new { url = Address }))).Result.GetProperty("targetId").GetString()!;
        var session = (await browser.CallAsync(Command("Target.attachToTarget"), Json(new { targetId = target, flatten = true }))).Result.GetProperty("sessionId").GetString()!;
        var panel = new DevToolsPanel(browser, target, session);
        await panel.CallAsync("Emulation.setDeviceMetricsOverride", new { width = 1600, height = 1200, deviceScaleFactor = 1, mobile = false });
        await panel.UntilAsync($"{FindAll}('[role=tab]').some(tab => tab.textContent.includes('Performance'))", "DevTools had a tab for performance");
        await panel.ClickAsync("[role=tab]", "Performance");
        await panel.UntilAsync($"{FindAll}('input[type=file]').length > 0", "the Performance panel was open");
        return panel;
    }

    /// <summary>Loads a trace file; returns when it is drawn or refused.</summary>
    /// <returns>What the panel says if it refuses the trace; null when it took it.</returns>
    public async Task<string?> LoadAsync(string file)
    {
        var input = (await CallAsync("Runtime.evaluate", new { expression = $"{FindAll}('input[type=file]')[0]" })).GetProperty("result").GetProperty("objectId").GetString();
        await CallAsync("DOM.setFileInputFiles", new { files = new[] { file }, objectId = input });
        await UntilAsync($"({TracksExpression}).then(tracks => tracks.length > 0) || {RefusalExpression} !== null", "the trace was drawn or refused");
        return (await EvaluateAsync(RefusalExpression)).GetString();
    }

    /// <summary>The names of the tracks that the panel draws: they stand on a canvas, so its own data is asked.</summary>
    public async Task<IReadOnlyList<string>> TracksAsync() => [.. (await EvaluateAsync(TracksExpression)).EnumerateArray().Select(name => name.GetString()!)];

    public async Task ScreenshotAsync(string file)
    {
        var image = await CallAsync("Page.captureScreenshot", new { format = "png" });
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, image.GetProperty("data").GetBytesFromBase64());
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.CallAsync(Command("Target.closeTarget"), Json(new { targetId = _target }));
        await _browser.DisposeAsync();
    }

    private const string TracksExpression = """
        import('./panels/timeline/timeline.js').then(timeline => timeline.TimelinePanel.TimelinePanel.instance().getFlameChart().getMainDataProvider().timelineData()?.groups?.map(group => group.name) ?? []).catch(error => ['error: ' + error])
        """;

    private const string RefusalExpression = $"({FindAll}('.timeline-status-dialog').map(dialog => dialog.textContent).find(text => text.includes('failed')) ?? null)";

    private async Task ClickAsync(string selector, string text)
    {
        var place = await EvaluateAsync($"(() => {{ const box = {FindAll}('{selector}').find(one => one.textContent.includes('{text}')).getBoundingClientRect(); return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }}; }})()");
        foreach (var type in (string[])["mousePressed", "mouseReleased"])
            await CallAsync("Input.dispatchMouseEvent", new { type, x = place.GetProperty("x").GetDouble(), y = place.GetProperty("y").GetDouble(), button = "left", clickCount = 1 });
    }

    private async Task UntilAsync(string condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience.Long);
        while ((await EvaluateAsync(condition)).ValueKind != JsonValueKind.True)
        {
            if (patience.IsCancellationRequested) Assert.Fail($"Waited {Patience.Long.TotalSeconds} seconds in vain until {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true });
        if (answer.TryGetProperty("exceptionDetails", out var thrown)) Assert.Fail($"DevTools threw: {thrown}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    private async Task<JsonElement> CallAsync(string method, object parameters) => (await _browser.CallAsync(Command(method), Json(parameters), _session)).Result;

    private static CdpCommand<JsonElement, JsonElement> Command(string method) => new(method, Any, Any);

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);
}
