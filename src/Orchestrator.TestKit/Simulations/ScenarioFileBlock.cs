using Orchestrator.TestKit.Hocon;

namespace Orchestrator.TestKit.Simulations;

/// <summary>One block of a scenario file, read key by key; what nobody asked for is a mistake.</summary>
/// <param name="path">Of the block; empty for the file's own keys.</param>
/// <param name="members">Null when the block is not there.</param>
internal sealed class ScenarioFileBlock(string path, int line, HoconObject? members, ScenarioFileFindings findings)
{
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    public string Path => path;

    public bool Has(string key) => members?.TryGet(key, out _) ?? false;

    public IEnumerable<string> Keys => members?.Members.Select(member => member.Key) ?? [];

    /// <summary>The key's value; null when it is not there.</summary>
    public ScenarioFileValue? Value(string key)
    {
        _known.Add(key);
        findings.Know(Under(key));
        return members is not null && members.TryGet(key, out var member) ? new ScenarioFileValue(Under(key), member.Line, member.Value, findings) : null;
    }

    /// <summary>The key's value; null with a complaint when it is not there.</summary>
    /// <param name="says">What the key would say.</param>
    public ScenarioFileValue? Required(string key, string says)
    {
        var value = Value(key);
        if (value is null) Complain($"the key '{key}' is missing: {says}");
        return value;
    }

    /// <summary>The block of this key; an empty one when it is not there, or is none.</summary>
    public ScenarioFileBlock Block(string key) => Value(key)?.AsBlock() ?? new ScenarioFileBlock(Under(key), line, null, findings);

    public void Complain(string problem) => findings.Add(line, path, problem);

    /// <summary>Complains about the keys that nobody asked for. Call it last.</summary>
    public void Close()
    {
        foreach (var (key, member) in members?.Members ?? [])
        {
            if (!_known.Contains(key)) findings.Add(member.Line, Under(key), $"there is no such key; there {(_known.Count == 1 ? "is" : "are")}: {string.Join(", ", _known)}");
        }
    }

    private string Under(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
