using Orchestrator.Host.CommandLine;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>Durations that were typed.</summary>
internal static class DurationOptions
{
    /// <summary>The option's value, or the default when it was not given; the default, too, with an error added.</summary>
    public static TimeSpan Read(string option, string? text, TimeSpan unlessGiven, TimeSpan least, TimeSpan most, UsageErrors errors)
    {
        if (text is null) return unlessGiven;
        if (!Durations.TryParse(text, out var duration))
        {
            errors.Add(option, text, $"not a duration; write a number and us, ms, s, m or h, such as {Durations.Format(unlessGiven)}");
            return unlessGiven;
        }

        if (duration >= least && duration <= most) return duration;
        errors.Add(option, text, $"out of range; {Durations.Format(least)} to {Durations.Format(most)} is allowed");
        return unlessGiven;
    }
}
