using System.Globalization;
using System.Text.Json;
using Orchestrator.Benchmarks;
using Orchestrator.Benchmarks.Clusters;
using Orchestrator.Cdp.Traces;
using Orchestrator.Tracing.Sessions;

// Each verb is one measurement in a process of its own, so that its peak memory is its own; deploy/benchmark.sh runs them in turn.
var verb = args.FirstOrDefault();
var options = new Dictionary<string, string>();
for (var i = 1; i + 1 < args.Length; i += 2)
    options[args[i].TrimStart('-')] = args[i + 1];

switch (verb)
{
    // replay-server --file TRACE --mode json-string|base64 [--sizes 1048576,...]: prints its address and serves until stdin ends.
    case "replay-server":
        var mode = Option("mode") == "base64" ? ReplayMode.Base64 : ReplayMode.JsonString;
        var trace = new ReplayTrace(File.ReadAllBytes(Option("file")), mode);
        foreach (var size in options.GetValueOrDefault("sizes", "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            trace.Replies(int.Parse(size, CultureInfo.InvariantCulture));
        trace.Replies(ReplayTrace.DefaultReadSize);
        using (var server = ReplayServer.Start(trace))
        {
            Console.WriteLine(server.Endpoint.GetLeftPart(UriPartial.Authority));
            while (Console.In.Read() >= 0)
            {
            }
        }
        return 0;

    // raw-copy --endpoint http://127.0.0.1:PORT --out FILE
    case "raw-copy":
        var (bytes, elapsed) = RawCopy.Run(new Uri(Option("endpoint")), Option("out"), TimeProvider.System);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            client = "socket to file",
            mode = "raw",
            bytes,
            endToClosedMs = elapsed.TotalMilliseconds,
            peakRssMB = PeakMemory.Megabytes(),
        }));
        return 0;

    // record-end --endpoint URL --out FILE --mode MODE --seconds N --categories a,b [--buffer-size-kb N] [--read-size BYTES]
    // replay --endpoint URL --out FILE --mode MODE: the same, of a server that has its trace already
    case "record-end":
    case "replay":
        await OurClient.RunAsync(new OurClientOptions(
            Option("endpoint"),
            Option("out"),
            Option("mode"),
            double.Parse(verb == "replay" ? "0" : Option("seconds"), CultureInfo.InvariantCulture),
            options.GetValueOrDefault("categories", "*,disabled-by-default-*").Split(','),
            options.TryGetValue("buffer-size-kb", out var kilobytes) ? double.Parse(kilobytes, CultureInfo.InvariantCulture) : null,
            options.TryGetValue("read-size", out var readSize) ? int.Parse(readSize, CultureInfo.InvariantCulture) : TraceStreamOptions.Default.ReadSize), default);
        return 0;

    // survey --file TRACE
    case "survey":
        SurveySpeed.Run(Option("file"), TimeProvider.System);
        return 0;

    // clock-errors --list FILE: the table of deploy/measure-clocks.sh
    case "clock-errors":
        ClockErrors.PrintTable(Option("list"));
        return 0;

    // archive --files TRACE,TRACE --out FILE
    case "archive":
        await ArchiveSpeed.RunAsync(Option("files").Split(','), Option("out"), TimeProvider.System);
        return 0;

    // survey-json --file TRACE
    case "survey-json":
        JsonTraceMeasurements.Survey(Option("file"));
        return 0;

    // merge-json --files A,B,C --out FILE [--gzip no]
    case "merge-json":
        await JsonTraceMeasurements.MergeAsync(Option("files").Split(','), options.GetValueOrDefault("gzip") == "no" ? Option("out") : Option("out") + ".gz");
        return 0;

    // simulate --browsers N --nodes N --minutes N
    case "simulate":
        SimulationScale.Run(Number("browsers"), Number("nodes"), TimeSpan.FromMinutes(Number("minutes")), TimeProvider.System);
        return 0;

    // browser-farm --content replayed|generated|plain --browsers N --megabytes N: the server of 'drain'
    case "browser-farm":
        await BrowserFarm.ServeAsync(Option("content"), Number("browsers"), Number("megabytes"));
        return 0;

    // drain --content replayed|generated|plain --client discarding|ours --browsers N --megabytes N
    case "drain":
        await DrainSetup.RunAsync(Option("content"), Option("client"), Number("browsers"), Number("megabytes"), TimeProvider.System);
        return 0;

    // spool-server --folder DIR: prints its address and serves DIR/SESSION/... as a node does, until stdin ends.
    case "spool-server":
        await SpoolTransferSpeed.ServeAsync(Option("folder"));
        return 0;

    // spool-fetch --node URL --session ID --path PATH --bytes N --sha256 HEX --out DIR
    case "spool-fetch":
        await SpoolTransferSpeed.FetchAsync(new Uri(Option("node")), Option("session"), new TraceFile(Option("path"), long.Parse(Option("bytes"), CultureInfo.InvariantCulture), Option("sha256"), IsWhole: true), Option("out"), TimeProvider.System);
        return 0;

    // start-skew --program ORCHESTRATOR --connection FILE --script promise-all.mjs --per-node N --sessions N [--config FILE]
    case "start-skew":
        await StartSkew.RunAsync(Option("program"), Option("connection"), Option("script"), Number("per-node"), Number("sessions"), options.GetValueOrDefault("config"), TimeProvider.System);
        return 0;

    // fail-over --program ORCHESTRATOR --connection FILE --runs N [--config FILE]
    case "fail-over":
        await FailOver.RunAsync(Option("program"), Option("connection"), Number("runs"), options.GetValueOrDefault("config"), TimeProvider.System);
        return 0;

    // busy-cores --program ORCHESTRATOR --connection FILE --seconds N [--config FILE]
    case "busy-cores":
        await BusyCores.RunAsync(Option("program"), Option("connection"), Number("seconds"), options.GetValueOrDefault("config"), TimeProvider.System);
        return 0;

    // idle-nodes --program ORCHESTRATOR --connection FILE --seconds N [--config FILE]
    case "idle-nodes":
        await IdleNodes.RunAsync(Option("program"), Option("connection"), Number("seconds"), options.GetValueOrDefault("config"), TimeProvider.System);
        return 0;

    // cluster-scale --nodes N --per-node N
    case "cluster-scale":
        await ClusterScale.RunAsync(Number("nodes"), Number("per-node"), TimeProvider.System);
        return 0;

    default:
        Console.Error.WriteLine("verbs: start-skew, fail-over, busy-cores, idle-nodes (see deploy/benchmark-cluster.sh), cluster-scale --nodes N --per-node N, spool-server --folder DIR, spool-fetch --node URL --session ID --path PATH --bytes N --sha256 HEX --out DIR, drain --content replayed|generated|plain --client discarding|ours --browsers N --megabytes N, browser-farm, simulate --browsers N --nodes N --minutes N, survey --file TRACE, archive --files TRACE,TRACE --out FILE, clock-errors --list FILE, survey-json --file TRACE, merge-json --files A,B,C --out FILE [--gzip no], replay-server --file FILE --mode json-string|base64, raw-copy --endpoint URL --out FILE, record-end --endpoint URL --out FILE --mode MODE --seconds N, replay --endpoint URL --out FILE --mode MODE");
        return 2;
}

int Number(string name) => int.Parse(Option(name), CultureInfo.InvariantCulture);

string Option(string name) =>
    options.TryGetValue(name, out var value) ? value : throw new ArgumentException($"--{name} is missing");
