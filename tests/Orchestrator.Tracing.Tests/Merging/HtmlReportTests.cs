using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Orchestrator.Tracing.Merging;

namespace Orchestrator.Tracing.Tests.Merging;

public class HtmlReportTests
{
    private static readonly XNamespace Html = "http://www.w3.org/1999/xhtml";

    public static TheoryData<string> Sessions => ["fine", "troubled", "many", "cut off", "empty", "attacked"];

    [Theory]
    [MemberData(nameof(Sessions))]
    public void A_report_is_well_formed(string session)
    {
        var page = Parse(Of(session));
        Assert.NotEmpty(page.Descendants(Html + "h1"));
        Assert.Equal(page.Descendants().Attributes("id").Count(), page.Descendants().Attributes("id").Select(id => id.Value).Distinct().Count());
        foreach (var link in page.Descendants(Html + "a").Select(anchor => anchor.Attribute("href")!.Value))
            Assert.Contains(page.Descendants().Attributes("id"), id => "#" + id.Value == link);
    }

    [Theory]
    [MemberData(nameof(Sessions))]
    public void It_loads_nothing(string session)
    {
        var page = Parse(Of(session));
        string[] loading = ["link", "img", "image", "iframe", "object", "embed", "audio", "video", "source", "base", "form", "use", "foreignObject", "animate", "set"];
        Assert.DoesNotContain(page.Descendants(), element => loading.Contains(element.Name.LocalName));
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute =>
            attribute.Name.LocalName is "src" or "srcset" or "data" or "poster" or "style" or "action"
            || (attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal))
            || (attribute.Name.LocalName == "href" && !attribute.Value.StartsWith('#')));
        Assert.DoesNotContain("url(", page.Descendants(Html + "style").Single().Value);
        Assert.DoesNotContain("@import", page.Descendants(Html + "style").Single().Value);
    }

    [Theory]
    [MemberData(nameof(Sessions))]
    public void Its_policy_allows_its_own_style_and_script_and_nothing_else(string session)
    {
        var page = Parse(Of(session));
        var policy = page.Descendants(Html + "meta").Single(meta => (string?)meta.Attribute("http-equiv") == "Content-Security-Policy").Attribute("content")!.Value;
        Assert.Equal(
            [
                "default-src 'none'", $"style-src '{Hash(page.Descendants(Html + "style").Single())}'", $"script-src '{Hash(page.Descendants(Html + "script").Single())}'",
                "base-uri 'none'", "form-action 'none'",
            ],
            policy.Split("; "));
    }

    [Fact]
    public void Text_from_outside_is_text()
    {
        var bytes = Of("attacked");
        var page = Parse(bytes);
        // Where the attack stands it stands as text: what XML cannot hold, and what would turn the text about, is replaced.
        var harmless = SampleSessions.Hostile.Replace('\u202E', '\uFFFD').Replace('\0', '\uFFFD').Replace('\uD800', '\uFFFD');
        Assert.Equal($"Session {harmless}", page.Descendants(Html + "h1").Single().Value);
        Assert.Contains(page.Descendants(Html + "th"), cell => cell.Value == harmless);
        Assert.DoesNotContain("<img", Encoding.UTF8.GetString(bytes));
        Assert.DoesNotContain("alert", page.Descendants(Html + "script").Single().Value);
    }

    [Theory]
    [InlineData("troubled")]
    [InlineData("many")]
    [InlineData("cut off")]
    public void Every_browser_is_in_it_with_its_reason_and_its_hash(string session)
    {
        var aligned = Session(session);
        var text = string.Join('\n', Parse(HtmlReport.Render(aligned)).Descendants(Html + "td").Concat(Parse(HtmlReport.Render(aligned)).Descendants(Html + "th")).Select(cell => cell.Value));
        foreach (var browser in aligned.Browsers)
        {
            Assert.Contains(browser.MergedName, text);
            if (browser.Recorded.Document is not { } document) continue;
            if (document.Reason is { } reason) Assert.Contains(reason, text);
            if (document.Sha256 is { } hash) Assert.Contains(hash, text);
            foreach (var warning in document.Warnings) Assert.Contains(warning, text);
            foreach (var finding in browser.Clock.Findings) Assert.Contains(finding, text);
            foreach (var loss in browser.Survey?.Losses.Keys ?? []) Assert.Contains(loss, text);
        }

        foreach (var problem in aligned.Problems) Assert.Contains(problem.Problem, text);
    }

    [Fact]
    public void What_happened_is_drawn_and_told()
    {
        var page = Parse(Of("troubled"));
        var text = page.Root!.Value;
        foreach (var told in (string[])["partial", "complete, with data loss", "connection lost", "launch failed", "never answered", "Same clock", "Unaligned", "Measured", "chunks_overwritten: 41", "✕ failed", "checkout", "trace.tar"])
            Assert.Contains(told, text);
        // Every picture says what it is to those who do not see it.
        Assert.All(page.Descendants(Html + "svg").Where(svg => (string?)svg.Attribute("role") == "img"), svg => Assert.NotEmpty(svg.Elements(Html + "title").Single().Value));
        Assert.All(page.Descendants(Html + "svg").Where(svg => svg.Parent!.Name.LocalName is "div" or "figure" or "span"), svg => Assert.True(svg.Attribute("role") is not null || (string?)svg.Attribute("aria-hidden") == "true"));
    }

    [Fact]
    public void A_cut_off_session_says_so()
    {
        var text = Parse(Of("cut off")).Root!.Value;
        Assert.Contains("session.json is missing or cannot be read", text);
        Assert.Contains("no outcome", text);
    }

    [Fact]
    public void A_thousand_browsers_fit_into_three_megabytes() => Assert.InRange(Of("many").Length, 0, 3_000_000);

    [Fact]
    public void A_report_of_the_same_session_is_the_same() => Assert.Equal(Of("troubled"), Of("troubled"));

    private static AlignedSession Session(string name) => name switch
    {
        "fine" => SampleSessions.Fine(),
        "troubled" => SampleSessions.Troubled(),
        "many" => SampleSessions.Many(1000),
        "cut off" => SampleSessions.CutOff(),
        "empty" => SampleSessions.Empty(),
        _ => SampleSessions.Attacked(),
    };

    private static byte[] Of(string session) => HtmlReport.Render(Session(session));

    private static XDocument Parse(byte[] page)
    {
        using var reader = XmlReader.Create(new MemoryStream(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader, LoadOptions.PreserveWhitespace);
    }

    private static string Hash(XElement element) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(element.Value)));
}
