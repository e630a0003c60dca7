using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;

namespace Orchestrator.Tracing.Verification;

/// <summary>The merged files can be read to their end, by those who will read them.</summary>
internal static class MergedChecks
{
    private const int MostNamed = 5;

    public static Check WellFormed(string folder, string file, CancellationToken cancellationToken)
    {
        try
        {
            var path = Path.Combine(folder, file);
            return file == PerfettoArchive.FileName ? Archive(path, file, cancellationToken) : ChromeJson(path, file, cancellationToken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or NotATraceException)
        {
            return Failed(file, unreadable.Message);
        }
    }

    private static Check Archive(string path, string file, CancellationToken cancellationToken)
    {
        var problems = PerfettoArchiveCheck.Check(path, cancellationToken);
        return problems.Count == 0
            ? new Check(file, "well formed", Ok: true, "whole traces, each related to the time line, and their manifest")
            : Failed(file, $"{string.Join("; ", problems.Take(MostNamed))}{(problems.Count > MostNamed ? "; …" : "")}");
    }

    private static Check ChromeJson(string path, string file, CancellationToken cancellationToken)
    {
        using var input = TraceInput.Open(path);
        var survey = JsonTraceReader.Survey(input, filePosition: null, cancellationToken);
        return survey.CutOff is { } cutOff ? Failed(file, cutOff) : new Check(file, "well formed", Ok: true, FormattableString.Invariant($"{survey.Events} events, to its end"));
    }

    private static Check Failed(string file, string problem) => new(file, "well formed", Ok: false, $"{problem.TrimEnd('.')}; 'orchestrator merge' writes it anew");
}
