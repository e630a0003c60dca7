using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>What stands before the page's content: nothing is loaded, and only this style and this script may act.</summary>
internal static class ReportHead
{
    private static readonly string Style = Read("report.css");
    private static readonly string Script = Read("report.js");

    public static void Write(Html html, string title)
    {
        html.Add($"""
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{Hash(Style)}'; script-src '{Hash(Script)}'; base-uri 'none'; form-action 'none'"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/><meta name="referrer" content="no-referrer"/>
            <title>{title}</title>
            <style>
            """);
        html.AddOwn(Style);
        html.Add($"</style></head>\n");
    }

    public static void WriteScript(Html html)
    {
        html.Add($"<script>");
        html.AddOwn(Script);
        html.Add($"</script>");
    }

    // What a browser hashes is the element's text: exactly what AddOwn adds (CSP level 3, 'does element match source list').
    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Read(string name)
    {
        using var resource = typeof(ReportHead).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The resource {name} was not built in.");
        using var reader = new StreamReader(resource);
        // A page's line ends are line feeds, whatever a checkout made of them: the hash must fit.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
