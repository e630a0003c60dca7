using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.Planning;

/// <summary>Whether there is room for what a session leaves, looked at before anything is started.</summary>
internal static class FolderRules
{
    private const long LeastFreeBytes = 64L << 20;

    /// <summary>The absolute path of the session's folder; null with an error added.</summary>
    public static string? ReadOutput(string? text, string sessionId, IMachine machine, UsageErrors errors) =>
        ReadNew("--output", text, $"session-{sessionId}", machine, errors);

    /// <summary>The absolute path of a folder that is not there or is empty, and can be written; null with an error added.</summary>
    public static string? ReadNew(string option, string? text, string unlessGiven, IMachine machine, UsageErrors errors)
    {
        if (text is not null && string.IsNullOrWhiteSpace(text))
        {
            errors.Add(option, text, "is empty; name a folder");
            return null;
        }

        var folder = Path.GetFullPath(text ?? unlessGiven, machine.WorkingFolder);
        var shown = text ?? folder;
        var problem = machine.Look(folder) switch
        {
            FileKind.FolderWithFiles => "has files in it already; name a new or an empty folder",
            FileKind.File or FileKind.Executable => "is a file; name a new or an empty folder",
            _ when machine.WhyNotWritable(folder) is { } why => $"cannot be written: {why}",
            _ when machine.FreeBytes(folder) is < LeastFreeBytes and var free => $"only {free >> 20} MiB are free there, at least {LeastFreeBytes >> 20} MiB are needed; name a folder with more room",
            _ => null,
        };
        if (problem is not null) errors.Add(option, shown, problem);
        return problem is null ? folder : null;
    }

    /// <summary>Checks that the journal can be written to.</summary>
    public static void CheckData(string folder, IMachine machine, UsageErrors errors)
    {
        var problem = machine.Look(folder) is FileKind.File or FileKind.Executable
            ? "is a file; name a folder"
            : machine.WhyNotWritable(folder) is { } why ? $"cannot be written: {why}" : null;
        if (problem is not null) errors.Add("--data", folder, problem);
    }
}
