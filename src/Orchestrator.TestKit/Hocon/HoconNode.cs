using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.TestKit.Hocon;

/// <summary>A value in a HOCON file, and the line where it begins.</summary>
internal abstract record HoconNode(int Line);

internal sealed record HoconText(int Line, string Text) : HoconNode(Line);

internal sealed record HoconList(int Line, IReadOnlyList<HoconNode> Items) : HoconNode(Line);

/// <summary>Keys with their values, in the file's order.</summary>
internal sealed record HoconObject(int Line) : HoconNode(Line)
{
    private readonly Dictionary<string, HoconMember> _members = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    public IEnumerable<(string Key, HoconMember Member)> Members => _order.Select(key => (key, _members[key]));

    public bool TryGet(string key, [NotNullWhen(true)] out HoconMember? member) => _members.TryGetValue(key, out member);

    public void Set(string key, HoconMember member)
    {
        if (!_members.ContainsKey(key)) _order.Add(key);
        _members[key] = member;
    }
}

/// <param name="Line">Where the key stands.</param>
internal sealed record HoconMember(int Line, HoconNode Value);

/// <summary><c>${path}</c>; with a question mark it may name nothing. No resolved file has any.</summary>
internal sealed record HoconReference(int Line, IReadOnlyList<string> Path, bool IsOptional) : HoconNode(Line);

/// <summary>Values side by side on one line: texts become one text, lists one list, blocks one block.</summary>
internal sealed record HoconSequence(int Line, IReadOnlyList<HoconNode> Parts) : HoconNode(Line);

/// <summary>A key that was given again where it takes a reference to know what comes of both.</summary>
internal sealed record HoconOverlay(int Line, HoconNode Below, HoconNode Above) : HoconNode(Line);

/// <summary>The text is no HOCON.</summary>
internal sealed class HoconException(int line, string problem) : Exception(problem)
{
    public int Line => line;
}
