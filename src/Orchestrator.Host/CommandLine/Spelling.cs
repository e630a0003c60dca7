namespace Orchestrator.Host.CommandLine;

/// <summary>What somebody probably meant.</summary>
internal static class Spelling
{
    /// <summary>The word that differs from <paramref name="typed"/> in at most a third of its letters, the nearest one; null when there is none.</summary>
    public static string? Nearest(string typed, IEnumerable<string> words)
    {
        var (nearest, distance) = words.Select(word => (word, Distance(typed, word))).DefaultIfEmpty(("", int.MaxValue)).MinBy(pair => pair.Item2);
        return distance <= Math.Max(1, nearest.Length / 3) ? nearest : null;
    }

    /// <summary>How many letters must be put in, taken out or changed (Levenshtein), case apart.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                (diagonal, row[j]) = (row[j], Math.Min(diagonal + (same ? 0 : 1), Math.Min(row[j], row[j - 1]) + 1));
            }
        }

        return row[^1];
    }
}
