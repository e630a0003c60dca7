using System.Formats.Tar;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;

namespace Orchestrator.Tracing.Verification;

/// <summary>The merged files can be read to their end.</summary>
internal static class MergedChecks
{
    public static async Task<Check> WellFormedAsync(string folder, string file, CancellationToken cancellationToken)
    {
        try
        {
            var path = Path.Combine(folder, file);
            var (problem, detail) = file == PerfettoArchive.FileName ? await ArchiveAsync(path, cancellationToken) : ChromeJson(path, cancellationToken);
            return new Check(file, "well formed", problem is null, problem ?? detail);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException or NotATraceException or FormatException)
        {
            return new Check(file, "well formed", Ok: false, $"{unreadable.Message.TrimEnd('.')}; 'orchestrator merge' writes it anew");
        }
    }

    private static async Task<(string? Problem, string Detail)> ArchiveAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        await using var tar = new TarReader(file);
        var (members, hasManifest) = (0, false);
        while (await tar.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
        {
            members++;
            if (entry.DataStream is not { } data) continue;
            var head = new byte[ManifestHead.Length];
            var length = await data.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
            hasManifest |= head.AsSpan(0, length).SequenceEqual(ManifestHead);
        }

        if (!hasManifest) return ("has no manifest: Perfetto would not know how its clocks lie to each other; 'orchestrator merge' writes it anew", "");
        return (null, FormattableString.Invariant($"{members - 1} traces and their manifest"));
    }

    // Perfetto finds the manifest by how its text begins.
    private static ReadOnlySpan<byte> ManifestHead => "{\"perfetto_manifest\""u8;

    private static (string? Problem, string Detail) ChromeJson(string path, CancellationToken cancellationToken)
    {
        using var input = TraceInput.Open(path);
        var survey = JsonTraceReader.Survey(input, filePosition: null, cancellationToken);
        return (survey.CutOff, FormattableString.Invariant($"{survey.Events} events"));
    }
}
