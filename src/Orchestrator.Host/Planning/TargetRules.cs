using Orchestrator.Cdp;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>Which browsers take part, how they are launched and what they open.</summary>
internal sealed class TargetRules(RecordOptions options, IMachine machine, UsageErrors errors)
{
    public const string ChromeVariable = "ORCHESTRATOR_CHROME";

    public const int MostLaunched = 1000;
    public const int DefaultLaunched = 2;

    private static readonly string[] ChromeNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    private static readonly string[] OurArguments = ["--user-data-dir", "--remote-debugging-port", "--remote-debugging-pipe"];

    /// <summary>The browsers b1, b2, …: those that are launched, then those that are attached.</summary>
    public IReadOnlyList<BrowserTarget> ReadTargets()
    {
        var endpoints = ReadEndpoints();
        var launched = Choices.Number("--launch", options.Launch, 0, MostLaunched, "browsers", errors) ?? (options.Attach.Count == 0 ? DefaultLaunched : 0);
        if (launched == 0 && options.Attach.Count == 0)
            errors.Add("--launch", options.Launch ?? "0", "no browser is left to record; launch at least one or name one with --attach");
        if (options.PerNode is { } perNode) errors.Add("--per-node", perNode, "only a cluster has nodes to spread over; add --server URL, or say --launch N");
        if (launched == 0 && options.ChromeArgs.Count > 0)
            errors.Add("--chrome-arg", options.ChromeArgs[0], "no browser is launched that it could apply to; add --launch N or leave it out");

        // Where a browser is attached it may run elsewhere, with files of its own.
        var urls = ReadUrls(filesAreHere: launched > 0 && options.Attach.Count == 0);
        var samplePage = launched > 0 && options.Urls.Count == 0 ? SamplePage() : null;
        return
        [
            .. Enumerable.Range(0, launched + endpoints.Count).Select(index => new BrowserTarget
            {
                Name = $"b{index + 1}",
                Endpoint = index < launched ? null : endpoints[index - launched],
                Url = urls.Count > 0 ? urls[index % urls.Count] : index < launched ? samplePage : null,
            }),
        ];
    }

    /// <summary>How browsers are launched; null when none is.</summary>
    public LaunchPlan? ReadLaunch(IReadOnlyList<BrowserTarget> targets)
    {
        foreach (var argument in options.ChromeArgs)
        {
            if (!argument.StartsWith('-') || argument.Length == 1) errors.Add("--chrome-arg", argument, "not an argument of Chromium's; they begin with '--', as in --chrome-arg=--force-color-profile=srgb");
            else if (OurArguments.Contains(argument.Split('=')[0])) errors.Add("--chrome-arg", argument, "set by the orchestrator itself; leave it out");
        }

        var isNeeded = targets.Any(target => target.IsLaunched);
        if (!isNeeded && options.Chrome is null) return null;
        var path = options.Chrome is { } given ? Executable("--chrome", given) : FindChrome();
        return isNeeded && path is not null ? new LaunchPlan(path, [.. options.ChromeArgs]) : null;
    }

    public Requirement ReadRequirement(int browsers)
    {
        if (options.Require is not { } text) return Requirement.All;
        if (!Requirement.TryParse(text, out var requirement)) errors.Add("--require", text, "not 'all', a number of browsers such as 3, or a share such as 80%");
        else if (requirement.Of(browsers) > browsers && browsers > 0) errors.Add("--require", text, $"more than this session has: {browsers}; ask for at most as many");
        return requirement;
    }

    /// <summary>The pages to open that are in order; of the others an error was added.</summary>
    /// <param name="filesAreHere">Whether every browser that opens one runs on this machine.</param>
    public IReadOnlyList<string> ReadUrls(bool filesAreHere) => [.. options.Urls.Where(url => IsUrl(url, filesAreHere))];

    /// <summary>The endpoints to attach to that are in order, as they are written everywhere; of the others an error was added.</summary>
    public IReadOnlyList<string> ReadEndpoints()
    {
        var endpoints = new List<string>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var text in options.Attach)
        {
            if (!CdpEndpoint.TryParse(text, out var address, out var problem)) errors.Add("--attach", text, problem);
            else if (!seen.Add(address.Url.AbsoluteUri.TrimEnd('/'))) errors.Add("--attach", text, "given twice; a browser can record only once at a time");
            else endpoints.Add(address.ToString());
        }

        return endpoints;
    }

    private bool IsUrl(string text, bool filesAreHere)
    {
        var colon = text.IndexOf(':');
        var problem = (colon < 0 ? "" : text[..colon].ToLowerInvariant()) switch
        {
            "about" or "data" when colon < text.Length - 1 => null,
            "http" or "https" when Uri.TryCreate(text, UriKind.Absolute, out var web) && web.Host.Length > 0 => null,
            "http" or "https" => "not a complete address; write one such as https://example.com/page",
            "file" when Uri.TryCreate(text, UriKind.Absolute, out var file) && file.IsFile =>
                !filesAreHere || file.IsUnc || machine.Look(file.LocalPath) is not FileKind.Missing ? null : $"there is no file {file.LocalPath}",
            "file" => "not a complete address; write one such as file:///home/me/page.html",
            _ => "not an absolute URL; it begins with http:, https:, file:, about: or data:, as in https://example.com",
        };
        if (problem is not null) errors.Add("--url", text, problem);
        return problem is null;
    }

    private string? SamplePage()
    {
        if (machine.Look(machine.SamplePage) is FileKind.File or FileKind.Executable) return new Uri(machine.SamplePage).AbsoluteUri;
        errors.Add($"the sample page {machine.SamplePage} is missing; install the orchestrator again, or say with --url what the browsers open");
        return null;
    }

    private string? FindChrome()
    {
        if (machine.Variable(ChromeVariable) is { } variable) return Executable(ChromeVariable, variable);
        if (ChromeNames.Select(InPath).FirstOrDefault(path => path is not null) is { } found) return found;
        errors.Add($"no browser found: none of {string.Join(", ", ChromeNames)} is in PATH; install one (Debian: apt install chromium), or name one with --chrome PATH or {ChromeVariable}");
        return null;
    }

    /// <summary>The executable's absolute path; null with an error added. A bare name is looked for in PATH as well.</summary>
    private string? Executable(string option, string text)
    {
        var full = string.IsNullOrWhiteSpace(text) ? null : Path.GetFullPath(text, machine.WorkingFolder);
        var kind = full is null ? FileKind.Missing : machine.Look(full);
        if (kind is FileKind.Executable) return full;
        if (!text.Contains(Path.DirectorySeparatorChar) && InPath(text) is { } inPath) return inPath;
        errors.Add(option, text, kind switch
        {
            FileKind.Missing => "there is no such file; name the browser's executable",
            FileKind.File => "not executable; name the browser's executable, or chmod +x it",
            FileKind.Hidden => "this user may not look at it",
            _ => "a folder; name the browser's executable",
        });
        return null;
    }

    private string? InPath(string name) => name.Length == 0 ? null : (machine.Variable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Where(Path.IsPathFullyQualified)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(path => machine.Look(path) is FileKind.Executable);
}
