namespace Orchestrator.Tracing.Merging.Report;

/// <summary>Everything that somebody should look at: problems of the folder, faults, warnings, what the clocks' alignment found.</summary>
internal static class Findings
{
    public static IEnumerable<(string Where, string What)> Of(ReportSubject subject)
    {
        foreach (var problem in subject.Session.Problems) yield return (problem.File.Length == 0 ? "the folder" : problem.File, problem.Problem);
        var told = subject.Session.Problems.Select(problem => problem.ToString()).ToHashSet();
        foreach (var problem in subject.Document?.MergeProblems ?? [])
        {
            if (told.Add(problem)) yield return ("merging", problem);
        }

        foreach (var (at, text) in ReportSubject.Faults(subject.SessionLine)) yield return ("session", $"{subject.At(at)}: {text}");
        foreach (var browser in subject.Browsers)
        {
            foreach (var (at, text) in ReportSubject.Faults(subject.LineOf(browser))) yield return (browser.MergedName, $"{subject.At(at)}: {text}");
            foreach (var warning in browser.Recorded.Document?.Warnings ?? []) yield return (browser.MergedName, $"warning: {warning}");
            foreach (var finding in browser.Clock.Findings) yield return (browser.MergedName, finding);
        }
    }

    public static void Write(Html html, ReportSubject subject)
    {
        html.Add($"""<section id="findings"><h2>Findings</h2>""");
        var findings = Of(subject).ToList();
        if (findings.Count == 0)
        {
            html.Add($"""<p class="none">None: no fault, no warning, no problem with the files or the clocks.</p></section>""");
            return;
        }

        Table.Open(html, "Problems, faults, warnings, and what the alignment found", isOpen: findings.Count <= 200, "Where", "What");
        foreach (var (where, what) in findings)
        {
            html.Add($"""<tr><th scope="row">{where}</th><td class="words most">{what}</td>""");
            Table.EndRow(html);
        }

        Table.Close(html);
        html.Add($"</section>\n");
    }
}
