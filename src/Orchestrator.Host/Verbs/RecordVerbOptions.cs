using System.CommandLine;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Verbs;

/// <summary>The options of <c>record</c>: how each is called and what its help says.</summary>
internal sealed class RecordVerbOptions
{
    private readonly Option<string?> _launch = OptionShapes.Value("--launch", "N", "Launch N headless browsers with a fresh profile each (default: 2 when nothing is attached)");
    private readonly Option<string?> _perNode = OptionShapes.Value("--per-node", "N", "Launch N browsers on each node of the cluster; with --server");
    private readonly Option<string[]> _attach = OptionShapes.Repeatable("--attach", "ENDPOINT", "Record a running browser: http://HOST:PORT, ws://HOST:PORT/devtools/browser/ID or …/page/ID");
    private readonly Option<string?> _chrome = OptionShapes.Value("--chrome", "PATH", $"The browser to launch (default: ${TargetRules.ChromeVariable}, else chromium, chromium-browser, google-chrome or google-chrome-stable in PATH)");
    private readonly Option<string[]> _chromeArg = OptionShapes.Repeatable("--chrome-arg", "ARG", "Argument for launched browsers, as in --chrome-arg=--window-size=800,600");
    private readonly Option<string[]> _url = OptionShapes.Repeatable("--url", "URL", "Page that each browser opens; several go round (default: launched browsers open the sample page)");

    private readonly Option<string?> _duration = OptionShapes.Value("--duration", "TIME", "Length of the window in which all browsers record (default: 10s)");
    private readonly Option<string[]> _mark = OptionShapes.Repeatable("--mark", "LABEL@OFFSET", "Clock sync marker with this label in all traces at once, this long after the window opens");
    private readonly Option<string?> _markEvery = OptionShapes.Value("--mark-every", "TIME", "Cadence of the clock sync markers (default: 1s)");
    private readonly Option<string[]> _memoryDump = OptionShapes.Repeatable("--memory-dump", "LEVEL@OFFSET", "Memory dump in each browser; background, light or detailed");
    private readonly Option<bool?> _memoryDumpDeterministic = OptionShapes.Switch("--memory-dump-deterministic", "Collect garbage before each memory dump");

    private readonly Option<string?> _categories = OptionShapes.Value("--categories", "A,B,-C", "Trace categories; '-' excludes one (default: below)");
    private readonly Option<string?> _traceConfig = OptionShapes.Value("--trace-config", "FILE", "A TraceConfig of the DevTools protocol as JSON; the options here override its fields");
    private readonly Option<string?> _recordMode = OptionShapes.Value("--record-mode", "MODE", "recordUntilFull (the browser's default), recordContinuously, recordAsMuchAsPossible or echoToConsole");
    private readonly Option<string?> _bufferSizeKb = OptionShapes.Value("--buffer-size-kb", "KB", "Size of each browser's trace buffer (default, and 0: the browser's 200 MB)");
    private readonly Option<bool?> _sampling = OptionShapes.Switch("--sampling", "Sample JavaScript stacks (enableSampling)");
    private readonly Option<bool?> _systrace = OptionShapes.Switch("--systrace", "Trace the system as well (enableSystrace)");
    private readonly Option<bool?> _argumentFilter = OptionShapes.Switch("--argument-filter", "Keep only arguments on the browser's allow list (enableArgumentFilter)");
    private readonly Option<string[]> _syntheticDelay = OptionShapes.Repeatable("--synthetic-delay", "DELAY", "Delay to be made up, in the browser's syntax (syntheticDelays)");
    private readonly Option<string?> _memoryDumpConfig = OptionShapes.Value("--memory-dump-config", "FILE", "Triggers of memory dumps as JSON (memoryDumpConfig)");
    private readonly Option<string?> _perfettoConfig = OptionShapes.Value("--perfetto-config", "FILE", "A binary perfetto.protos.TraceConfig, instead of all the options above");
    private readonly Option<string?> _backend = OptionShapes.Value("--backend", "NAME", "Tracing service that records: auto (the browser's default), chrome or system");
    private readonly Option<string?> _transfer = OptionShapes.Value("--transfer", "HOW", "How the trace comes back: stream (default) or events (always JSON)");
    private readonly Option<string?> _format = OptionShapes.Value("--format", "FORMAT", "proto (default; ready about ten times sooner and much smaller) or json");
    private readonly Option<string?> _compression = OptionShapes.Value("--compression", "HOW", "gzip (default) or none");
    private readonly Option<string?> _bufferUsageInterval = OptionShapes.Value("--buffer-usage-interval", "TIME", "How often browsers report how full their buffers are (default: 500ms; browsers do it every 250ms at most)");
    private readonly Option<string?> _screenshotMaxSize = OptionShapes.Value("--screenshot-max-size", "PIXELS", $"Longer side of screenshots; with the category {CategoryFilter.Screenshot}");
    private readonly Option<string?> _screenshotMaxCount = OptionShapes.Value("--screenshot-max-count", "N", "How many screenshots at most; with the same category");
    private readonly Option<string?> _legacyCategories = OptionShapes.Value("--legacy-categories", "A,B,-C", "Deprecated by the protocol: categories beside, not in, the trace config");
    private readonly Option<string?> _legacyOptions = OptionShapes.Value("--legacy-options", "A,B", "Deprecated by the protocol: options such as record-continuously");

    private readonly Option<string?> _require = OptionShapes.Value("--require", "all|N|N%", "How many browsers must take part for the session to go on (default: all)");
    private readonly Option<string?> _prepareTimeout = OptionShapes.Value("--prepare-timeout", "TIME", "Time to launch or reach the browsers (default: 30s)");
    private readonly Option<string?> _startTimeout = OptionShapes.Value("--start-timeout", "TIME", "Time for the browsers to answer Tracing.start (default: 15s)");
    private readonly Option<string?> _flushTimeout = OptionShapes.Value("--flush-timeout", "TIME", "Time for a trace to arrive whole after the end (default: 2m)");

    private readonly Option<string?> _maxClockError = OptionShapes.Value("--max-clock-error", "TIME", "Exit with 3 when the clock of a browser is not known at least this well, as in 200us");

    private readonly Option<string?> _merge = OptionShapes.Value("--merge", "WHAT", "perfetto (trace.tar, from proto recordings), json (trace.json.gz, from --format json), both (what fits the format; the default) or none");
    private readonly Option<string?> _output = OptionShapes.Value("--output", "DIR", "The session's folder, new or empty (default: ./session-ID)", "-o");

    public IReadOnlyList<OptionGroup> Groups =>
    [
        new("Browsers", [_launch, _perNode, _attach, _chrome, _chromeArg, _url]),
        new("Window", [_duration, _mark, _markEvery, _memoryDump, _memoryDumpDeterministic]),
        new("What is recorded (Tracing.start)",
        [
            _categories, _traceConfig, _recordMode, _bufferSizeKb, _sampling, _systrace, _argumentFilter, _syntheticDelay, _memoryDumpConfig, _perfettoConfig, _backend,
            _transfer, _format, _compression, _bufferUsageInterval, _screenshotMaxSize, _screenshotMaxCount, _legacyCategories, _legacyOptions,
        ]),
        new("Policy", [_require, _prepareTimeout, _startTimeout, _flushTimeout, _maxClockError]),
        new("Output", [_output, _merge]),
    ];

    public RecordOptions Read(ParseResult line) => new()
    {
        Launch = line.Typed(_launch),
        PerNode = line.Typed(_perNode),
        Attach = line.Typed(_attach),
        Chrome = line.Typed(_chrome),
        ChromeArgs = line.Typed(_chromeArg),
        Urls = line.Typed(_url),
        Duration = line.Typed(_duration),
        Marks = line.Typed(_mark),
        MarkEvery = line.Typed(_markEvery),
        MemoryDumps = line.Typed(_memoryDump),
        MemoryDumpDeterministic = line.Typed(_memoryDumpDeterministic),
        Categories = line.Typed(_categories),
        TraceConfig = line.Typed(_traceConfig),
        RecordMode = line.Typed(_recordMode),
        BufferSizeKb = line.Typed(_bufferSizeKb),
        Sampling = line.Typed(_sampling),
        Systrace = line.Typed(_systrace),
        ArgumentFilter = line.Typed(_argumentFilter),
        SyntheticDelays = line.Typed(_syntheticDelay),
        MemoryDumpConfig = line.Typed(_memoryDumpConfig),
        PerfettoConfig = line.Typed(_perfettoConfig),
        Backend = line.Typed(_backend),
        Transfer = line.Typed(_transfer),
        Format = line.Typed(_format),
        Compression = line.Typed(_compression),
        BufferUsageInterval = line.Typed(_bufferUsageInterval),
        ScreenshotMaxSize = line.Typed(_screenshotMaxSize),
        ScreenshotMaxCount = line.Typed(_screenshotMaxCount),
        LegacyCategories = line.Typed(_legacyCategories),
        LegacyOptions = line.Typed(_legacyOptions),
        Require = line.Typed(_require),
        PrepareTimeout = line.Typed(_prepareTimeout),
        StartTimeout = line.Typed(_startTimeout),
        FlushTimeout = line.Typed(_flushTimeout),
        MaxClockError = line.Typed(_maxClockError),
        Output = line.Typed(_output),
        Merge = line.Typed(_merge),
    };
}
