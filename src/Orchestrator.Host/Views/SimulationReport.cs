using System.Globalization;
using Orchestrator.TestKit.Simulations;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Spectre.Console;

namespace Orchestrator.Host.Views;

/// <summary>What came of a simulated session, for people.</summary>
internal static class SimulationReport
{
    private const int MostNamed = 10;

    public static void Write(SimulationResult result, IAnsiConsole to)
    {
        var scenario = result.Scenario;
        Line(to, string.Create(
            CultureInfo.InvariantCulture,
            $"scenario {scenario.Name}, seed {scenario.Seed}: {Figures.Count(scenario.Browsers, "browser")} on {Figures.Count(scenario.Nodes, "node")}, a window of {Durations.Format(scenario.Duration)}"));
        to.Write(Outcomes(result, to));
        to.Write(Measures(result, to));
        to.Write(Messages(result, to));
        WriteTruth(result, to);
        if (result.Recovered) Line(to, "the process that recorded was killed, and another one gave the session its outcome");
        else if (scenario.KillProcessAtEvent is { } never) Line(to, $"no process took over: the journal did not get beyond event {never}, at which the first one was to be killed");
        var reason = result.Document.Reason is { } why ? $": {why}" : "";
        to.Write(new Markup($"session [bold {Figures.Colour(result.Document.Outcome)}]{Figures.Outcome(result.Document.Outcome)}[/]{Markup.Escape(reason)}\n"));
        Line(to, $"{Figures.Seconds(result.VirtualTime)} were simulated in {Figures.Seconds(result.RealTime)}{Faster(result)}");
    }

    extension(SimulationResult result)
    {
        public bool HoldsAllPromises => result is { BrokenPromises.Count: 0, OutsideOfBound.Count: 0 };

        /// <summary>Browsers whose clock jumped or stood still so that nobody could see it: no bound is promised of these.</summary>
        public IReadOnlyList<string> UnseenJumps =>
            [.. result.Browsers.Where(browser => browser is { ClockIsEven: false, IsOutsideOfBound: true }).Select(browser => browser.Name)];
    }

    /// <summary>How many times as fast as real time; null when it took no time.</summary>
    public static double? SpeedUp(SimulationResult result) => result.RealTime > TimeSpan.Zero ? result.VirtualTime / result.RealTime : null;

    private static Table Outcomes(SimulationResult result, IAnsiConsole to)
    {
        var table = New(to, "outcome", "browsers", "share");
        foreach (var (outcome, count) in result.Outcomes.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key))
        {
            table.AddRow(
                new Markup($"[{Figures.Colour(outcome)}]{outcome.Name()}[/]"),
                new Text(Number(count)),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{100.0 * count / result.Scenario.Browsers:0.0} %")));
        }

        return table;
    }

    private static Table Measures(SimulationResult result, IAnsiConsole to)
    {
        var table = New(to, "over the browsers", "p50", "p99", "max");
        foreach (var (name, measured) in ((string, Quantiles?)[])[("start skew", result.StartSkew), ("clock bound", result.ClockBound), ("clock error against the truth", result.ClockError)])
            table.AddRow([new Text(name), .. ((TimeSpan?[])[measured?.P50, measured?.P99, measured?.Max]).Select(value => new Text(value is { } span ? Figures.Micros(span) : "-"))]);
        return table;
    }

    private static Table Messages(SimulationResult result, IAnsiConsole to)
    {
        var table = New(to, "message", "count", "per node", "per browser");
        foreach (var (kind, count) in result.Messages.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var isOfNodes = kind.StartsWith("node ", StringComparison.Ordinal);
            var isOfBrowsers = kind.StartsWith("browser ", StringComparison.Ordinal) || kind.StartsWith("CDP ", StringComparison.Ordinal);
            table.AddRow(
                new Text(kind),
                new Text(Number(count)),
                new Text(isOfNodes ? Each(count, result.Scenario.Nodes) : ""),
                new Text(isOfBrowsers ? Each(count, result.Scenario.Browsers) : ""));
        }

        return table;
    }

    private static void WriteTruth(SimulationResult result, IAnsiConsole to)
    {
        if (result.UnseenJumps is [_, ..] unseen)
        {
            var more = unseen.Count > MostNamed ? string.Create(CultureInfo.InvariantCulture, $" and {unseen.Count - MostNamed} more") : "";
            Line(to, $"clocks that jumped or stood still where no marker shows it, and left their bound: {string.Join(", ", unseen.Take(MostNamed))}{more}", Color.Yellow);
        }

        if (!result.HoldsAllPromises)
        {
            Line(to, string.Create(CultureInfo.InvariantCulture, $"broken promises: {Math.Max(result.BrokenPromises.Count, result.OutsideOfBound.Count)}"), Color.Red);
            return;
        }

        var known = result.Browsers.Count(browser => browser.ClockBound is not null);
        Line(to, $"every promise held: the truth is within the bound of each clock that ran evenly; {known} of {Figures.Count(result.Scenario.Browsers, "clock")} are known throughout the window");
    }

    private static string Faster(SimulationResult result) => SpeedUp(result) is { } times ? string.Create(CultureInfo.InvariantCulture, $", {times:N1} times as fast as real time") : "";

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Each(long count, int among) => ((double)count / among).ToString("N1", CultureInfo.InvariantCulture);

    private static Table New(IAnsiConsole to, params string[] columns)
    {
        var table = new Table { Border = to.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumns(columns);
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        return table;
    }

    private static void Line(IAnsiConsole to, string text, Color? colour = null) =>
        to.Write(new Text(text + "\n", colour is { } chosen ? new Style(chosen) : Style.Plain));
}
