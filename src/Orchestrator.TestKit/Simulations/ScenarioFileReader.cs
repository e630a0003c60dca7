using Orchestrator.TestKit.Hocon;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>From the keys of a file to a scenario. What a file leaves out is as in <see cref="Scenario"/>.</summary>
internal sealed class ScenarioFileReader(ScenarioFileFindings findings, ScenarioOverrides overrides, Func<string, byte[]> readReplay)
{
    private const int LongestName = 100;
    private static readonly Scenario Usual = new();

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);

    /// <summary>The scenario, which is to be used only when there are no findings.</summary>
    public Scenario Read(HoconObject root)
    {
        var file = new ScenarioFileBlock("", 1, root, findings);
        var block = file.Value("scenario")?.AsBlock();
        file.Close();
        if (block is not null) return Read(block);
        if (!file.Has("scenario")) file.Complain("there is no block 'scenario { … }' in this file");
        return Usual;
    }

    private Scenario Read(ScenarioFileBlock block)
    {
        var name = ReadName(block);
        var browsers = Of(block.Value("browsers")?.AsWhole(1, Scenario.MostBrowsers), overrides.Browsers, Usual.Browsers);
        var nodes = ReadNodes(block, browsers);
        var seed = Of(block.Value("seed")?.AsWhole(0, int.MaxValue), overrides.Seed, Usual.Seed);
        var duration = Of(block.Value("duration")?.AsDuration(Least, ScenarioFileValue.Day), overrides.Duration, Usual.Duration);
        var markEvery = Of(block.Value("mark-every")?.AsDuration(TimeSpan.FromMilliseconds(10), ScenarioFileValue.Day), overrides.MarkEvery, Usual.MarkEvery);
        var moments = new ScenarioFileMoments(duration);
        var markers = moments.ReadMarkers(block.Value("markers"));
        var dumps = moments.ReadMemoryDumps(block.Value("memory-dumps"));
        var require = ReadRequirement(block.Value("require"), browsers);
        var timeouts = ReadTimeouts(block.Block("timeouts"));
        var (transfer, format, compression) = ReadTransfer(block);
        var rules = new ScenarioFileRules(browsers);
        var world = Usual with { Content = new ScenarioFileContent(format, compression, readReplay).Read(block.Block("content"), Usual.Content) };
        world = ReadClocks(block.Block("clocks"), rules, world);
        world = ReadDelays(block.Block("delays"), world);
        var journal = block.Block("journal");
        var journalWrite = journal.Value("write")?.AsDelay() ?? Usual.JournalWrite;
        journal.Close();
        var faults = ReadRules(block.Value("faults"), "[ { fault = kill, probability = 1%, after = 30s } ]", rules.ReadFault);
        var killProcess = block.Value("kill-process-at-event")?.AsWhole(1, 1_000_000);
        block.Close();
        return world with
        {
            Name = name,
            Browsers = browsers,
            Nodes = nodes,
            Seed = seed,
            Duration = duration,
            MarkEvery = markEvery,
            Markers = markers,
            MemoryDumps = dumps,
            Require = require,
            Timeouts = timeouts,
            Transfer = transfer,
            Format = format,
            Compression = compression,
            JournalWrite = journalWrite,
            KillProcessAtEvent = killProcess ?? Usual.KillProcessAtEvent,
            Faults = faults,
        };
    }

    private string ReadName(ScenarioFileBlock block)
    {
        if (block.Value("name") is not { } value) return Path.GetFileNameWithoutExtension(findings.File);
        if (value.AsText() is not { } name) return Usual.Name;
        if (string.IsNullOrWhiteSpace(name) || name.Length > LongestName || name.Any(char.IsControl)) value.Complain($"no name; write 1 to {LongestName} characters on one line");
        return name;
    }

    private int ReadNodes(ScenarioFileBlock block, int browsers)
    {
        var value = block.Value("nodes");
        var said = value?.AsWhole(1, Scenario.MostNodes);
        // What was said elsewhere is complained of there.
        if (overrides.Nodes is { } nodes) return nodes;
        if (said > browsers) value!.Complain($"out of range; there are {browsers} browsers, and each node has at least one: 1 to {Math.Min(browsers, Scenario.MostNodes)} is allowed");
        return said ?? Usual.Nodes;
    }

    private static Requirement ReadRequirement(ScenarioFileValue? value, int browsers)
    {
        if (value?.AsText() is not { } text) return Usual.Require;
        if (!Requirement.TryParse(text, out var requirement)) value.Complain("not 'all', a number of browsers such as 3, or a share such as 80%");
        else if (requirement.Of(browsers) > browsers) value.Complain($"more than this scenario has: {browsers}; ask for at most as many");
        return requirement;
    }

    private static PhaseTimeouts ReadTimeouts(ScenarioFileBlock block)
    {
        var timeouts = new PhaseTimeouts(
            block.Value("prepare")?.AsDuration(Least, ScenarioFileValue.Day) ?? Usual.Timeouts.Prepare,
            block.Value("start")?.AsDuration(Least, ScenarioFileValue.Day) ?? Usual.Timeouts.Start,
            block.Value("flush")?.AsDuration(Least, ScenarioFileValue.Day) ?? Usual.Timeouts.Flush);
        block.Close();
        return timeouts;
    }

    private static (TraceTransfer, TraceFormat, TraceCompression) ReadTransfer(ScenarioFileBlock block)
    {
        var (formatKey, compressionKey) = (block.Value("format"), block.Value("compression"));
        var transfer = block.Value("transfer")?.AsChoice(("stream", TraceTransfer.Stream), ("events", TraceTransfer.Events)) ?? Usual.Transfer;
        var format = formatKey?.AsChoice(("proto", TraceFormat.Proto), ("json", TraceFormat.Json));
        var compression = compressionKey?.AsChoice(("none", TraceCompression.None), ("gzip", TraceCompression.Gzip));
        if (transfer is TraceTransfer.Stream) return (transfer, format ?? Usual.Format, compression ?? Usual.Compression);

        if (format is TraceFormat.Proto) formatKey!.Complain("in contradiction to transfer = events, with which a trace is always json; leave one of them out");
        if (compression is TraceCompression.Gzip) compressionKey!.Complain("in contradiction to transfer = events, with which a trace is never compressed; leave one of them out");
        return (transfer, TraceFormat.Json, TraceCompression.None);
    }

    private static Scenario ReadClocks(ScenarioFileBlock block, ScenarioFileRules rules, Scenario world)
    {
        var read = world with
        {
            OffsetWithin = block.Value("offset-within")?.AsDuration(TimeSpan.Zero, Scenario.FarthestOffset) ?? Usual.OffsetWithin,
            DriftWithinPpm = block.Value("drift-within-ppm")?.AsNumber(0, Scenario.MostDriftPpm) ?? Usual.DriftWithinPpm,
            ClockSteps = ReadRules(block.Value("steps"), "[ { at = 30s, by = -50ms } ]", rules.ReadClockStep),
        };
        block.Close();
        return read;
    }

    private static Scenario ReadDelays(ScenarioFileBlock block, Scenario world)
    {
        var read = world with
        {
            There = block.Value("there")?.AsDelay() ?? Usual.There,
            Back = block.Value("back")?.AsDelay() ?? Usual.Back,
            Connecting = block.Value("connecting")?.AsDelay() ?? Usual.Connecting,
            Answering = block.Value("answering")?.AsDelay() ?? Usual.Answering,
            Starting = block.Value("starting")?.AsDelay() ?? Usual.Starting,
            Flushing = block.Value("flushing")?.AsDelay() ?? Usual.Flushing,
        };
        block.Close();
        return read;
    }

    /// <summary>An empty list of rules says that there are none.</summary>
    private static List<T> ReadRules<T>(ScenarioFileValue? value, string example, Func<ScenarioFileValue, T?> read) where T : class =>
        value?.AsList(example)?.Select(read).OfType<T>().ToList() ?? [];

    private static T Of<T>(T? said, T? over, T unlessSaid) where T : struct => over ?? said ?? unlessSaid;
}
