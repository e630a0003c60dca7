using System.Text.Json;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Folders;

/// <summary>Finds out what a folder holds, whole or cut off; reads no trace.</summary>
public static class RecordedSessions
{
    public const string BrowsersFolder = "browsers";
    public const string DocumentName = "session.json";

    private const long MostDocumentBytes = 256L << 20;

    private static readonly string[] TraceEndings = [".pftrace.gz", ".json.gz", ".pftrace", ".json"];
    private static readonly string[] Unfinished = [WholeFile.PartialSuffix, WholeFile.GrowingSuffix];

    /// <exception cref="NotASessionFolderException">There is nothing of a session; the message says what is missing.</exception>
    public static RecordedSession Read(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder)) throw new NotASessionFolderException("there is no such folder");
        var problems = new List<FolderProblem>();
        return Read(folder, ReadJson(folder, DocumentName, SessionDocument.Parse, problems), problems);
    }

    /// <summary>A folder of which the document is known, and need not stand in it yet.</summary>
    public static RecordedSession Of(SessionDocument document) => Read(document.Folder, document, []);

    private static RecordedSession Read(string folder, SessionDocument? document, List<FolderProblem> problems)
    {
        var found = TracesIn(folder);
        if (document is null && found.Count == 0)
            throw new NotASessionFolderException($"it holds neither a readable {DocumentName} nor traces in {BrowsersFolder}/; name the folder that 'record' wrote");

        if (document is null && problems.Count == 0)
            problems.Add(new FolderProblem(DocumentName, "is missing: the session was cut off, or is still running; what is in the folder is taken as it is"));
        var browsers = document is null
            ? found.Select(file => Found(folder, file, problems)).ToList()
            : document.Browsers.Select(browser => Told(folder, browser, problems)).ToList();
        Complain(browsers, problems);
        return new RecordedSession
        {
            Folder = folder,
            Document = document,
            SessionId = document?.SessionId ?? browsers.Select(browser => browser.Log?.SessionId).FirstOrDefault(id => id is not null) ?? Path.GetFileName(folder),
            Timeline = document?.Timeline ?? browsers.Select(browser => browser.Log?.Timeline).FirstOrDefault(timeline => timeline is not null),
            Browsers = browsers,
            NodeClocks = NodeClocksIn(folder, problems),
            Problems = problems,
        };
    }

    /// <summary>A browser that session.json tells of.</summary>
    private static RecordedBrowser Told(string folder, BrowserDocument told, List<FolderProblem> problems)
    {
        string? path = null;
        if (told.File is { } file)
        {
            if (!IsInside(file))
                problems.Add(new FolderProblem(DocumentName, $"names '{file}' as the trace of {told.Name}, which lies outside of the folder; it is not touched"));
            else if (File.Exists(Path.Combine(folder, file)))
                path = Path.Combine(folder, file);
            else
                problems.Add(new FolderProblem(file, $"is missing; {DocumentName} names it as the trace of {told.Name}"));
        }

        return new RecordedBrowser { Name = told.Name, Document = told, TracePath = path, IsWhole = !told.Partial, Log = ReadLog(folder, told.Name, problems) };
    }

    /// <summary>A browser that nothing but its file tells of.</summary>
    private static RecordedBrowser Found(string folder, string file, List<FolderProblem> problems)
    {
        var name = NameOf(file);
        return new RecordedBrowser
        {
            Name = name,
            TracePath = Path.Combine(folder, BrowsersFolder, file),
            IsWhole = !Unfinished.Any(file.EndsWith),
            Log = ReadLog(folder, name, problems),
        };
    }

    private static RecordingLog? ReadLog(string folder, string browser, List<FolderProblem> problems) =>
        IsInside(browser) && !browser.Contains('/') ? ReadJson(folder, $"{BrowsersFolder}/{browser}{RecordingLog.Suffix}", RecordingLog.Parse, problems) : null;

    private static void Complain(List<RecordedBrowser> browsers, List<FolderProblem> problems)
    {
        foreach (var name in browsers.GroupBy(browser => browser.Name).Where(same => same.Count() > 1).Select(same => same.Key))
            problems.Add(new FolderProblem("", $"two browsers are called '{name}'; in merged files the second one gets a number behind its name"));
        foreach (var browser in browsers.Where(browser => browser is { TracePath: not null, Log: null }))
        {
            var file = $"{BrowsersFolder}/{browser.Name}{RecordingLog.Suffix}";
            if (problems.TrueForAll(problem => problem.File != file))
                problems.Add(new FolderProblem(file, $"is missing: nothing tells how the clock of {browser.Name} lies to the others'"));
        }
    }

    /// <summary>The files of browsers/ that are called like traces, in the order of their browsers' names.</summary>
    private static List<string> TracesIn(string folder)
    {
        var browsers = Path.Combine(folder, BrowsersFolder);
        if (!Directory.Exists(browsers)) return [];
        return [.. Directory.EnumerateFiles(browsers).Select(path => Path.GetFileName(path))
            .Where(file => TraceEndings.Any(WithoutUnfinished(file).EndsWith) && !WithoutUnfinished(file).EndsWith(RecordingLog.Suffix, StringComparison.Ordinal))
            .OrderBy(file => NameOf(file).Length).ThenBy(file => file, StringComparer.Ordinal)];
    }

    private static List<RecordedNodeClock> NodeClocksIn(string folder, List<FolderProblem> problems)
    {
        var nodes = Path.Combine(folder, NodeClockLog.Folder);
        if (!Directory.Exists(nodes)) return [];
        return [.. Directory.EnumerateFiles(nodes).Select(path => Path.GetFileName(path))
            .Where(file => file.EndsWith(NodeClockLog.Suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(file => $"{NodeClockLog.Folder}/{file}")
            .Select(file => new RecordedNodeClock(file, Path.GetFileName(file)[..^NodeClockLog.Suffix.Length], ReadJson(folder, file, NodeClockLog.Parse, problems)))];
    }

    private static string NameOf(string file)
    {
        var name = WithoutUnfinished(file);
        return name[..^TraceEndings.First(name.EndsWith).Length];
    }

    private static string WithoutUnfinished(string file) =>
        Unfinished.FirstOrDefault(file.EndsWith) is { } suffix ? file[..^suffix.Length] : file;

    private static bool IsInside(string relative) =>
        relative.Length > 0 && !Path.IsPathRooted(relative) && !relative.Contains('\\') && relative.Split('/').All(part => part is not ("" or "." or ".."));

    private static T? ReadJson<T>(string folder, string file, Parser<T> parse, List<FolderProblem> problems) where T : class
    {
        var path = Path.Combine(folder, file);
        try
        {
            if (!File.Exists(path)) return null;
            if (new FileInfo(path).Length > MostDocumentBytes) throw new JsonException($"It is larger than {MostDocumentBytes >> 20} MiB.");
            return parse(File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            problems.Add(new FolderProblem(file, $"cannot be read, and is left aside: {failure.Message}"));
            return null;
        }
    }

    private delegate T Parser<out T>(ReadOnlySpan<byte> utf8);
}

/// <summary>A folder that holds no session. The message does not name it.</summary>
public sealed class NotASessionFolderException(string message) : Exception(message);
