namespace Orchestrator.TestKit.Hocon;

/// <summary>Puts values in the places of references, and one value in the place of several side by side.</summary>
internal sealed class HoconResolution
{
    // A few lines of references to references can stand for more than any memory holds.
    private const int MostValues = 100_000;
    private const int Deepest = 512;
    private const int MostCharacters = 4 << 20;

    private readonly HoconObject _root;
    private readonly HashSet<HoconReference> _under = new(ReferenceEqualityComparer.Instance);
    private int _values;
    private long _characters;
    private int _depth;

    private HoconResolution(HoconObject root) => _root = root;

    public static HoconObject Resolve(HoconObject root) => new HoconResolution(root).Resolved(root);

    private HoconObject Resolved(HoconObject block)
    {
        var resolved = new HoconObject(block.Line);
        foreach (var (key, member) in block.Members)
        {
            if (Resolved(member.Value) is { } value) resolved.Set(key, member with { Value = value });
        }

        return resolved;
    }

    /// <summary>The value itself; null where an optional reference names nothing.</summary>
    private HoconNode? Resolved(HoconNode node)
    {
        if (++_values > MostValues) throw new HoconException(node.Line, $"the references of this file stand for more than {MostValues} values");
        if (++_depth > Deepest) throw new HoconException(node.Line, $"more than {Deepest} values stand within each other or refer to each other");
        var value = node switch
        {
            HoconObject block => Resolved(block),
            HoconList list => new HoconList(list.Line, [.. list.Items.Select(Resolved).OfType<HoconNode>()]),
            HoconReference reference => Referred(reference),
            HoconSequence sequence => Joined(sequence),
            HoconOverlay overlay => Overlaid(overlay),
            _ => node,
        };
        _depth--;
        return value;
    }

    private HoconNode? Referred(HoconReference reference)
    {
        var name = string.Join('.', reference.Path);
        if (!_under.Add(reference)) throw new HoconException(reference.Line, $"the reference to '{name}' leads back to itself");
        HoconNode? found = _root;
        foreach (var key in reference.Path)
        {
            // Blocks are gone through as they stand: to resolve all of one because of one of its keys could lead back here.
            var block = found is HoconObject or null ? found : Resolved(found);
            found = block is HoconObject inner && inner.TryGet(key, out var member) ? member.Value : null;
        }

        var value = found is null ? null : Resolved(found);
        _under.Remove(reference);
        if (value is not null || reference.IsOptional) return value;
        throw new HoconException(reference.Line, $"there is no '{name}' in this file");
    }

    private HoconNode? Joined(HoconSequence sequence)
    {
        var parts = sequence.Parts.Select(Resolved).OfType<HoconNode>().ToList();
        var solid = parts.Where(part => part is not HoconText { Text: var text } || !string.IsNullOrWhiteSpace(text)).ToList();
        if (solid.Count == 0) return parts.Count > 0 ? Concatenated(sequence, parts) : null;
        if (solid.TrueForAll(part => part is HoconList)) return new HoconList(sequence.Line, [.. solid.Cast<HoconList>().SelectMany(list => list.Items)]);
        if (solid.TrueForAll(part => part is HoconText)) return Concatenated(sequence, parts);
        if (solid.TrueForAll(part => part is HoconObject)) return solid.Cast<HoconObject>().Aggregate(new HoconObject(sequence.Line), Over);
        throw new HoconException(sequence.Line, "texts, lists and blocks cannot be joined with each other; a newline or a ',' may be missing");
    }

    private HoconText Concatenated(HoconSequence sequence, List<HoconNode> parts)
    {
        _characters += parts.Cast<HoconText>().Sum(part => (long)part.Text.Length);
        if (_characters > MostCharacters) throw new HoconException(sequence.Line, $"the references of this file stand for more than {MostCharacters} characters");
        return new HoconText(sequence.Line, string.Concat(parts.Cast<HoconText>().Select(part => part.Text)).Trim());
    }

    private HoconNode? Overlaid(HoconOverlay overlay)
    {
        var (below, above) = (Resolved(overlay.Below), Resolved(overlay.Above));
        return below is HoconObject one && above is HoconObject other ? Over(Over(new HoconObject(overlay.Line), one), other) : above ?? below;
    }

    /// <summary>Puts one resolved block over another, which is changed.</summary>
    private static HoconObject Over(HoconObject below, HoconObject above)
    {
        foreach (var (key, member) in above.Members) HoconReader.Merge(below, key, member);
        return below;
    }
}
