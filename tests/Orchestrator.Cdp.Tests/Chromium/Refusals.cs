using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>In which words a browser refuses, and until when.</summary>
internal static class Refusals
{
    public const string AlreadyStarted = "Tracing has already been started (possibly in another tab).";
    public const string NotStarted = "Tracing is not started";

    public static readonly TracingStartParams Marks = new() { TraceConfig = new TraceConfig { IncludedCategories = ["blink.user_timing"], ExcludedCategories = ["*"] } };

    public static async Task AssertBlockedAsync(CdpConnection asking, CdpConnection witness)
    {
        await AssertRefusedAsync(asking.CallAsync(TracingDomain.Start, Marks), "Tracing.start", -32000, AlreadyStarted);
        await AssertRefusedAsync(asking.CallAsync(TracingDomain.End), "Tracing.end", -32000, "Tracing failed");
        // Chromium says so to every connection, not only to the one that asked for it.
        await AssertRefusedAsync(witness.CallAsync(TracingDomain.Start, Marks), "Tracing.start", -32000, AlreadyStarted);
        await AssertRefusedAsync(witness.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
    }

    public static async Task<CdpErrorException> AssertRefusedAsync<T>(Task<T> call, string method, int code, string text)
    {
        var error = await Assert.ThrowsAsync<CdpErrorException>(() => call.Soon());
        Assert.Equal((method, code, text), (error.Method, error.Code, error.Message));
        return error;
    }

    /// <summary>The browser learns from the socket that a connection is gone, so it may be a moment until it is free; it must become so.</summary>
    public static async Task StartWhenFreeAsync(CdpConnection connection)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                await connection.CallAsync(TracingDomain.Start, Marks, ct: deadline.Token);
                return;
            }
            catch (CdpErrorException e) when (e.Message == AlreadyStarted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
            }
        }
    }
}
