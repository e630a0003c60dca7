using Orchestrator.Actors.Hosting;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>From what was asked for to what is to be done. It looks at files and folders, and starts and makes nothing.</summary>
internal static class RecordPlanner
{
    /// <summary>The plan of a session in this process; null when there are errors, all of which are added.</summary>
    /// <param name="notes">What is allowed but may surprise.</param>
    public static SessionPlan? Plan(RecordOptions options, string sessionId, IMachine machine, UsageErrors errors, out IReadOnlyList<string> notes)
    {
        var targetRules = new TargetRules(options, machine, errors);
        var targets = targetRules.ReadTargets();
        var launch = targetRules.ReadLaunch(targets);
        var require = targetRules.ReadRequirement(targets.Count(target => target.IsLaunched) + options.Attach.Count);
        var recording = Recording.Read(options, machine, errors, out notes);
        var folder = FolderRules.ReadOutput(options.Output, sessionId, machine, errors);
        return errors.Any || folder is null ? null : recording.Plan(sessionId, folder, targets, launch, require);
    }

    /// <summary>The plan of a session on the nodes of a cluster; null when there are errors, all of which are added.</summary>
    /// <param name="folder">Where the session's folder is to be; it is the caller's to have room there.</param>
    /// <param name="notes">What is allowed but may surprise.</param>
    public static SessionPlan? PlanForCluster(
        RecordOptions options, string sessionId, string folder, IMachine machine, ClusterStatus cluster, UsageErrors errors, out IReadOnlyList<string> notes)
    {
        var targets = new ClusterTargetRules(options, machine, errors).ReadTargets(cluster);
        var require = new TargetRules(options, machine, errors).ReadRequirement(targets.Count);
        var recording = Recording.Read(options, machine, errors, out notes);
        return errors.Any ? null : recording.Plan(sessionId, folder, targets, launch: null, require);
    }

    /// <summary>Adds what is wrong with a session on the nodes of a cluster, as far as it shows without asking them.</summary>
    /// <param name="notes">What is allowed but may surprise.</param>
    public static void CheckForCluster(RecordOptions options, IMachine machine, UsageErrors errors, out IReadOnlyList<string> notes)
    {
        new ClusterTargetRules(options, machine, errors).Check();
        new TargetRules(options, machine, errors).ReadRequirement(browsers: 0);
        Recording.Read(options, machine, errors, out notes);
    }

    /// <summary>What is the same wherever the browsers are.</summary>
    private sealed record Recording(WindowPlan Window, TracingPlan Tracing, PhaseTimeouts Timeouts, MergeChoice Merge, TimeSpan? MaxClockError)
    {
        public static Recording Read(RecordOptions options, IMachine machine, UsageErrors errors, out IReadOnlyList<string> notes)
        {
            var window = WindowRules.Read(options, errors);
            var tracingRules = new TracingRules(options, machine, errors);
            var tracing = tracingRules.Read();
            notes = tracingRules.Notes;
            return new Recording(
                window, tracing, WindowRules.ReadTimeouts(options, errors), MergeRules.Read(options.Merge, tracing.Format, errors),
                MergeRules.ReadMaxClockError(options.MaxClockError, errors));
        }

        public SessionPlan Plan(string sessionId, string folder, IReadOnlyList<BrowserTarget> targets, LaunchPlan? launch, Requirement require) => new()
        {
            SessionId = sessionId,
            OutputFolder = folder,
            Targets = targets,
            Launch = launch,
            Tracing = Tracing,
            Window = Window,
            Require = require,
            Timeouts = Timeouts,
            Merge = Merge,
            MaxClockError = MaxClockError,
        };
    }
}
