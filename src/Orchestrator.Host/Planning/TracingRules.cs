using System.Text.Json;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>The parameters of <c>Tracing.start</c>, and what must not stand together in them.</summary>
internal sealed class TracingRules(RecordOptions options, IMachine machine, UsageErrors errors)
{
    /// <summary>4 GiB and more are taken by Chromium 156, but from then on it reports no buffer usage and answers no <c>Tracing.end</c>.</summary>
    public const int LargestBufferKb = 4_194_303;

    private const int LargestFile = 1 << 20;
    private const int MostScreenshots = 1_000_000;
    private const int LargestScreenshot = 16_384;

    /// <summary>Below this Chromium reports no more often, whatever it is asked for.</summary>
    private static readonly TimeSpan ShortestBufferUsageInterval = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan DefaultBufferUsageInterval = TimeSpan.FromMilliseconds(500);

    private static readonly string[] LegacyOptionWords =
    [
        "record-until-full", "record-continuously", "record-as-much-as-possible", "trace-to-console",
        "enable-sampling", "enable-systrace", "enable-argument-filter",
    ];

    private readonly List<string> _notes = [];

    /// <summary>What is allowed but may surprise.</summary>
    public IReadOnlyList<string> Notes => _notes;

    public TracingPlan Read()
    {
        RefuseWhatTheBrowserWouldIgnore();
        var perfetto = ReadPerfettoConfig(out var perfettoFormat);
        var (transfer, format, compression) = ReadTransfer(perfetto is null ? null : perfettoFormat);
        var isStream = transfer is TraceTransfer.Stream;
        var traceConfig = UsesPerfetto || UsesLegacy ? null : ReadTraceConfig();
        var legacyCategories = options.LegacyCategories is { } text ? CategoryFilter.Parse("--legacy-categories", text, errors) : null;
        CheckLegacyOptions();

        var filter = traceConfig is null ? legacyCategories : new CategoryFilter(traceConfig.IncludedCategories ?? [], traceConfig.ExcludedCategories ?? []);
        if (!UsesPerfetto) CheckCategories(filter ?? new CategoryFilter([], []), traceConfig);

        var start = new TracingStartParams
        {
            Categories = options.LegacyCategories,
            Options = options.LegacyOptions,
            BufferUsageReportingInterval = ReadBufferUsageInterval().TotalMilliseconds,
            TransferMode = isStream ? TransferMode.ReturnAsStream : TransferMode.ReportEvents,
            StreamFormat = !isStream ? null : format is TraceFormat.Proto ? StreamFormat.Proto : StreamFormat.Json,
            StreamCompression = !isStream ? null : compression is TraceCompression.Gzip ? StreamCompression.Gzip : StreamCompression.None,
            TraceConfig = traceConfig,
            PerfettoConfig = perfetto,
            TracingBackend = Choices.Read("--backend", options.Backend, Choices.Backends, errors),
            ScreenshotMaxSize = Choices.Number("--screenshot-max-size", options.ScreenshotMaxSize, 1, LargestScreenshot, "pixels", errors),
            ScreenshotMaxCount = Choices.Number("--screenshot-max-count", options.ScreenshotMaxCount, 1, MostScreenshots, "screenshots", errors),
        };
        return new TracingPlan
        {
            Start = JsonSerializer.SerializeToElement(start, CdpJsonContext.Default.TracingStartParams),
            Transfer = transfer,
            Format = format,
            Compression = compression,
        };
    }

    private bool UsesPerfetto => options.PerfettoConfig is not null;

    private bool UsesLegacy => options.LegacyCategories is not null || options.LegacyOptions is not null;

    private void RefuseWhatTheBrowserWouldIgnore()
    {
        var traceConfig = Given(
            ("--categories", options.Categories is not null), ("--trace-config", options.TraceConfig is not null), ("--record-mode", options.RecordMode is not null),
            ("--buffer-size-kb", options.BufferSizeKb is not null), ("--sampling", options.Sampling is not null), ("--systrace", options.Systrace is not null),
            ("--argument-filter", options.ArgumentFilter is not null), ("--synthetic-delay", options.SyntheticDelays.Count > 0), ("--memory-dump-config", options.MemoryDumpConfig is not null));
        var legacy = Given(("--legacy-categories", options.LegacyCategories is not null), ("--legacy-options", options.LegacyOptions is not null));
        if (UsesPerfetto && (traceConfig + legacy).Length > 0)
            errors.Add($"--perfetto-config together with {string.Join(", ", new[] { traceConfig, legacy }.Where(names => names.Length > 0))}: with a perfetto config the browser ignores the others; give one or the others");
        if (UsesLegacy && traceConfig.Length > 0)
            errors.Add($"{legacy} together with {traceConfig}: the browser refuses the deprecated categories and options beside a trace config; give the ones or the others");
    }

    private static string Given(params (string Option, bool IsGiven)[] of) => string.Join(", ", of.Where(one => one.IsGiven).Select(one => one.Option));

    private (TraceTransfer, TraceFormat, TraceCompression) ReadTransfer(TraceFormat? perfettoFormat)
    {
        var transfer = Choices.Read("--transfer", options.Transfer, [("stream", TraceTransfer.Stream), ("events", TraceTransfer.Events)], errors) ?? TraceTransfer.Stream;
        var format = Choices.Read("--format", options.Format, [("proto", TraceFormat.Proto), ("json", TraceFormat.Json)], errors);
        var compression = Choices.Read("--compression", options.Compression, [("gzip", TraceCompression.Gzip), ("none", TraceCompression.None)], errors);
        if (perfettoFormat is { } decided && format is { } asked && asked != decided)
            errors.Add("--format", options.Format!, $"the perfetto config decides the format, and this one yields {Word(decided)} (chrome_config.convert_to_legacy_json chooses json); leave --format out or change the config");
        if (transfer is TraceTransfer.Stream) return (transfer, perfettoFormat ?? format ?? TraceFormat.Proto, compression ?? TraceCompression.Gzip);

        if (format is TraceFormat.Proto) errors.Add("--format", options.Format!, "with --transfer events a trace is always json; leave --format out or use --transfer stream");
        else if (perfettoFormat is TraceFormat.Proto) errors.Add("--transfer", options.Transfer!, "the perfetto config yields proto, which the browser only sends as a stream; use --transfer stream");
        if (compression is TraceCompression.Gzip) errors.Add("--compression", options.Compression!, "with --transfer events a trace is never compressed; leave --compression out or use --transfer stream");
        return (transfer, TraceFormat.Json, TraceCompression.None);
    }

    private static string Word(TraceFormat format) => format is TraceFormat.Proto ? "proto" : "json";

    private string? ReadPerfettoConfig(out TraceFormat format)
    {
        format = TraceFormat.Proto;
        if (options.PerfettoConfig is not { } path || ReadFile("--perfetto-config", path) is not { } bytes) return null;
        var config = PerfettoConfigFile.Read(bytes);
        if (config.Problem is not null) errors.Add("--perfetto-config", path, config.Problem);
        format = config.Format;
        return config.Problem is null ? Convert.ToBase64String(bytes) : null;
    }

    private TraceConfig ReadTraceConfig()
    {
        var config = new TraceConfig();
        if (options.TraceConfig is { } path && ReadFile("--trace-config", path) is { } bytes) config = TraceConfigFile.Read(path, bytes, errors);
        // A file says all that it means to say: without categories it asks for the browser's own choice.
        var filter = options.Categories is { } text ? CategoryFilter.Parse("--categories", text, errors) : options.TraceConfig is null ? CategoryFilter.Default : null;
        if (filter is not null)
        {
            config = config with
            {
                IncludedCategories = filter.Included.Count > 0 ? filter.Included : null,
                ExcludedCategories = filter.Excluded.Count > 0 ? filter.Excluded : null,
            };
        }

        foreach (var delay in options.SyntheticDelays.Where(string.IsNullOrWhiteSpace)) errors.Add("--synthetic-delay", delay, "is empty; write NAME;MILLISECONDS, such as cc.DrawAndSwap;16");
        return config with
        {
            RecordMode = Choices.Read("--record-mode", options.RecordMode, Choices.RecordModes, errors) ?? config.RecordMode,
            TraceBufferSizeInKb = Choices.Number("--buffer-size-kb", options.BufferSizeKb, 0, LargestBufferKb, "kilobytes", errors) ?? config.TraceBufferSizeInKb,
            EnableSampling = options.Sampling ?? config.EnableSampling,
            EnableSystrace = options.Systrace ?? config.EnableSystrace,
            EnableArgumentFilter = options.ArgumentFilter ?? config.EnableArgumentFilter,
            SyntheticDelays = options.SyntheticDelays.Count > 0 ? options.SyntheticDelays : config.SyntheticDelays,
            MemoryDumpConfig = ReadMemoryDumpConfig() ?? config.MemoryDumpConfig,
        };
    }

    private MemoryDumpConfig? ReadMemoryDumpConfig()
    {
        if (options.MemoryDumpConfig is not { } path || ReadFile("--memory-dump-config", path) is not { } bytes) return null;
        try
        {
            using var json = JsonDocument.Parse(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes);
            if (json.RootElement.ValueKind is JsonValueKind.Object)
            {
                foreach (var problem in MemoryDumpTriggers.Problems(json.RootElement)) errors.Add("--memory-dump-config", path, problem);
                return new MemoryDumpConfig(json.RootElement);
            }

            errors.Add("--memory-dump-config", path, "a memory dump config is a JSON object, {…}");
        }
        catch (JsonException wrong)
        {
            errors.Add("--memory-dump-config", path, $"line {wrong.LineNumber + 1}, column {wrong.BytePositionInLine + 1}: not JSON: {TraceConfigFile.Sentence(wrong)}");
        }

        return null;
    }

    private void CheckCategories(CategoryFilter filter, TraceConfig? traceConfig)
    {
        var option = UsesLegacy ? "--legacy-categories" : "--categories";
        if (!filter.TurnsOn(CategoryFilter.MemoryInfra))
        {
            var add = $"needs the category {CategoryFilter.MemoryInfra}, without which the browser dumps nothing; add it to {option}";
            foreach (var dump in options.MemoryDumps) errors.Add("--memory-dump", dump, add);
            if (options.MemoryDumpConfig is { } path) errors.Add("--memory-dump-config", path, add);
            else if (traceConfig?.MemoryDumpConfig is not null) errors.Add("--trace-config", options.TraceConfig!, $"memoryDumpConfig {add} or to includedCategories");
        }

        if (filter.TurnsOn(CategoryFilter.Screenshot)) return;
        var screenshots = $"needs the category {CategoryFilter.Screenshot}, without which there are no screenshots; add it to {option}";
        if (options.ScreenshotMaxSize is { } size) errors.Add("--screenshot-max-size", size, screenshots);
        if (options.ScreenshotMaxCount is { } count) errors.Add("--screenshot-max-count", count, screenshots);
    }

    private void CheckLegacyOptions()
    {
        if (options.LegacyOptions is not { } text) return;
        foreach (var word in text.Split(','))
        {
            // enable-systrace may name events: enable-systrace=a b
            if (LegacyOptionWords.Contains(word) || (word.StartsWith("enable-systrace=", StringComparison.Ordinal) && word.Length > "enable-systrace=".Length)) continue;
            var near = Spelling.Nearest(word, LegacyOptionWords);
            errors.Add("--legacy-options", text, $"{UsageErrors.Shown(word)} is not one of {string.Join(", ", LegacyOptionWords)}{(near is null ? "" : $"; did you mean {near}?")}");
        }
    }

    private TimeSpan ReadBufferUsageInterval()
    {
        var interval = DurationOptions.Read(
            "--buffer-usage-interval", options.BufferUsageInterval, DefaultBufferUsageInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), errors);
        if (interval < ShortestBufferUsageInterval)
            _notes.Add($"--buffer-usage-interval {Durations.Format(interval)}: Chromium reports at most every {Durations.Format(ShortestBufferUsageInterval)}");
        return interval;
    }

    private byte[]? ReadFile(string option, string path)
    {
        var file = machine.ReadFile(path, LargestFile);
        if (file.Problem is not null) errors.Add(option, path, file.Problem);
        return file.Problem is null ? file.Bytes : null;
    }
}
