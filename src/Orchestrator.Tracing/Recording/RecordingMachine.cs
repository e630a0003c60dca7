namespace Orchestrator.Tracing.Recording;

/// <summary>
/// One browser's tracing state machine, pure: <see cref="Next"/> is the only way from state to state.
/// </summary>
/// <remarks>
/// <code>
/// event            | Idle      Starting   Recording  Flushing(awaiting)  Flushing(reading)  Complete
/// -----------------+-------------------------------------------------------------------------------
/// StartSent        | Starting  .          .          .                   .                  .
/// StartAnswered    | .         Recording  .          .                   .                  .
/// StartRefused     | Complete  Complete   .          .                   .                  .
/// BufferFilled     | .         .          peak       peak                .                  .
/// EndSent          | .         .          Flushing   .                   .                  .
/// TracingCompleted | .         .          Flushing'  Flushing'           .                  .
/// TraceStored      | .         .          .          .                   Complete           .
/// Failed           | Complete  Complete   Complete   Complete            Complete           .
/// </code>
/// A dot: nothing changes; such an event is late, or a duplicate, and harmless. Flushing': tracingComplete has
/// come (from Recording: the browser ended by itself), the bytes are being read. Peak: same state, higher peak.
/// The first failure wins; nothing leaves Complete, so that a browser has exactly one outcome.
/// </remarks>
public static class RecordingMachine
{
    public static RecordingState Next(RecordingState state, RecordingEvent happened) => (state, happened) switch
    {
        (RecordingState.Complete, _) => state,
        (_, RecordingEvent.Failed failed) => Ended(state, failed.Outcome, failed.Reason),

        (RecordingState.Idle, RecordingEvent.StartSent sent) => new RecordingState.Starting(sent.At),
        (RecordingState.Idle or RecordingState.Starting, RecordingEvent.StartRefused refused) =>
            Ended(state, BrowserOutcome.Refused, refused.Reason),
        (RecordingState.Starting, RecordingEvent.StartAnswered answered) => new RecordingState.Recording(answered.At, 0),

        (RecordingState.Recording recording, RecordingEvent.BufferFilled fill) =>
            recording with { BufferPeak = Peak(recording.BufferPeak, fill) },
        (RecordingState.Recording recording, RecordingEvent.EndSent end) =>
            new RecordingState.Flushing(end.At, recording.BufferPeak, DataLoss: null),
        (RecordingState.Recording recording, RecordingEvent.TracingCompleted complete) =>
            new RecordingState.Flushing(complete.At, recording.BufferPeak, complete.DataLoss),

        (RecordingState.Flushing { DataLoss: null } flushing, RecordingEvent.BufferFilled fill) =>
            flushing with { BufferPeak = Peak(flushing.BufferPeak, fill) },
        (RecordingState.Flushing { DataLoss: null } flushing, RecordingEvent.TracingCompleted complete) =>
            flushing with { DataLoss = complete.DataLoss },
        (RecordingState.Flushing { DataLoss: { } loss }, RecordingEvent.TraceStored) =>
            Ended(state, loss ? BrowserOutcome.CompleteWithLoss : BrowserOutcome.Complete, reason: null),

        _ => state,
    };

    private static double Peak(double soFar, RecordingEvent.BufferFilled fill) =>
        Math.Max(soFar, Math.Clamp(fill.Fraction, 0, 1));

    private static RecordingState.Complete Ended(RecordingState state, BrowserOutcome outcome, string? reason) => state switch
    {
        RecordingState.Recording recording => new(outcome, reason, recording.BufferPeak, DataLoss: false),
        RecordingState.Flushing flushing => new(outcome, reason, flushing.BufferPeak, flushing.DataLoss ?? false),
        _ => new(outcome, reason, BufferPeak: 0, DataLoss: false),
    };
}
