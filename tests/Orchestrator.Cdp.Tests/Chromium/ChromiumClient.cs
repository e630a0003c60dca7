using System.Text.Json.Serialization;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>A connection to the browser with a page of its own in front, which animates a canvas.</summary>
internal sealed class ChromiumClient : IAsyncDisposable
{
    private static readonly CdpCommand<EvaluateParams, CdpNothing> s_evaluate = new("Runtime.evaluate", EvaluateJsonContext.Default.EvaluateParams, CdpJsonContext.Default.CdpNothing);

    private ChromiumClient(CdpConnection connection, string pageId, string pageSession) => (Connection, PageId, PageSession) = (connection, pageId, pageSession);

    public CdpConnection Connection { get; }

    public string PageId { get; }

    public string PageSession { get; }

    /// <summary>The name of a mark of <see cref="BeBusyAsync"/>.</summary>
    public static string MarkName(int? number) => $"a-mark-of-some-length-so-that-a-trace-grows-{number}";

    public static Task<ChromiumClient> OpenAsync(ChromiumBrowser browser) => OpenAsync(browser.ConnectAsync);

    /// <param name="connect">To the browser endpoint of a browser, real or not.</param>
    public static async Task<ChromiumClient> OpenAsync(Func<Task<CdpConnection>> connect)
    {
        var connection = await connect();
        var page = (await connection.CallAsync(TargetDomain.CreateTarget, new CreateTargetParams("about:blank")).Soon()).Result.TargetId;
        await connection.CallAsync(TargetDomain.ActivateTarget, new TargetParams(page)).Soon();
        var session = (await connection.CallAsync(TargetDomain.AttachToTarget, new AttachToTargetParams(page)).Soon()).Result.SessionId;
        await connection.CallAsync(PageDomain.Enable, session).Soon();
        var client = new ChromiumClient(connection, page, session);
        await client.NavigateAsync();
        await client.BeBusyAsync(0);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!Connection.Broken.IsCompleted)
                await Connection.CallAsync(TargetDomain.CloseTarget, new TargetParams(PageId)).Soon();
        }
        finally
        {
            await Connection.DisposeAsync();
        }
    }

    /// <summary>Loads the page anew; returns when it has loaded.</summary>
    public async Task NavigateAsync()
    {
        var loaded = new TaskCompletionSource();
        using var hearing = Connection.On(PageDomain.LoadEventFired, _ => loaded.TrySetResult(), PageSession);
        const string page = """
            <canvas id=c></canvas><script>
            let f = 0; (function draw() { c.getContext('2d').fillRect(f++ % 100, 0, 9, 9); requestAnimationFrame(draw); })();
            </script>
            """;
        var reply = await Connection.CallAsync(PageDomain.Navigate, new NavigateParams("data:text/html," + Uri.EscapeDataString(page)), PageSession).Soon();
        Assert.Null(reply.Result.ErrorText);
        await loaded.Task.Soon();
    }

    /// <summary>Has the page set so many user timing marks; returns when it has.</summary>
    /// <remarks>
    /// In a process that was there when the recording started: Chromium 156 may lose all that a process records which is born during a
    /// recording and has not yet reached the tracing service when the recording ends, and does not call that a data loss.
    /// </remarks>
    public async Task BeBusyAsync(int marks) =>
        await Connection.CallAsync(s_evaluate, new EvaluateParams($"for (let i = 0; i < {marks}; i++) performance.mark('{MarkName(null)}' + i);"), PageSession).Soon();

    /// <summary>Waits until the browser has reported its buffer so often: its own clock, not ours, says how long it has recorded.</summary>
    public async Task<IReadOnlyList<BufferUsage>> StartAndHearBufferUsageAsync(TracingStartParams parameters, int times, CdpConnection? connection = null)
    {
        connection ??= Connection;
        var heard = new List<BufferUsage>();
        var enough = new TaskCompletionSource();
        using var hearing = connection.On(TracingDomain.BufferUsage, usage =>
        {
            heard.Add(usage);
            if (heard.Count == times)
                enough.TrySetResult();
        });
        await connection.CallAsync(TracingDomain.Start, parameters with { BufferUsageReportingInterval = 250 }).Soon();
        await BeBusyAsync(10);
        await enough.Task.Soon();
        return [.. heard.Take(times)];
    }

    public Task StartAsync(TracingStartParams parameters, string? session = null) => Connection.CallAsync(TracingDomain.Start, parameters, session).Soon();

    /// <summary>Records a little work as a stream.</summary>
    public async Task<Recorded> RecordAsync(TracingStartParams parameters, int marks = 100)
    {
        await StartAsync(parameters with { TransferMode = TransferMode.ReturnAsStream });
        await BeBusyAsync(marks);
        return await EndAsync();
    }

    /// <summary>Ends the recording and reads its stream, if it is one, into a file.</summary>
    public Task<Recorded> EndAsync(string? session = null) => EndAsync(Connection, session);

    public static async Task<Recorded> EndAsync(CdpConnection connection, string? session = null)
    {
        var complete = new TaskCompletionSource<TracingComplete>();
        using var hearing = connection.On(TracingDomain.TracingComplete, complete.SetResult, session);
        await connection.CallAsync(TracingDomain.End, session).Soon();
        var outcome = await complete.Task.Soon();
        if (outcome.Stream is not { } handle)
            return new Recorded(outcome, []);

        var path = Path.GetTempFileName();
        try
        {
            long written;
            await using (var file = new FileSink(path))
                written = await TraceStream.CopyToAsync(connection, handle, file, new TraceStreamOptions { SessionId = session }).Soon();
            var bytes = await File.ReadAllBytesAsync(path);
            Assert.Equal(bytes.Length, written);
            return new Recorded(outcome, bytes);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class FileSink(string path) : ITraceSink, IAsyncDisposable
    {
        private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => _file.WriteAsync(bytes, ct);

        public ValueTask DisposeAsync() => _file.DisposeAsync();
    }
}

internal sealed record EvaluateParams(string Expression);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EvaluateParams))]
internal sealed partial class EvaluateJsonContext : JsonSerializerContext;
