using System.Text;
using System.Text.Json;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Host.CommandLine;

namespace Orchestrator.Host.Planning;

/// <summary>
/// Reads a file that holds the protocol's <c>TraceConfig</c> as JSON. Chromium skips what it does not know and takes
/// wrong types for absent, so every field is checked here, each error with its place.
/// </summary>
internal sealed class TraceConfigFile
{
    private static readonly string[] Fields =
    [
        "recordMode", "traceBufferSizeInKb", "enableSampling", "enableSystrace", "enableArgumentFilter",
        "includedCategories", "excludedCategories", "syntheticDelays", "memoryDumpConfig",
    ];

    private readonly string _path;
    private readonly byte[] _json;
    private readonly UsageErrors _errors;

    private TraceConfigFile(string path, byte[] json, UsageErrors errors) => (_path, _json, _errors) = (path, json, errors);

    /// <summary>The config; where there are errors, what could be read of it.</summary>
    public static TraceConfig Read(string path, byte[] bytes, UsageErrors errors)
    {
        var json = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        return new TraceConfigFile(path, json, errors).Read();
    }

    private TraceConfig Read()
    {
        var config = new TraceConfig();
        try
        {
            var reader = new Utf8JsonReader(_json);
            reader.Read();
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                Wrong(reader.TokenStartIndex, "a trace config is a JSON object, {…}");
                return config;
            }

            var seen = new HashSet<string>();
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var at = reader.TokenStartIndex;
                var name = reader.GetString()!;
                reader.Read();
                if (!seen.Add(name)) Wrong(at, $"the field '{name}' is there twice");
                config = ReadField(config, name, at, ref reader);
            }

            // Throws when anything but white space follows.
            reader.Read();
        }
        catch (JsonException wrong)
        {
            _errors.Add("--trace-config", _path, $"line {wrong.LineNumber + 1}, column {wrong.BytePositionInLine + 1}: not JSON: {Sentence(wrong)}");
        }
        catch (InvalidOperationException)
        {
            _errors.Add("--trace-config", _path, "not JSON: a text in it is not valid UTF-8");
        }

        return config;
    }

    /// <summary>What the JSON reader says, without the place, which is told in front.</summary>
    internal static string Sentence(JsonException exception) =>
        exception.Message.Split(" LineNumber:")[0].Split(" Path:")[0].TrimEnd('.');

    private TraceConfig ReadField(TraceConfig config, string name, long at, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "recordMode":
                return config with { RecordMode = ReadRecordMode(ref reader) };
            case "traceBufferSizeInKb":
                return config with { TraceBufferSizeInKb = ReadBufferSize(ref reader) };
            case "enableSampling":
                return config with { EnableSampling = ReadBoolean(name, ref reader) };
            case "enableSystrace":
                return config with { EnableSystrace = ReadBoolean(name, ref reader) };
            case "enableArgumentFilter":
                return config with { EnableArgumentFilter = ReadBoolean(name, ref reader) };
            case "includedCategories":
                return config with { IncludedCategories = ReadTexts(name, CategoryFilter.Problem, ref reader) };
            case "excludedCategories":
                return config with { ExcludedCategories = ReadTexts(name, CategoryFilter.Problem, ref reader) };
            case "syntheticDelays":
                return config with { SyntheticDelays = ReadTexts(name, text => string.IsNullOrWhiteSpace(text) ? "an item is empty" : null, ref reader) };
            case "memoryDumpConfig":
                return config with { MemoryDumpConfig = ReadMemoryDumpConfig(ref reader) };
            default:
                var near = Spelling.Nearest(name, Fields);
                Wrong(at, $"unknown field {UsageErrors.Shown(name)}; {(near is null ? $"there are {string.Join(", ", Fields)}" : $"did you mean '{near}'?")}");
                reader.Skip();
                return config;
        }
    }

    private RecordMode? ReadRecordMode(ref Utf8JsonReader reader)
    {
        if (!Is(JsonTokenType.String, "recordMode", "a text", ref reader)) return null;
        var text = reader.GetString()!;
        foreach (var (word, mode) in Choices.RecordModes)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase)) return mode;
        }

        Wrong(reader.TokenStartIndex, $"recordMode {UsageErrors.Shown(text)} is {Choices.Unknown(text, Choices.RecordModes)}");
        return null;
    }

    private double? ReadBufferSize(ref Utf8JsonReader reader)
    {
        if (!Is(JsonTokenType.Number, "traceBufferSizeInKb", "a number", ref reader)) return null;
        if (reader.TryGetInt32(out var size) && size is >= 0 and <= TracingRules.LargestBufferKb) return size;
        Wrong(reader.TokenStartIndex, $"traceBufferSizeInKb is not a whole number from 0 (the browser's default, 200 MB) to {TracingRules.LargestBufferKb}");
        return null;
    }

    private bool? ReadBoolean(string name, ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False) return reader.GetBoolean();
        return Is(JsonTokenType.True, name, "true or false", ref reader);
    }

    private List<string>? ReadTexts(string name, Func<string, string?> problemOf, ref Utf8JsonReader reader)
    {
        if (!Is(JsonTokenType.StartArray, name, "a list of texts", ref reader)) return null;
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (!Is(JsonTokenType.String, $"{name}[{texts.Count}]", "a text", ref reader)) continue;
            var text = reader.GetString()!;
            if (problemOf(text) is { } problem) Wrong(reader.TokenStartIndex, $"{name}: {problem}");
            texts.Add(text);
        }

        return texts;
    }

    private MemoryDumpConfig? ReadMemoryDumpConfig(ref Utf8JsonReader reader)
    {
        if (!Is(JsonTokenType.StartObject, "memoryDumpConfig", "an object", ref reader)) return null;
        var at = reader.TokenStartIndex;
        var json = JsonElement.ParseValue(ref reader);
        foreach (var problem in MemoryDumpTriggers.Problems(json)) Wrong(at, $"memoryDumpConfig: {problem}");
        return new MemoryDumpConfig(json);
    }

    /// <summary>True when the value is of this kind; else an error, and the value is skipped.</summary>
    private bool Is(JsonTokenType kind, string field, string what, ref Utf8JsonReader reader)
    {
        if (reader.TokenType == kind) return true;
        Wrong(reader.TokenStartIndex, $"{field} is not {what}");
        reader.Skip();
        return false;
    }

    private void Wrong(long at, string problem)
    {
        var before = _json.AsSpan(0, (int)at);
        var line = before.Count((byte)'\n') + 1;
        var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        _errors.Add("--trace-config", _path, $"line {line}, column {column}: {problem}");
    }
}
