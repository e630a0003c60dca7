using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>From what was typed to what is to be done. It looks at files and folders, and starts and makes nothing.</summary>
internal static class RecordPlanner
{
    /// <summary>The plan; null when there are errors, all of which are added.</summary>
    /// <param name="notes">What is allowed but may surprise.</param>
    public static SessionPlan? Plan(RecordOptions options, string sessionId, IMachine machine, UsageErrors errors, out IReadOnlyList<string> notes)
    {
        var targetRules = new TargetRules(options, machine, errors);
        var targets = targetRules.ReadTargets();
        var launch = targetRules.ReadLaunch(targets);
        var window = WindowRules.Read(options, errors);
        var tracingRules = new TracingRules(options, machine, errors);
        var tracing = tracingRules.Read();
        var require = targetRules.ReadRequirement(targets.Count(target => target.IsLaunched) + options.Attach.Count);
        var timeouts = WindowRules.ReadTimeouts(options, errors);
        var merge = MergeRules.Read(options.Merge, tracing.Format, errors);
        var maxClockError = MergeRules.ReadMaxClockError(options.MaxClockError, errors);
        var folder = FolderRules.ReadOutput(options.Output, sessionId, machine, errors);
        notes = tracingRules.Notes;
        if (errors.Any || folder is null) return null;
        return new SessionPlan
        {
            SessionId = sessionId,
            OutputFolder = folder,
            Targets = targets,
            Launch = launch,
            Tracing = tracing,
            Window = window,
            Require = require,
            Timeouts = timeouts,
            Merge = merge,
            MaxClockError = maxClockError,
        };
    }
}
