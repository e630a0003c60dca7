using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Tracing.Sessions;

/// <summary>How many of a session's browsers must take part: <c>all</c>, a number, or a share in percent, rounded up.</summary>
[JsonConverter(typeof(RequirementJsonConverter))]
public readonly record struct Requirement
{
    private readonly int _value;
    private readonly bool _isPercent;

    private Requirement(int value, bool isPercent) => (_value, _isPercent) = (value, isPercent);

    public static Requirement All { get; } = new(100, isPercent: true);

    /// <param name="browsers">1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public static Requirement AtLeast(int browsers) =>
        browsers >= 1 ? new(browsers, isPercent: false) : throw new ArgumentOutOfRangeException(nameof(browsers), browsers, "It is 1 or more.");

    /// <summary>Reads <c>all</c>, <c>3</c> or <c>80%</c> (1 % to 100 %).</summary>
    public static bool TryParse(string text, out Requirement requirement)
    {
        requirement = All;
        if (string.Equals(text, "all", StringComparison.OrdinalIgnoreCase)) return true;
        var percent = text.EndsWith('%');
        if (!int.TryParse(percent ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            || value < 1 || (percent && value > 100)) return false;
        requirement = new Requirement(value, percent);
        return true;
    }

    /// <summary>The number of browsers that this asks for, of <paramref name="total"/>; may be more than there are.</summary>
    public int Of(int total) => _isPercent ? (int)(((long)total * _value + 99) / 100) : _value;

    public override string ToString() =>
        (_value, _isPercent) switch
        {
            (100, true) => "all",
            (_, true) => string.Create(CultureInfo.InvariantCulture, $"{_value}%"),
            _ => _value.ToString(CultureInfo.InvariantCulture),
        };
}

/// <summary>Writes a requirement as the user types it.</summary>
public sealed class RequirementJsonConverter : JsonConverter<Requirement>
{
    public override Requirement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Requirement.TryParse(reader.GetString() ?? "", out var requirement)
            ? requirement
            : throw new JsonException("A requirement is 'all', a number or a percentage.");

    public override void Write(Utf8JsonWriter writer, Requirement value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
