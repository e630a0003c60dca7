namespace Orchestrator.Tracing.Recording;

/// <summary>The state of one browser's recording. Each state has its own data; instants are ticks of the node's monotonic clock.</summary>
public abstract record RecordingState
{
    private RecordingState() { }

    /// <summary>Connected; nothing has been asked of the browser.</summary>
    public sealed record Idle : RecordingState;

    /// <summary><c>Tracing.start</c> was sent and is not answered: still idle as far as anyone can know.</summary>
    /// <param name="StartSentAt">When it was sent.</param>
    public sealed record Starting(long StartSentAt) : RecordingState;

    /// <summary>The browser has answered the start: from here on it records.</summary>
    /// <param name="StartedAt">When the answer came.</param>
    /// <param name="BufferPeak">The fullest the browser's buffer was seen, 0 to 1.</param>
    public sealed record Recording(long StartedAt, double BufferPeak) : RecordingState;

    /// <summary><c>Tracing.end</c> was sent, or the browser ended by itself: the trace is on its way.</summary>
    /// <param name="EndedAt">When the end was sent, or the browser's own end noticed.</param>
    /// <param name="BufferPeak">The fullest the browser's buffer was seen, 0 to 1.</param>
    /// <param name="DataLoss">What <c>tracingComplete</c> said of loss; null while it is awaited.</param>
    public sealed record Flushing(long EndedAt, double BufferPeak, bool? DataLoss) : RecordingState;

    /// <summary>Over, for this reason. Nothing leaves this state.</summary>
    public sealed record Complete(BrowserOutcome Outcome, string? Reason, double BufferPeak, bool DataLoss) : RecordingState;

    /// <summary>The state's name as people see it: the four that matter to them, and what they wait for.</summary>
    public string Name => this switch
    {
        Idle => "idle",
        Starting => "starting",
        Recording => "recording",
        Flushing => "flushing",
        Complete => "complete",
        _ => throw new InvalidOperationException($"A recording has no state {GetType().Name}."),
    };
}

/// <summary>What can happen to a recording.</summary>
public abstract record RecordingEvent
{
    private RecordingEvent() { }

    public sealed record StartSent(long At) : RecordingEvent;
    public sealed record StartAnswered(long At) : RecordingEvent;

    /// <summary>The browser answered the start with an error, or not in time.</summary>
    public sealed record StartRefused(string Reason) : RecordingEvent;

    /// <param name="Fraction">How full the browser's buffer is, 0 to 1.</param>
    public sealed record BufferFilled(double Fraction) : RecordingEvent;

    public sealed record EndSent(long At) : RecordingEvent;

    /// <summary><c>Tracing.tracingComplete</c>.</summary>
    public sealed record TracingCompleted(long At, bool DataLoss) : RecordingEvent;

    /// <summary>The last byte of the trace is on disk under its final name.</summary>
    public sealed record TraceStored : RecordingEvent;

    /// <summary>It ended before its time: connection lost, time-out, bytes that are no trace, a full disk, an abort.</summary>
    public sealed record Failed(BrowserOutcome Outcome, string Reason) : RecordingEvent;
}
