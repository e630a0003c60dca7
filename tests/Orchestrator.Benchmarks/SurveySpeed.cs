using System.Text.Json;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Benchmarks;

/// <summary>How fast a trace is surveyed, beside reading the same file and doing nothing with it: the limit.</summary>
public static class SurveySpeed
{
    /// <summary>Surveys a trace of either format and prints one line; megabytes are those after decompression, 10^6 bytes.</summary>
    public static void Run(string file, TimeProvider time)
    {
        // The first pass of each brings the file into the page cache and the code into shape.
        Read(file);
        Survey(file);

        var began = time.GetTimestamp();
        var expanded = Read(file);
        var reading = time.GetElapsedTime(began);

        var cpu = Environment.CpuUsage.TotalTime;
        began = time.GetTimestamp();
        var (survey, compression) = Survey(file);
        var surveying = time.GetElapsedTime(began);
        cpu = Environment.CpuUsage.TotalTime - cpu;

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            file = Path.GetFileName(file),
            format = survey.Format.ToString(),
            compression = compression.ToString(),
            bytes = new FileInfo(file).Length,
            expandedBytes = survey.ExpandedBytes,
            events = survey.Events,
            markers = survey.Markers.Count,
            cutOff = survey.CutOff,
            losses = survey.Losses,
            spanMs = (survey.LastNanos - survey.FirstNanos) / 1e6,
            surveyMs = surveying.TotalMilliseconds,
            surveyCpuMs = cpu.TotalMilliseconds,
            surveyMBps = survey.ExpandedBytes / 1e6 / surveying.TotalSeconds,
            surveyMBpsOfOneCore = survey.ExpandedBytes / 1e6 / cpu.TotalSeconds,
            readMs = reading.TotalMilliseconds,
            readMBps = expanded / 1e6 / reading.TotalSeconds,
            peakRssMB = PeakMemory.Megabytes(),
        }));
    }

    private static long Read(string file)
    {
        using var input = TraceInput.Open(file);
        var buffer = new byte[1 << 20];
        var expanded = 0L;
        while (input.Plain.Read(buffer) is var read and > 0) expanded += read;
        return expanded;
    }

    private static (TraceSurvey Survey, TraceCompression Compression) Survey(string file)
    {
        using var input = TraceInput.Open(file);
        var survey = input.Format is TraceFormat.Proto ? ProtoTraceReader.Survey(input, null, default) : JsonTraceReader.Survey(input, null, default);
        return (survey, input.Compression);
    }
}
