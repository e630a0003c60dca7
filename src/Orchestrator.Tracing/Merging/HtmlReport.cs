using Orchestrator.Tracing.Merging.Report;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// Writes <c>report.html</c>: a session at a glance, one self-contained page. It loads nothing, and prints. Names, reasons
/// and addresses come from outside, so all text is escaped where it is added (<see cref="Html"/>), and the page's own policy
/// allows no script and no style but those that ship with it.
/// </summary>
public static class HtmlReport
{
    public const string FileName = "report.html";

    /// <summary>The page as UTF-8.</summary>
    /// <param name="merged">The merged files that lie beside it; null: those that session.json names.</param>
    public static byte[] Render(AlignedSession session, IReadOnlyList<MergedFile>? merged = null)
    {
        merged ??= session.Session.Document?.Merged ?? [];
        var subject = new ReportSubject(session, merged);
        var html = new Html();
        ReportHead.Write(html, $"Session {session.Session.SessionId}");
        html.Add($"<body>\n");
        Headline.Write(html, subject);
        Contents(html, subject);
        html.Add($"<main>\n");
        TimeLines.Write(html, subject);
        BrowserTable.Write(html, subject);
        StartSkew.Write(html, subject);
        Report.Clocks.Write(html, subject);
        BufferFill.Write(html, subject);
        Losses.Write(html, subject);
        MemoryDumps.Write(html, subject);
        Findings.Write(html, subject);
        Files.Write(html, subject);
        html.Add($"</main>\n");
        ReportHead.WriteScript(html);
        html.Add($"</body></html>\n");
        return html.ToUtf8();
    }

    private static void Contents(Html html, ReportSubject subject)
    {
        html.Add($"""<nav aria-label="Sections"><a href="#timelines">Time lines</a> <a href="#browsers">Browsers</a> <a href="#skew">Skew</a> <a href="#clocks">Clocks</a> <a href="#buffers">Buffers</a> <a href="#losses">Losses</a> <a href="#findings">Findings</a> <a href="#files">Files</a>""");
        // The script shows it: without one it could do nothing.
        if (subject.Browsers.Count > 8) html.Add($"""<label hidden="">Only browsers with <input type="search" id="filter" placeholder="name, outcome, …" autocomplete="off"/></label>""");
        html.Add($"</nav>\n");
    }
}
