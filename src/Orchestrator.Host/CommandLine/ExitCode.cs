using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.CommandLine;

/// <summary>The process's exit codes: scripts hang on them.</summary>
internal static class ExitCode
{
    public const int Complete = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Partial = 3;
    public const int Aborted = 130;

    /// <summary>A session that is complete as far as it was recorded is still not what was asked for when its clocks are not known well enough, or a trace is missing in the merged files.</summary>
    public static int Of(SessionDocument document)
    {
        var isLess = document.MergeProblems.Count > 0
            || (document.MaxClockErrorNanos is { } most && ClockRequirement.Unmet(document, most).Count > 0);
        return Of(document.Outcome) is Complete && isLess ? Partial : Of(document.Outcome);
    }

    private static int Of(SessionOutcome? outcome) => outcome switch
    {
        SessionOutcome.Complete => Complete,
        SessionOutcome.Partial or SessionOutcome.CompleteWithLoss => Partial,
        SessionOutcome.Aborted => Aborted,
        _ => Failed,
    };
}
