using System.Text;
using System.Text.Json;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Api;

/// <summary>The body that asks for a session: <c>record</c>'s options as JSON, and the contents of the files that they name.</summary>
internal static class SessionRequest
{
    private static readonly Dictionary<string, string> NotFromOutside = new(StringComparer.Ordinal)
    {
        ["chrome"] = "each node launches the browser that its own settings name; leave it out",
        ["chromeArg"] = "each node launches browsers as its own settings say; leave it out",
        ["output"] = "the server decides where the session's folder is; leave it out, and fetch the artifacts",
    };

    /// <summary>What was asked for; every error is added.</summary>
    /// <param name="contents">The files' contents, under their fields' names, which stand for their paths in the options.</param>
    public static RecordOptions Read(ReadOnlyMemory<byte> utf8, UsageErrors errors, out IReadOnlyDictionary<string, byte[]> contents)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        contents = files;
        var options = new RecordOptions();
        try
        {
            using var json = JsonDocument.Parse(utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8);
            if (json.RootElement.ValueKind is not JsonValueKind.Object)
            {
                errors.Add("the body is a JSON object, {…}, with the options of 'orchestrator record' in camelCase");
                return options;
            }

            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in json.RootElement.EnumerateObject())
            {
                var field = RecordFields.All.FirstOrDefault(field => field.Name == property.Name);
                if (field is null) errors.Add(property.Name, null, Unknown(property.Name));
                else if (!seen.Add(property.Name)) errors.Add(field.Option, null, "is there twice");
                else if (property.Value.ValueKind is JsonValueKind.Null) continue;
                else if (Value(field, property.Value, files) is { } value) options = field.Set(options, value);
                else errors.Add(field.Option, null, Wanted(field.Kind));
            }
        }
        catch (JsonException wrong)
        {
            errors.Add($"the body is not JSON: line {wrong.LineNumber + 1}, column {wrong.BytePositionInLine + 1}: {TraceConfigFile.Sentence(wrong)}");
        }
        catch (InvalidOperationException)
        {
            errors.Add("the body is not JSON: a text in it is not valid UTF-8");
        }

        return options;
    }

    /// <summary>The body that asks for what these options ask for.</summary>
    /// <param name="options">In order: files that they name can be read, and hold what they should.</param>
    public static byte[] Write(RecordOptions options, Func<string, byte[]> read)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var field in RecordFields.All)
            {
                if (field.Get(options) is not { } value) continue;
                json.WritePropertyName(field.Name);
                switch (field.Kind)
                {
                    case FieldKind.Switch:
                        json.WriteBooleanValue((bool)value);
                        break;
                    case FieldKind.List:
                        json.WriteStartArray();
                        foreach (var text in (IReadOnlyList<string>)value) json.WriteStringValue(text);
                        json.WriteEndArray();
                        break;
                    case FieldKind.JsonFile:
                        var content = read((string)value);
                        json.WriteRawValue(content.AsSpan().StartsWith("\uFEFF"u8) ? content.AsSpan(3) : content);
                        break;
                    case FieldKind.BinaryFile:
                        json.WriteBase64StringValue(read((string)value));
                        break;
                    default:
                        json.WriteStringValue((string)value);
                        break;
                }
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>Null: it is of another kind.</summary>
    private static object? Value(RecordField field, JsonElement json, Dictionary<string, byte[]> files)
    {
        switch (field.Kind)
        {
            case FieldKind.Text:
                return json.ValueKind is JsonValueKind.String ? json.GetString() : json.ValueKind is JsonValueKind.Number ? json.GetRawText() : null;
            case FieldKind.Switch:
                return json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : null;
            case FieldKind.List:
                if (json.ValueKind is not JsonValueKind.Array || json.EnumerateArray().Any(item => item.ValueKind is not JsonValueKind.String)) return null;
                return (IReadOnlyList<string>)[.. json.EnumerateArray().Select(item => item.GetString()!)];
            case FieldKind.JsonFile:
                if (json.ValueKind is not JsonValueKind.Object) return null;
                files[field.Name] = Encoding.UTF8.GetBytes(json.GetRawText());
                return field.Name;
            default:
                if (json.ValueKind is not JsonValueKind.String || !json.TryGetBytesFromBase64(out var bytes)) return null;
                files[field.Name] = bytes;
                return field.Name;
        }
    }

    private static string Wanted(FieldKind kind) => kind switch
    {
        FieldKind.Text => "is not a text or a number",
        FieldKind.Switch => "is not true or false",
        FieldKind.List => "is not a list of texts; write it even for one, [\"…\"]",
        FieldKind.JsonFile => "is not an object; what the command line's file holds is written here, {…}",
        _ => "is not a text in Base64; what the command line's file holds is written here",
    };

    private static string Unknown(string name)
    {
        if (NotFromOutside.TryGetValue(name, out var why)) return why;
        var near = Spelling.Nearest(name, RecordFields.All.Select(field => field.Name));
        return near is null ? "unknown field; the fields are the options of 'orchestrator record' in camelCase" : $"unknown field; did you mean {near}?";
    }
}

/// <summary>The machine that a request is planned on: this one, with the request's own files and no other.</summary>
internal sealed class RequestMachine(IMachine here, IReadOnlyDictionary<string, byte[]> contents) : IMachine
{
    public string WorkingFolder => here.WorkingFolder;
    public string SamplePage => here.SamplePage;
    public string ScenarioFolder => here.ScenarioFolder;

    public string? Variable(string name) => null;

    public FileRead ReadFile(string path, int maxBytes) => contents.TryGetValue(path, out var bytes) ? new FileRead(bytes, null) : new FileRead([], "is not in the body");

    public FileKind Look(string path) => FileKind.Hidden;

    public string? WhyNotWritable(string folder) => here.WhyNotWritable(folder);

    public long? FreeBytes(string folder) => here.FreeBytes(folder);
}
