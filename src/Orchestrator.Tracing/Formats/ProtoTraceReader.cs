namespace Orchestrator.Tracing.Formats;

/// <summary>Reads Perfetto's protobuf traces.</summary>
public static class ProtoTraceReader
{
    /// <summary>One pass over the whole trace; blocks. Memory does not grow with the trace.</summary>
    /// <exception cref="NotATraceException">It is no Perfetto trace from its first packet on, or a gzip bomb.</exception>
    public static TraceSurvey Survey(TraceInput input, Action<long>? filePosition, CancellationToken cancellationToken) => throw new NotImplementedException();
}
