namespace Orchestrator.Cdp.Protocol;

/// <summary>What we use of the Browser domain.</summary>
/// <remarks>https://chromedevtools.github.io/devtools-protocol/tot/Browser/</remarks>
public static class BrowserDomain
{
    public static readonly CdpCommand<CdpNothing, BrowserVersion> GetVersion = new("Browser.getVersion", CdpJsonContext.Default.CdpNothing, CdpJsonContext.Default.BrowserVersion);

    /// <summary>Closes the browser in an orderly way.</summary>
    public static readonly CdpCommand<CdpNothing, CdpNothing> Close = new("Browser.close", CdpJsonContext.Default.CdpNothing, CdpJsonContext.Default.CdpNothing);

    /// <summary>Crashes the browser: no answer comes, the connection breaks.</summary>
    public static readonly CdpCommand<CdpNothing, CdpNothing> Crash = new("Browser.crash", CdpJsonContext.Default.CdpNothing, CdpJsonContext.Default.CdpNothing);
}

/// <param name="ProtocolVersion">Such as <c>1.3</c>.</param>
/// <param name="Product">Such as <c>Chrome/156.0.1.2</c>.</param>
/// <param name="Revision">Chromium's source revision.</param>
/// <param name="JsVersion">V8's version.</param>
public sealed record BrowserVersion(string ProtocolVersion, string Product, string Revision, string UserAgent, string JsVersion);
