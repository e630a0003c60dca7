namespace Orchestrator.Cdp.Protocol;

/// <summary>What we use of the Page domain.</summary>
/// <remarks>https://chromedevtools.github.io/devtools-protocol/tot/Page/</remarks>
public static class PageDomain
{
    /// <summary>Loads a URL; the answer comes when the document is committed, or says in its error text why it is not.</summary>
    public static readonly CdpCommand<NavigateParams, NavigateResult> Navigate = new("Page.navigate", CdpJsonContext.Default.NavigateParams, CdpJsonContext.Default.NavigateResult);

    public static readonly CdpCommand<CdpNothing, GetFrameTreeResult> GetFrameTree = new("Page.getFrameTree", CdpJsonContext.Default.CdpNothing, CdpJsonContext.Default.GetFrameTreeResult);

    /// <summary>Asks for the page's events.</summary>
    public static readonly CdpCommand<CdpNothing, CdpNothing> Enable = new("Page.enable", CdpJsonContext.Default.CdpNothing, CdpJsonContext.Default.CdpNothing);

    /// <summary>The page has loaded; only after <see cref="Enable"/>.</summary>
    public static readonly CdpEvent<LoadEventFired> LoadEventFired = new("Page.loadEventFired", CdpJsonContext.Default.LoadEventFired);
}

public sealed record NavigateParams(string Url, string? FrameId = null);

/// <param name="LoaderId">None for a navigation within the document.</param>
/// <param name="ErrorText">Such as <c>net::ERR_CONNECTION_REFUSED</c>; there if and only if the navigation failed.</param>
public sealed record NavigateResult(string FrameId, string? LoaderId = null, string? ErrorText = null);

public sealed record GetFrameTreeResult(FrameTree FrameTree);

public sealed record FrameTree(Frame Frame, IReadOnlyList<FrameTree>? ChildFrames = null);

/// <param name="Url">Without the fragment.</param>
public sealed record Frame(string Id, string Url, string? ParentId = null, string? LoaderId = null, string? Name = null, string? UnreachableUrl = null);

/// <param name="Timestamp">In seconds of the browser's monotonic clock.</param>
public sealed record LoadEventFired(double Timestamp);
