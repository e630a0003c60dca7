namespace Orchestrator.Cdp.Traces;

/// <summary>Where trace bytes go. Called one at a time, in order; awaiting it is the back pressure.</summary>
public interface ITraceSink
{
    /// <param name="bytes">Valid until the task completes.</param>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct);
}
