using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>A test that needs a real browser, which it finds as the orchestrator does.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = Chromium.WhyNone;
}

/// <inheritdoc cref="ChromiumFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute() => Skip = Chromium.WhyNone;
}

internal static class Chromium
{
    static Chromium()
    {
        var errors = new UsageErrors();
        var rules = new TargetRules(new RecordOptions { Urls = ["about:blank"] }, new LocalMachine(), errors);
        Path = rules.ReadLaunch(rules.ReadTargets())?.ChromePath;
        WhyNone = Path is null ? string.Join("; ", errors.Lines) : null;
    }

    public static string? Path { get; }

    /// <summary>Null when there is one.</summary>
    public static string? WhyNone { get; }
}
