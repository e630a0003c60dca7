using System.Globalization;
using Orchestrator.Actors.Hosting;
using Orchestrator.Tracing.Clocks;
using Spectre.Console;

namespace Orchestrator.Host.Views;

/// <summary>A cluster, for people.</summary>
internal static class ClusterReport
{
    public static void Write(ClusterStatus cluster, TimeProvider time, IAnsiConsole to)
    {
        to.Write(Nodes(cluster, to.Profile.Capabilities.Unicode));
        foreach (var node in cluster.Nodes)
        {
            if (node.Refused is { } reason) Line(to, $"{node.Name} is refused: {reason}", Color.Red);
            if (node.Offers.Count > 0) Line(to, $"{node.Name} offers {string.Join(", ", node.Offers)}");
            if (node.Spools.Count > 0) Line(to, $"{node.Name} keeps recordings of {string.Join(", ", node.Spools)}");
        }

        Line(to, string.Create(CultureInfo.InvariantCulture, $"coordinator: {cluster.Coordinator}, term {cluster.Epoch}"));
        if (cluster.OpenSessions.Count == 0) Line(to, "no session is open");
        else to.Write(Sessions(cluster, time, to.Profile.Capabilities.Unicode));
    }

    private static Table Nodes(ClusterStatus cluster, bool unicode)
    {
        var table = New(unicode, "node", "roles", "state", "version", "clock", "recording", "offers", "http");
        table.Columns[5].RightAligned();
        table.Columns[6].RightAligned();
        foreach (var node in cluster.Nodes)
        {
            table.AddRow(
                new Text(node.Name),
                new Text(string.Join(", ", node.Roles)),
                new Markup($"[{(node.Refused is not null ? "red" : node.State == NodeStatus.Up ? "green" : "yellow")}]{Markup.Escape(node.Refused is null ? node.State : "refused")}[/]"),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{node.Version} (protocol {node.Protocol})")),
                new Text(Clock(node, cluster)),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{node.Recording} of {node.Capacity}")),
                new Text(node.Offers.Count.ToString(CultureInfo.InvariantCulture)),
                new Text(node.Http?.OriginalString ?? "-"));
        }

        return table;
    }

    private static string Clock(NodeStatus node, ClusterStatus cluster) => node.Clock switch
    {
        _ when node.Name == cluster.Coordinator => "reference",
        null => "-",
        { Relation: ClockRelation.Measured, BoundNanos: { } bound } => $"± {Figures.Micros(Math.Ceiling(bound / 1000.0))}",
        { Relation: var relation } => Figures.Relation(relation),
    };

    private static Table Sessions(ClusterStatus cluster, TimeProvider time, bool unicode)
    {
        var table = New(unicode, "open session", "phase", "browsers", "opened");
        table.Columns[2].RightAligned();
        foreach (var session in cluster.OpenSessions)
            table.AddRow(session.SessionId, session.Phase.ToString().ToLowerInvariant(), session.Browsers.ToString(CultureInfo.InvariantCulture), Figures.Local(session.OpenedAt, time));
        return table;
    }

    private static Table New(bool unicode, params string[] columns)
    {
        var table = new Table { Border = unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumns(columns);
        return table;
    }

    private static void Line(IAnsiConsole to, string text, Color? colour = null) =>
        to.Write(new Text(text + "\n", colour is { } chosen ? new Style(chosen) : Style.Plain));
}
