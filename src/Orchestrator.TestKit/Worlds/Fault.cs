namespace Orchestrator.TestKit.Worlds;

/// <summary>What goes wrong with one browser. Times count from the recording's start, when <c>Tracing.start</c> was carried out.</summary>
public abstract record Fault
{
    private Fault() { }

    /// <summary>Nobody listens at its endpoint.</summary>
    public sealed record RefuseConnection : Fault;

    /// <summary><c>Tracing.start</c> is answered with this error; default: what Chromium says while somebody else records.</summary>
    public sealed record RefuseStart(int Code = -32000, string Message = "Tracing has already been started (possibly in another tab).") : Fault;

    /// <summary>From then on it takes everything and answers nothing.</summary>
    public sealed record Hang(TimeSpan After) : Fault;

    /// <summary>Its process dies, and its connections with it; nobody listens at its endpoint any more.</summary>
    public sealed record Kill(TimeSpan After) : Fault;

    /// <summary>Between <c>Tracing.end</c> and <c>tracingComplete</c> passes so much more.</summary>
    public sealed record SlowFlush(TimeSpan Extra) : Fault;

    /// <summary><c>tracingComplete</c> never comes.</summary>
    public sealed record LoseTracingComplete : Fault;

    /// <summary>The connection goes when this share of the trace has been sent.</summary>
    /// <param name="AtShare">0 to 1.</param>
    public sealed record CloseMidStream(double AtShare) : Fault
    {
        public double AtShare { get; } = ShareOf(AtShare);
    }

    /// <summary>Sends a frame that is no message of the protocol.</summary>
    public sealed record GarbageFrame(TimeSpan After) : Fault;

    /// <summary>Sends an event of so many bytes.</summary>
    public sealed record OversizedFrame(TimeSpan After, int Bytes) : Fault;

    /// <summary>Answers come twice.</summary>
    /// <param name="Share">Of the answers, 0 to 1.</param>
    public sealed record DuplicateAnswers(double Share) : Fault
    {
        public double Share { get; } = ShareOf(Share);
    }

    /// <summary>Answers come so much later, after others that were asked for later; events keep their times.</summary>
    /// <param name="Share">Of the answers, 0 to 1.</param>
    public sealed record LateAnswers(double Share, TimeSpan By) : Fault
    {
        public double Share { get; } = ShareOf(Share);
    }

    /// <summary><c>dataLossOccurred</c> is true, and what a full buffer would have cost is missing from the trace.</summary>
    public sealed record DataLoss : Fault;

    private static double ShareOf(double share) => share is >= 0 and <= 1 ? share : throw new ArgumentOutOfRangeException(nameof(share), share, "A share is 0 to 1.");
}
