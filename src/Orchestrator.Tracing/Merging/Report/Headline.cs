using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>What somebody who has ten seconds must know.</summary>
internal static class Headline
{
    // One sentence for each browser that failed makes a long reason; the browsers' table has them all.
    private const int LongestReason = 600;

    public static void Write(Html html, ReportSubject subject)
    {
        var document = subject.Document;
        html.Add($"""<header><h1>Session {subject.Session.Session.SessionId}</h1>""");
        Badge(html, document?.Outcome?.Name());
        html.Add($"""<p class="when">{When(subject)}</p>""");
        if (document?.Reason is { } reason)
        {
            if (reason.Length <= LongestReason) html.Add($"""<p class="reason">{reason}</p>""");
            else html.Add($"""<details class="reason"><summary>{Lanes.Short(reason, LongestReason)}</summary>{reason}</details>""");
        }

        if (document is null) html.Add($"""<p class="reason">session.json is missing or cannot be read: this is what the other files of the folder tell.</p>""");
        Facts(html, subject);
        html.Add($"</header>\n");
    }

    /// <summary>An outcome as a word with a sign; the colour says it once more.</summary>
    /// <param name="outcome">Null: there is none.</param>
    public static void Badge(Html html, string? outcome)
    {
        var (look, sign, text) = outcome switch
        {
            "complete" => ("good", "✓", "complete"),
            "completeWithLoss" => ("warn", "!", "complete, with data loss"),
            "partial" => ("warn", "◐", "partial"),
            "aborted" => ("bad", "■", "aborted"),
            null => ("warn", "?", "no outcome"),
            _ => ("bad", "✕", Words(outcome)),
        };
        html.Add($"""<span class="badge {look}"><span aria-hidden="true">{sign}</span> {text}</span>""");
    }

    private static string When(ReportSubject subject)
    {
        var timeline = subject.Session.Timeline;
        var at = subject.Document?.WindowOpenedAt ?? subject.Document?.PreparedAt ?? (subject.Span is (0, 0) ? null : timeline.ToUtc(subject.Zero));
        return at is { } known ? $"{Units.Utc(known)}, time line: {timeline.Clock} clock of {timeline.Node}" : $"time line: {timeline.Clock} clock of {timeline.Node}";
    }

    private static void Facts(Html html, ReportSubject subject)
    {
        var browsers = subject.Browsers;
        html.Add($"""<dl class="facts">""");
        var whole = browsers.Count(browser => browser.Recorded is { TracePath: not null, IsWhole: true });
        Fact("Browsers", Units.Count(browsers.Count), whole == browsers.Count ? "all with a whole trace" : $"{Units.Count(whole)} with a whole trace", whole < browsers.Count);
        Fact("Window", subject.Window is var (opened, closed) ? Units.Time(closed - opened) : Units.Unknown, "in which all recorded");
        Bound();
        var skew = subject.Document?.Skew;
        Fact("Start skew", Micros(skew?.StartSendMicros), $"sent; answered {Micros(skew?.StartAckMicros)}");
        Fact("End skew", Micros(skew?.EndSendMicros), "sent");
        var lossy = browsers.Count(browser => browser.Recorded.Document is { DataLoss: true });
        // Counters above zero stand in most traces; what the browser itself calls a loss is one.
        var counted = browsers.Count(browser => browser.Survey is { Losses.Count: > 0 });
        Fact("Data loss", lossy == 0 ? "none" : Units.Count(lossy),
            $"{(lossy == 0 ? "reported" : lossy == 1 ? "browser reported it" : "browsers reported it")}{(counted > lossy ? $"; {Units.Count(counted, "trace")} count some" : "")}", lossy > 0);
        var bytes = browsers.Sum(browser => browser.Recorded.Document?.Bytes ?? 0);
        Fact("Traces", Units.Bytes(bytes), browsers.Sum(browser => browser.Survey?.ExpandedBytes ?? 0) is > 0 and var expanded ? $"{Units.Bytes(expanded)} expanded" : "on disk");
        var found = Findings.Of(subject).Count();
        Fact("Findings", found == 0 ? "none" : Units.Count(found), found == 0 ? "nothing to look at" : "see below", found > 0);
        html.Add($"</dl>\n");

        void Fact(string name, string value, string note, bool look = false) =>
            html.Add($"""<div class="{(look ? "look" : "fine")}"><dt>{name}</dt><dd>{value}</dd><dd class="note">{note}</dd></div>""");

        void Bound()
        {
            var traced = browsers.Where(browser => browser.HasTrace).ToList();
            var certain = traced.Where(browser => subject.FactsOf(browser).WorstBoundNanos is not null).ToList();
            var worst = certain.MaxBy(browser => subject.FactsOf(browser).WorstBoundNanos);
            var most = worst is null ? null : $"± {Units.Time(subject.FactsOf(worst).WorstBoundNanos!.Value)}";
            if (traced.Count == 0) Fact("Worst clock bound", Units.Unknown, "no trace to align");
            else if (certain.Count < traced.Count)
                Fact("Worst clock bound", "unknown", $"{Units.Count(traced.Count - certain.Count, "browser")}{(most is null ? "" : $"; the others {most}")}", look: true);
            else if (traced.TrueForAll(browser => browser.Clock.Relation is ClockRelation.Shared)) Fact("Worst clock bound", "± 0", "all on the same clock");
            else Fact("Worst clock bound", most!, worst!.MergedName);
        }
    }

    private static string Micros(double? micros) => micros is { } known ? Units.Time(known * 1000) : Units.Unknown;

    /// <summary><c>connectionLost</c> as people say it: <c>connection lost</c>.</summary>
    private static string Words(string name) => string.Concat(name.Select(letter => char.IsAsciiLetterUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));
}
