namespace Orchestrator.Tracing.Formats;

/// <summary>Reads Chrome's JSON traces.</summary>
public static class JsonTraceReader
{
    /// <summary>One pass over the whole trace; blocks. Memory does not grow with the trace.</summary>
    /// <exception cref="NotATraceException">It is JSON that is no trace, or no JSON from its first event on, or a gzip bomb.</exception>
    public static TraceSurvey Survey(TraceInput input, Action<long>? filePosition, CancellationToken cancellationToken) => throw new NotImplementedException();
}
