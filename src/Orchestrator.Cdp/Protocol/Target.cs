namespace Orchestrator.Cdp.Protocol;

/// <summary>What we use of the Target domain.</summary>
/// <remarks>https://chromedevtools.github.io/devtools-protocol/tot/Target/</remarks>
public static class TargetDomain
{
    public static readonly CdpCommand<CdpNothing, GetTargetsResult> GetTargets = new("Target.getTargets", CdpJsonContext.Default.CdpNothing, CdpJsonContext.Default.GetTargetsResult);

    public static readonly CdpCommand<CreateTargetParams, CreateTargetResult> CreateTarget = new("Target.createTarget", CdpJsonContext.Default.CreateTargetParams, CdpJsonContext.Default.CreateTargetResult);

    /// <summary>Opens a session on the same connection; its id goes with each command and event.</summary>
    public static readonly CdpCommand<AttachToTargetParams, AttachToTargetResult> AttachToTarget = new("Target.attachToTarget", CdpJsonContext.Default.AttachToTargetParams, CdpJsonContext.Default.AttachToTargetResult);

    public static readonly CdpCommand<TargetParams, CdpNothing> CloseTarget = new("Target.closeTarget", CdpJsonContext.Default.TargetParams, CdpJsonContext.Default.CdpNothing);

    /// <summary>Brings the page to the front: one that is not visible draws no frames, its trace is nearly empty.</summary>
    public static readonly CdpCommand<TargetParams, CdpNothing> ActivateTarget = new("Target.activateTarget", CdpJsonContext.Default.TargetParams, CdpJsonContext.Default.CdpNothing);
}

/// <param name="Type">page, iframe, worker, service_worker, browser, tab, ...</param>
/// <param name="Attached">Some client is attached.</param>
public sealed record TargetInfo(string TargetId, string Type, string Title = "", string Url = "", bool Attached = false, string? OpenerId = null, string? BrowserContextId = null);

public sealed record GetTargetsResult(IReadOnlyList<TargetInfo> TargetInfos);

/// <param name="Url">Empty: about:blank.</param>
/// <param name="Width">In device-independent pixels.</param>
/// <param name="Height">In device-independent pixels.</param>
/// <param name="Background">Leaves the page that is in front there.</param>
public sealed record CreateTargetParams(string Url, int? Width = null, int? Height = null, bool? NewWindow = null, bool? Background = null);

public sealed record CreateTargetResult(string TargetId);

/// <param name="Flatten">The only form that we speak: the session's messages travel on the same connection with its id.</param>
public sealed record AttachToTargetParams(string TargetId, bool Flatten = true);

public sealed record AttachToTargetResult(string SessionId);

public sealed record TargetParams(string TargetId);
