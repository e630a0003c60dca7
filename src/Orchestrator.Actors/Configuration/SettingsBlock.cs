using System.Globalization;
using Akka.Configuration;

namespace Orchestrator.Actors.Configuration;

/// <summary>One block of HOCON that is read key by key and keeps every complaint, so that all are told at once.</summary>
internal sealed class SettingsBlock(string path, Config block)
{
    private readonly List<string> _errors = [];
    private readonly HashSet<string> _known = [];
    private readonly List<SettingsBlock> _inner = [];

    /// <summary>What is wrong with the block, the keys included that nobody asked for. Call it last.</summary>
    public IReadOnlyList<string> Errors()
    {
        IEnumerable<string> keys = block.IsEmpty ? [] : block.Root.GetObject().Items.Keys;
        foreach (var key in keys.Where(key => !_known.Contains(key)).Order(StringComparer.Ordinal))
            _errors.Add($"{path}.{key}: there is no such setting; there are: {string.Join(", ", _known.Order(StringComparer.Ordinal))}.");
        return [.. _errors, .. _inner.SelectMany(inner => inner.Errors())];
    }

    public void Complain(string key, string problem) => _errors.Add($"{path}.{key}: {problem}.");

    /// <summary>A block within this one; what is wrong with it comes with this one's errors.</summary>
    public SettingsBlock Block(string key)
    {
        _known.Add(key);
        var isBlock = block.GetValue(key)?.IsObject() == true;
        if (!isBlock) Complain(key, $"'{block.GetString(key, "")}' is not a block; write {key} {{ ... }}");
        var inner = new SettingsBlock($"{path}.{key}", isBlock ? block.GetConfig(key) : Config.Empty);
        _inner.Add(inner);
        return inner;
    }

    public string Text(string key)
    {
        _known.Add(key);
        return block.GetString(key, "");
    }

    /// <summary><c>on</c> or <c>off</c>.</summary>
    public bool Switch(string key) => Read(key, () => block.GetBoolean(key), "on or off");

    public int Number(string key, int least, int most) =>
        Within(key, Read(key, () => int.Parse(block.GetString(key), NumberStyles.Integer, CultureInfo.InvariantCulture), "a whole number"), least, most);

    public TimeSpan Duration(string key, TimeSpan least, TimeSpan most) =>
        Within(key, Read(key, () => block.GetTimeSpan(key, allowInfinite: false), "a duration such as 500ms, 5s or 2m"), least, most);

    public int Size(string key, int least, int most) =>
        (int)Within(key, Read(key, () => block.GetByteSize(key) ?? throw new FormatException(), "a size such as 1MiB"), least, most);

    private T Read<T>(string key, Func<T> read, string wanted) where T : struct
    {
        _known.Add(key);
        try
        {
            return read();
        }
        catch (Exception)
        {
            // Each kind of value throws its own exception types for text that is not one; they all mean this.
            _errors.Add($"{path}.{key}: '{block.GetString(key, "")}' is not {wanted}.");
            return default;
        }
    }

    private T Within<T>(string key, T value, T least, T most) where T : struct, IComparable<T>
    {
        var complained = _errors.Any(error => error.StartsWith($"{path}.{key}:", StringComparison.Ordinal));
        if (!complained && (value.CompareTo(least) < 0 || value.CompareTo(most) > 0))
            _errors.Add(string.Create(CultureInfo.InvariantCulture, $"{path}.{key}: {value} is out of range; from {least} to {most} is allowed."));
        return value;
    }
}
