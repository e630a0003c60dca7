using System.Globalization;
using Orchestrator.Actors.Browsers;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>Plans as the command line makes them, quick ones.</summary>
internal static class Plans
{
    /// <summary>So long that it is never reached: the test ends it.</summary>
    public static readonly TimeSpan Endless = TimeSpan.FromHours(2);

    private static int s_sessions;

    /// <summary>Stream, proto, not compressed; a window of a moment; phases that take as long as they like.</summary>
    public static SessionPlan Of(string folder, IReadOnlyList<BrowserTarget> targets) => new()
    {
        SessionId = string.Create(CultureInfo.InvariantCulture, $"s{Interlocked.Increment(ref s_sessions)}"),
        OutputFolder = folder,
        Targets = targets,
        Tracing = Stream(StreamFormat.Proto, StreamCompression.None),
        Window = new WindowPlan { Duration = TimeSpan.FromMilliseconds(300), MarkEvery = TimeSpan.FromMilliseconds(100) },
        Require = Requirement.All,
        Timeouts = new PhaseTimeouts(Endless, Endless, Endless),
    };

    public static SessionPlan Requiring(this SessionPlan plan, string requirement)
    {
        Assert.True(Requirement.TryParse(requirement, out var parsed));
        return plan with { Require = parsed };
    }

    /// <summary>A window that only the test ends.</summary>
    public static SessionPlan UntilEnded(this SessionPlan plan) => plan with { Window = plan.Window with { Duration = Endless } };

    public static TracingPlan Stream(StreamFormat format, StreamCompression compression) => new()
    {
        Start = TracingStart.ToJson(new TracingStartParams
        {
            TransferMode = TransferMode.ReturnAsStream,
            StreamFormat = format,
            StreamCompression = compression,
            BufferUsageReportingInterval = 500,
            TraceConfig = new TraceConfig { IncludedCategories = ["devtools.timeline", "v8"] },
        }),
        Transfer = TraceTransfer.Stream,
        Format = format is StreamFormat.Proto ? TraceFormat.Proto : TraceFormat.Json,
        Compression = compression is StreamCompression.Gzip ? TraceCompression.Gzip : TraceCompression.None,
    };

    public static TracingPlan Events() => new()
    {
        Start = TracingStart.ToJson(new TracingStartParams { TransferMode = TransferMode.ReportEvents }),
        Transfer = TraceTransfer.Events,
        Format = TraceFormat.Json,
        Compression = TraceCompression.None,
    };
}
