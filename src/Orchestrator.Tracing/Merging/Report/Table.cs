namespace Orchestrator.Tracing.Merging.Report;

/// <summary>A column's head; numbers stand on the right.</summary>
internal readonly record struct Column(string Name, bool IsNumber = false)
{
    public static implicit operator Column(string name) => new(name);

    public static Column Number(string name) => new(name, IsNumber: true);
}

/// <summary>A table that can be folded away, and whose rows can be filtered.</summary>
internal static class Table
{
    /// <param name="isOpen">False: folded until somebody opens it; on paper it is open all the same.</param>
    public static void Open(Html html, string title, bool isOpen, params IReadOnlyList<Column> columns)
    {
        if (isOpen) html.Add($"""<details open="">""");
        else html.Add($"<details>");
        html.Add($"""<summary>{title}</summary><div class="scroll"><table aria-label="{title}"><thead><tr>""");
        foreach (var column in columns)
        {
            if (column.IsNumber) html.Add($"""<th scope="col" class="n">{column.Name}</th>""");
            else html.Add($"""<th scope="col">{column.Name}</th>""");
        }

        html.Add($"</tr></thead><tbody>\n");
    }

    public static void Close(Html html) => html.Add($"</tbody></table></div></details>\n");

    public static void RowOf(Html html, AlignedBrowser browser) => html.Add($"""<tr><th scope="row">{browser.MergedName}</th>""");

    public static void EndRow(Html html) => html.Add($"</tr>\n");

    public static void Text(Html html, string? text) => html.Add($"<td>{text ?? Units.Unknown}</td>");

    public static void Number(Html html, string? number) => html.Add($"""<td class="n">{number ?? Units.Unknown}</td>""");
}
