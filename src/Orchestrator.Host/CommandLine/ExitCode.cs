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

    public static int Of(SessionOutcome? outcome) => outcome switch
    {
        SessionOutcome.Complete => Complete,
        SessionOutcome.Partial or SessionOutcome.CompleteWithLoss => Partial,
        SessionOutcome.Aborted => Aborted,
        _ => Failed,
    };
}
