namespace Orchestrator.TestKit.Worlds;

/// <summary>What a recording yields beside its clock sync markers.</summary>
public abstract record TraceContent
{
    private TraceContent() { }

    /// <summary>Made up, event by event.</summary>
    public sealed record Generated : TraceContent
    {
        /// <summary>Slices a second, 0 to 1,000,000; default 10.</summary>
        public double EventsPerSecond
        {
            get;
            init => field = value is >= 0 and <= 1e6 ? value : throw new ArgumentOutOfRangeException(nameof(EventsPerSecond), value, "It is 0 to 1,000,000.");
        } = 10;

        /// <summary>Bytes of an argument that each event carries, which do not compress; 0 to 1 MiB, default 0.</summary>
        public int ArgumentBytes
        {
            get;
            init => field = value is >= 0 and <= 1 << 20 ? value : throw new ArgumentOutOfRangeException(nameof(ArgumentBytes), value, "It is 0 to 1 MiB.");
        }

        /// <summary>The events' categories, in turn; only those that the recording asked for are in the trace.</summary>
        public IReadOnlyList<string> Categories { get; init; } = ["devtools.timeline", "blink", "cc", "v8"];
    }

    /// <summary>These bytes, whatever is recorded: a trace that was recorded before, of the format and compression that will be asked for.</summary>
    public sealed record Replayed(ReadOnlyMemory<byte> Bytes) : TraceContent;
}
