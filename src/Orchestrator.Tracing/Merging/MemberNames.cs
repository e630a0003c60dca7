namespace Orchestrator.Tracing.Merging;

/// <summary>
/// Names that every reader of a TAR takes: letters, digits, <c>-_.</c>, no folder, no leading dot (Perfetto skips such members),
/// at most 100 characters (longer ones it refuses), each once.
/// </summary>
internal sealed class MemberNames
{
    private const int MostChars = 80;

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    public string Take(string wanted, string extension)
    {
        var safe = new string([.. wanted.Take(MostChars).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '_')]).TrimStart('.');
        if (safe.Length == 0) safe = "_";
        var name = safe + extension;
        for (var number = 2; !_taken.Add(name); number++) name = $"{safe}-{number}{extension}";
        return name;
    }
}
