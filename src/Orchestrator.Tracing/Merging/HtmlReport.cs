namespace Orchestrator.Tracing.Merging;

/// <summary>Writes <c>report.html</c>: a session at a glance, one self-contained page.</summary>
public static class HtmlReport
{
    public const string FileName = "report.html";

    /// <summary>The page as UTF-8.</summary>
    public static byte[] Render(AlignedSession session) => throw new NotImplementedException();
}
