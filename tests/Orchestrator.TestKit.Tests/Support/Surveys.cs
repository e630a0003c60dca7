using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Tests.Support;

/// <summary>Traces read with the product's own readers.</summary>
internal static class Surveys
{
    public static TraceSurvey Survey(this Recorded recorded) => Survey(recorded.Bytes);

    public static TraceSurvey Survey(byte[] bytes)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            using var input = TraceInput.Open(path);
            return input.Format is TraceFormat.Proto ? ProtoTraceReader.Survey(input, null, default) : JsonTraceReader.Survey(input, null, default);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
