namespace Orchestrator.Cdp;

/// <summary>Carries a break from where it is noticed to the one place that breaks the connection; no user ever sees it.</summary>
internal sealed class CdpFatalException(CdpBreak reason) : Exception(reason.Reason, reason.Cause)
{
    public CdpBreak Break { get; } = reason;

    public static CdpFatalException Garbage(string reason, Exception? cause = null) => new(new CdpBreak(CdpBreakKind.Garbage, reason, cause));

    public static CdpFatalException Faulted(string reason, Exception cause) => new(new CdpBreak(CdpBreakKind.Faulted, reason, cause));
}
