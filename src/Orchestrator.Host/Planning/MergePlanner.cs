using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>What <c>merge</c> is to do.</summary>
/// <param name="OutputFolder">Absolute; need not be there yet.</param>
/// <param name="InPlace">The one session's own folder is the output: its session.json is brought up to date.</param>
/// <param name="Choice">Null: what fits the recordings.</param>
internal sealed record MergePlan(IReadOnlyList<RecordedSession> Sessions, string OutputFolder, bool InPlace, MergeChoice? Choice, TimeSpan? MaxClockError);

/// <summary>From what was typed to what is to be done. It reads folders, and changes nothing.</summary>
internal static class MergePlanner
{
    // Beside the merged traces: the report, and what a file system keeps to itself.
    private const long Besides = 16L << 20;

    /// <summary>The plan; null when there are errors, all of which are added.</summary>
    public static MergePlan? Plan(IReadOnlyList<string> folders, string? output, string? merge, string? maxClockError, IMachine machine, UsageErrors errors)
    {
        var sessions = ReadFolders(folders, machine, errors);
        var choice = Choices.Read("--merge", merge, MergeRules.Choices, errors);
        if (choice is MergeChoice.None) errors.Add("--merge", merge!, "there is nothing to do; name perfetto, json or both");
        var most = MergeRules.ReadMaxClockError(maxClockError, errors);
        if (folders.Count > 1 && output is null) errors.Add("--output is missing: several sessions are merged into a new folder; name it with -o DIR");
        if (choice is MergeChoice.Json && sessions.Count > 0 && !sessions.SelectMany(session => session.Browsers).Any(IsJson))
            errors.Add("--merge", merge!, "Chrome JSON is made from JSON recordings, and these are Perfetto's; leave --merge out for the archive that ui.perfetto.dev opens, or record with --format json");
        var folder = output is not null ? FolderRules.ReadOutput(output, "", machine, errors) : sessions is [var one] ? one.Folder : null;
        if (folder is not null) CheckRoom(folder, output, sessions, choice, machine, errors);
        return errors.Any || folder is null ? null : new MergePlan(sessions, folder, InPlace: output is null, choice, most);
    }

    /// <summary>The sessions that the folders hold; what is none is an error.</summary>
    public static IReadOnlyList<RecordedSession> ReadFolders(IReadOnlyList<string> folders, IMachine machine, UsageErrors errors)
    {
        var sessions = new List<RecordedSession>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in folders)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                errors.Add("DIR", text, "is empty; name a session's folder");
                continue;
            }

            var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text, machine.WorkingFolder));
            if (!seen.Add(folder))
            {
                errors.Add("DIR", text, "given twice");
                continue;
            }

            try
            {
                sessions.Add(RecordedSessions.Read(folder));
            }
            catch (NotASessionFolderException not)
            {
                errors.Add("DIR", text, not.Message);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                errors.Add("DIR", text, $"cannot be read: {unreadable.Message}");
            }
        }

        return sessions;
    }

    /// <summary>An archive is about as long as its traces, and merged JSON, being compressed, no longer.</summary>
    private static void CheckRoom(string folder, string? output, IReadOnlyList<RecordedSession> sessions, MergeChoice? choice, IMachine machine, UsageErrors errors)
    {
        var (option, shown) = output is null ? ("DIR", folder) : ("--output", output);
        if (output is null && machine.WhyNotWritable(folder) is { } why) errors.Add(option, shown, $"cannot be written: {why}; name another folder with -o DIR");
        var traces = sessions.SelectMany(session => session.Browsers).Sum(browser => browser.TracePath is { } path ? new FileInfo(path).Length : 0);
        var needed = traces * (choice is MergeChoice.Both ? 2 : 1) + Besides;
        if (machine.FreeBytes(folder) is { } free && free < needed)
            errors.Add(option, shown, $"only {free >> 20} MiB are free there, about {needed >> 20} MiB are needed; name a folder with more room with -o DIR");
    }

    private static bool IsJson(RecordedBrowser browser) => browser.TracePath?.Contains(".json", StringComparison.Ordinal) is true;
}
