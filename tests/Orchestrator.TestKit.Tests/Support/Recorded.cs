using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Traces;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Tests.Support;

/// <summary>What a recording brought, read with the product's own readers.</summary>
internal sealed record Recorded(TracingComplete Complete, byte[] Bytes)
{
    public TraceSurvey Survey()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Bytes);
            using var input = TraceInput.Open(path);
            return input.Format is TraceFormat.Proto ? ProtoTraceReader.Survey(input, null, default) : JsonTraceReader.Survey(input, null, default);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Ends the recording and reads its stream.</summary>
    public static async Task<Recorded> EndAsync(CdpConnection connection, string? session = null, TraceStreamOptions? options = null)
    {
        var complete = new TaskCompletionSource<TracingComplete>();
        using var hearing = connection.On(TracingDomain.TracingComplete, complete.SetResult, session);
        await connection.CallAsync(TracingDomain.End, session).Soon();
        var outcome = await complete.Task.Soon();
        if (outcome.Stream is not { } handle) return new Recorded(outcome, []);
        var sink = new MemorySink();
        await TraceStream.CopyToAsync(connection, handle, sink, (options ?? TraceStreamOptions.Default) with { SessionId = session }).Soon();
        return new Recorded(outcome, sink.Bytes);
    }
}

internal sealed class MemorySink : ITraceSink
{
    private readonly MemoryStream _bytes = new();

    public byte[] Bytes => _bytes.ToArray();

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        _bytes.Write(bytes.Span);
        return ValueTask.CompletedTask;
    }
}
