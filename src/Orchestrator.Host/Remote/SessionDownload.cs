using System.Globalization;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Remote;

/// <summary>Brings a session's files from a cluster to a folder here, checked against the hashes that its document tells.</summary>
internal sealed class SessionDownload(ClusterClient client, Surroundings surroundings)
{
    // With the longest pauses between them, about as long as any outage is waited for.
    private static readonly DownloadPatience Patience = DownloadPatience.Default with { Attempts = 40 };

    /// <summary>Fetches all files; the document, which then names this folder, comes last.</summary>
    /// <param name="folder">Made when it is missing.</param>
    /// <returns>The document as it stands there, and which files could not be had, and why.</returns>
    /// <exception cref="ServerUnavailableException">The server was away for too long.</exception>
    public async Task<(SessionDocument Document, IReadOnlyList<string> Problems)> RunAsync(SessionDocument document, string folder, CancellationToken giveUp)
    {
        var problems = await WorkProgress.ShowAsync(
            surroundings, "asking for the files", progress => new WorkStep(progress.Doing, WorkProgress.Line(progress), progress.BytesDone, progress.BytesTotal),
            (Action<MergeProgress> progress) => FetchAsync(document, folder, progress, giveUp));
        var here = document with { Folder = folder };
        await WholeFile.WriteAsync(Path.Combine(folder, RecordedSessions.DocumentName), here.ToUtf8(), giveUp);
        return (here, problems);
    }

    private async Task<List<string>> FetchAsync(SessionDocument document, string folder, Action<MergeProgress> progress, CancellationToken giveUp)
    {
        Directory.CreateDirectory(folder);
        var download = new HttpDownload(client.Http, surroundings.Time, Patience);
        var files = (await new Outage(surroundings.Time, surroundings.Error.WriteLine).AskAsync(() => client.ListArtifactsAsync(document.SessionId, giveUp), giveUp))
            .Where(file => file.Name != RecordedSessions.DocumentName).ToList();
        var hashes = Hashes(document);
        var problems = hashes.Keys.Except(files.Select(file => file.Name), StringComparer.Ordinal).Select(name => $"{name}: the server does not have it").ToList();
        var (done, total) = (0L, files.Sum(file => file.Bytes));
        foreach (var (number, file) in files.Index())
        {
            var doing = string.Create(CultureInfo.InvariantCulture, $"fetching {file.Name} ({number + 1} of {Figures.Count(files.Count, "file")})");
            var before = done;
            progress(new MergeProgress(doing, before, total));
            try
            {
                var path = PathsInside.Find(folder, file.Name) ?? throw new DownloadFailedException("the name leads out of the folder");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await download.FetchAsync(client.AddressOf(document.SessionId, file), path, file.Bytes, hashes.GetValueOrDefault(file.Name), bytes => progress(new MergeProgress(doing, before + bytes, total)), giveUp);
            }
            catch (DownloadFailedException failure)
            {
                problems.Add($"{file.Name}: {failure.Message}");
            }

            done += file.Bytes;
        }

        return problems;
    }

    private static Dictionary<string, string?> Hashes(SessionDocument document)
    {
        var hashes = document.Merged.ToDictionary(merged => merged.File, string? (merged) => merged.Sha256, StringComparer.Ordinal);
        foreach (var browser in document.Browsers)
        {
            if (browser.File is { } file) hashes[file] = browser.Sha256;
        }

        return hashes;
    }
}
