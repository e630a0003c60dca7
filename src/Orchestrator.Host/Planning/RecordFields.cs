using System.Text.RegularExpressions;

namespace Orchestrator.Host.Planning;

/// <summary>The kinds of values that a session's fields have in the HTTP API.</summary>
internal enum FieldKind
{
    /// <summary>One text or number.</summary>
    Text,

    /// <summary>true or false.</summary>
    Switch,

    /// <summary>A list of texts.</summary>
    List,

    /// <summary>An object: the content of the file that the command line's option names.</summary>
    JsonFile,

    /// <summary>A text: the bytes, in Base64, of the file that the command line's option names.</summary>
    BinaryFile,
}

/// <summary>One of <c>record</c>'s options as a field of the HTTP API.</summary>
/// <param name="Name">The option's name in camelCase.</param>
/// <param name="Get">A string, a bool or a list of strings; null where it was not given. Of a file its path.</param>
/// <param name="Set">Takes what <paramref name="Get"/> gives.</param>
internal sealed record RecordField(string Name, FieldKind Kind, Func<RecordOptions, object?> Get, Func<RecordOptions, object, RecordOptions> Set)
{
    public string Option => RecordFields.OptionOf(Name);
}

/// <summary>
/// <c>record</c>'s options under their names in the HTTP API. Which browser is launched, and how, is each node's own setting, and where
/// the folder is, the server's: these three are not among them.
/// </summary>
internal static partial class RecordFields
{
    public static IReadOnlyList<RecordField> All { get; } =
    [
        Text("launch", o => o.Launch, (o, v) => o with { Launch = v }),
        Text("perNode", o => o.PerNode, (o, v) => o with { PerNode = v }),
        List("attach", o => o.Attach, (o, v) => o with { Attach = v }),
        List("url", o => o.Urls, (o, v) => o with { Urls = v }),
        Text("duration", o => o.Duration, (o, v) => o with { Duration = v }),
        List("mark", o => o.Marks, (o, v) => o with { Marks = v }),
        Text("markEvery", o => o.MarkEvery, (o, v) => o with { MarkEvery = v }),
        List("memoryDump", o => o.MemoryDumps, (o, v) => o with { MemoryDumps = v }),
        Switch("memoryDumpDeterministic", o => o.MemoryDumpDeterministic, (o, v) => o with { MemoryDumpDeterministic = v }),
        Text("categories", o => o.Categories, (o, v) => o with { Categories = v }),
        File("traceConfig", FieldKind.JsonFile, o => o.TraceConfig, (o, v) => o with { TraceConfig = v }),
        Text("recordMode", o => o.RecordMode, (o, v) => o with { RecordMode = v }),
        Text("bufferSizeKb", o => o.BufferSizeKb, (o, v) => o with { BufferSizeKb = v }),
        Switch("sampling", o => o.Sampling, (o, v) => o with { Sampling = v }),
        Switch("systrace", o => o.Systrace, (o, v) => o with { Systrace = v }),
        Switch("argumentFilter", o => o.ArgumentFilter, (o, v) => o with { ArgumentFilter = v }),
        List("syntheticDelay", o => o.SyntheticDelays, (o, v) => o with { SyntheticDelays = v }),
        File("memoryDumpConfig", FieldKind.JsonFile, o => o.MemoryDumpConfig, (o, v) => o with { MemoryDumpConfig = v }),
        File("perfettoConfig", FieldKind.BinaryFile, o => o.PerfettoConfig, (o, v) => o with { PerfettoConfig = v }),
        Text("backend", o => o.Backend, (o, v) => o with { Backend = v }),
        Text("transfer", o => o.Transfer, (o, v) => o with { Transfer = v }),
        Text("format", o => o.Format, (o, v) => o with { Format = v }),
        Text("compression", o => o.Compression, (o, v) => o with { Compression = v }),
        Text("bufferUsageInterval", o => o.BufferUsageInterval, (o, v) => o with { BufferUsageInterval = v }),
        Text("screenshotMaxSize", o => o.ScreenshotMaxSize, (o, v) => o with { ScreenshotMaxSize = v }),
        Text("screenshotMaxCount", o => o.ScreenshotMaxCount, (o, v) => o with { ScreenshotMaxCount = v }),
        Text("legacyCategories", o => o.LegacyCategories, (o, v) => o with { LegacyCategories = v }),
        Text("legacyOptions", o => o.LegacyOptions, (o, v) => o with { LegacyOptions = v }),
        Text("require", o => o.Require, (o, v) => o with { Require = v }),
        Text("prepareTimeout", o => o.PrepareTimeout, (o, v) => o with { PrepareTimeout = v }),
        Text("startTimeout", o => o.StartTimeout, (o, v) => o with { StartTimeout = v }),
        Text("flushTimeout", o => o.FlushTimeout, (o, v) => o with { FlushTimeout = v }),
        Text("maxClockError", o => o.MaxClockError, (o, v) => o with { MaxClockError = v }),
        Text("merge", o => o.Merge, (o, v) => o with { Merge = v }),
    ];

    /// <summary><c>markEvery</c> → <c>--mark-every</c>.</summary>
    public static string OptionOf(string field) => "--" + Capital().Replace(field, match => "-" + match.Value.ToLowerInvariant());

    /// <summary><c>--mark-every</c> → <c>markEvery</c>.</summary>
    public static string NameOf(string option) => Hyphen().Replace(option.TrimStart('-'), match => match.Groups[1].Value.ToUpperInvariant());

    /// <summary>A sentence about options, as one about fields.</summary>
    public static string InFields(string sentence) => Option().Replace(sentence, match => NameOf(match.Value));

    private static RecordField Text(string name, Func<RecordOptions, string?> get, Func<RecordOptions, string, RecordOptions> set) =>
        new(name, FieldKind.Text, get, (options, value) => set(options, (string)value));

    private static RecordField File(string name, FieldKind kind, Func<RecordOptions, string?> get, Func<RecordOptions, string, RecordOptions> set) =>
        Text(name, get, set) with { Kind = kind };

    private static RecordField Switch(string name, Func<RecordOptions, bool?> get, Func<RecordOptions, bool, RecordOptions> set) =>
        new(name, FieldKind.Switch, options => get(options), (options, value) => set(options, (bool)value));

    private static RecordField List(string name, Func<RecordOptions, IReadOnlyList<string>> get, Func<RecordOptions, IReadOnlyList<string>, RecordOptions> set) =>
        new(name, FieldKind.List, options => get(options) is { Count: > 0 } values ? values : null, (options, value) => set(options, (IReadOnlyList<string>)value));

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    [GeneratedRegex("-([a-z])")]
    private static partial Regex Hyphen();

    [GeneratedRegex("(?<![A-Za-z0-9-])--[a-z]+(-[a-z]+)*")]
    private static partial Regex Option();
}
