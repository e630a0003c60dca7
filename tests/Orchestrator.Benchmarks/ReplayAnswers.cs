using System.Text;

namespace Orchestrator.Benchmarks;

/// <summary>
/// What the replay server says about itself: a browser with one page. Enough for the clients of the benchmark to connect,
/// of which puppeteer asks most. A command that is not here is answered by an empty result.
/// </summary>
internal static class ReplayAnswers
{
    public const string Product = "Chrome/156.0.0.0";

    private const string Target =
        """{"targetId":"PAGE","type":"page","title":"replay","url":"about:blank","attached":true,"canAccessOpener":false,"browserContextId":"CONTEXT"}""";

    public const string TargetCreated = $$"""{"targetInfo":{{Target}}}""";

    public const string AttachedToTarget = $$"""{"sessionId":"SESSION","targetInfo":{{Target}},"waitingForDebugger":false}""";

    public static readonly byte[] Empty = Result("{}");

    private static readonly Dictionary<string, byte[]> ByMethod = new()
    {
        ["Browser.getVersion"] = Result($$"""{"protocolVersion":"1.3","product":"{{Product}}","revision":"@0","userAgent":"replay","jsVersion":"15.6"}"""),
        ["Target.getBrowserContexts"] = Result("""{"browserContextIds":[],"defaultBrowserContextId":"CONTEXT"}"""),
        ["Target.getTargets"] = Result($$"""{"targetInfos":[{{Target}}]}"""),
        ["Target.getTargetInfo"] = Result($$"""{"targetInfo":{{Target}}}"""),
        ["Target.attachToTarget"] = Result("""{"sessionId":"SESSION"}"""),
        ["Tracing.getCategories"] = Result("""{"categories":["blink.user_timing","devtools.timeline"]}"""),
        ["Page.addScriptToEvaluateOnNewDocument"] = Result("""{"identifier":"1"}"""),
        ["Page.getFrameTree"] = Result(
            """{"frameTree":{"frame":{"id":"PAGE","loaderId":"LOADER","url":"about:blank","domainAndRegistry":"","securityOrigin":"://","mimeType":"text/html"}}}"""),
    };

    public static byte[] For(string method) => ByMethod.GetValueOrDefault(method, Empty);

    private static byte[] Result(string json) => Encoding.ASCII.GetBytes($",\"result\":{json}");
}
