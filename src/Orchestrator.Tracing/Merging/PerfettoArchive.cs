using System.Formats.Tar;
using System.IO.Pipelines;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// Writes <c>trace.tar</c>: a manifest, the orchestrator's own account of each session, and each browser's trace. Trace processor and
/// ui.perfetto.dev open it as it is, at true UTC.
/// </summary>
/// <remarks>
/// How each file gets to the time line: the orchestrator's member tells its events on REALTIME, and the manifest makes its machine's
/// REALTIME the trace's time. A browser's events lead over MONOTONIC to the REALTIME of its machine, by the snapshots in front of its
/// member; and REALTIME is taken to be the same on all machines.
/// </remarks>
public static class PerfettoArchive
{
    public const string FileName = "trace.tar";

    private const string Extension = ".pftrace";

    /// <summary>Writes one archive of all these sessions' browsers. Sessions are on one time line already.</summary>
    /// <returns>Null when there is nothing to write; problems name each browser that is not in it and why.</returns>
    /// <exception cref="IOException">The archive cannot be written; nothing is left of it.</exception>
    public static async Task<(MergedFile? File, IReadOnlyList<FolderProblem> Problems)> WriteAsync(
        IReadOnlyList<AlignedSession> sessions, string path, Action<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        var problems = new List<FolderProblem>();
        var browsers = new List<(AlignedSession Session, AlignedBrowser Browser)>();
        foreach (var session in sessions)
        {
            foreach (var browser in session.Browsers)
            {
                if (WhyNot(browser) is { } why) problems.Add(new FolderProblem(FileOf(session, browser), $"{browser.MergedName} is not in {FileName}: {why}"));
                else browsers.Add((session, browser));
            }
        }

        if (browsers.Count == 0) return (null, problems);

        var (bytes, sha256) = (0L, "");
        await WholeFile.WriteAsync(path, async file =>
        {
            await using var archive = new HashedFile(file);
            await new Writing(archive, sessions, browsers, problems, progress, cancellationToken).WriteAsync();
            (bytes, sha256) = (archive.Length, archive.Sha256(cancellationToken));
        });
        return (new MergedFile("perfetto", Path.GetFileName(path), bytes, sha256), problems);
    }

    private static string? WhyNot(AlignedBrowser browser) => browser switch
    {
        { Recorded.TracePath: null } => "no trace of it was found",
        { Survey: null } => "its trace cannot be read",
        { Survey.Format: TraceFormat.Json } => $"it was recorded as JSON. {ChromeJson.FileName} (`--merge json`) holds it, and Perfetto opens that, too",
        _ => null,
    };

    private static string FileOf(AlignedSession session, AlignedBrowser browser) =>
        browser.Recorded.TracePath is { } path ? Path.GetRelativePath(session.Session.Folder, path) : "";

    private sealed class Writing(
        Stream archive, IReadOnlyList<AlignedSession> sessions, List<(AlignedSession Session, AlignedBrowser Browser)> browsers,
        List<FolderProblem> problems, Action<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        private readonly long _bytesTotal = browsers.Sum(browser => LengthOf(browser.Browser));
        private readonly DateTimeOffset _at = sessions[0].Timeline.ToUtc(browsers[0].Browser.Clock.ToTimeline(browsers[0].Browser.Survey?.FirstNanos ?? 0));
        private long _bytesDone;

        public async Task WriteAsync()
        {
            var names = new MemberNames();
            var sessionMembers = sessions
                .Select(session => names.Take(sessions.Count == 1 ? "orchestrator" : $"orchestrator-{session.Session.SessionId}", Extension)).ToList();
            var browserMembers = browsers.Select(browser => names.Take(browser.Browser.MergedName, Extension)).ToList();
            var machines = sessionMembers.Zip(sessions, (member, session) => (member, SessionMember.NameOf(session.Session.SessionId)))
                .Concat(browserMembers.Zip(browsers, (member, browser) => (member, browser.Browser.MergedName is { Length: > 0 } name ? name : member)));

            await using var tar = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true);
            var manifest = PerfettoManifest.Of([.. machines], sessionMembers[0], sessions, [.. browsers.Select(browser => browser.Browser)]);
            await WriteAsync(tar, PerfettoManifest.FileName, manifest);
            foreach (var (session, member) in sessions.Zip(sessionMembers)) await WriteAsync(tar, member, SessionMember.Of(session.Tracks, session.Timeline));
            foreach (var ((session, browser), member) in browsers.Zip(browserMembers)) await WriteAsync(tar, member, session, browser);
        }

        private async Task WriteAsync(TarWriter tar, string member, ReadOnlyMemory<byte> bytes) =>
            await tar.WriteEntryAsync(Entry(member, new MemoryStream(bytes.ToArray())), cancellationToken);

        private async Task WriteAsync(TarWriter tar, string member, AlignedSession session, AlignedBrowser browser)
        {
            var file = FileOf(session, browser);
            TraceInput input;
            try
            {
                input = TraceInput.Open(browser.Recorded.TracePath!);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or NotATraceException)
            {
                // It could be read a moment ago, and the manifest names it: an entry without a member does no harm.
                problems.Add(new FolderProblem(file, $"{browser.MergedName} is not in {FileName}: its trace cannot be read: {unreadable.Message}"));
                return;
            }

            using (input)
            {
                var (survey, most) = (browser.Survey!, 0L);
                var steps = WallClockSteps.Of(browser.Clock, session.Timeline, survey.FirstNanos ?? 0, survey.LastNanos ?? 0);
                void Progress(long done)
                {
                    // What has to be read once more does not go back.
                    most = Math.Max(most, done);
                    progress?.Invoke(new MergeProgress($"merging {browser.MergedName} into {FileName}", _bytesDone + most, _bytesTotal));
                }

                var isPlain = input.Compression is TraceCompression.None && survey.CutOff is null;
                if (!isPlain || !await TryWritePlainAsync(tar, member, input, steps, Progress))
                {
                    var source = new BrowserMember(input, steps);
                    await PumpAsync(tar, member, source, Progress);
                    if (source.CutOff is { } cutOff) problems.Add(new FolderProblem(file, $"{cutOff}; what is whole of {browser.MergedName} is in {FileName}"));
                }

                _bytesDone += LengthOf(browser);
                if (steps.HeldNanos > WallClockSteps.MostErrorNanos)
                    problems.Add(new FolderProblem(file, $"the clock of {browser.MergedName} leapt ahead, and Perfetto cannot show a time line that goes back: in {FileName} its events stand too late for {steps.HeldNanos / 1000} µs behind that"));
            }
        }

        /// <summary>Writes a member whose length is known before. False: it is not as it seemed; nothing of it has been written.</summary>
        private async Task<bool> TryWritePlainAsync(TarWriter tar, string member, TraceInput input, WallClockSteps steps, Action<long> done)
        {
            var start = archive.Position;
            await using var plain = new PlainMember(input.Plain, BrowserMember.SnapshotsInFront(steps).WrittenMemory, done);
            await Task.Run(() => tar.WriteEntryAsync(Entry(member, plain), cancellationToken), cancellationToken);
            if (plain.IsWhole) return true;
            archive.SetLength(start);
            (archive.Position, input.Plain.Position) = (start, 0);
            return false;
        }

        /// <summary>Reads and transforms on one side of a pipe, writes on the other.</summary>
        private async Task PumpAsync(TarWriter tar, string member, BrowserMember source, Action<long> done)
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 512 << 10, minimumSegmentSize: 128 << 10, useSynchronizationContext: false));
            using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var filling = Task.Run(async () =>
            {
                try
                {
                    await source.WriteAsync(pipe.Writer, done, reading.Token);
                    await pipe.Writer.CompleteAsync();
                }
                catch (Exception failed)
                {
                    // The other side throws it, and with it the archive is given up.
                    await pipe.Writer.CompleteAsync(failed);
                }
            }, CancellationToken.None);
            try
            {
                await tar.WriteEntryAsync(Entry(member, pipe.Reader.AsStream()), cancellationToken);
            }
            finally
            {
                await reading.CancelAsync();
                await pipe.Reader.CompleteAsync();
                await filling;
            }
        }

        private UstarTarEntry Entry(string member, Stream content) => new(TarEntryType.RegularFile, member)
        {
            DataStream = content,
            ModificationTime = _at,
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        };

        private static long LengthOf(AlignedBrowser browser) => new FileInfo(browser.Recorded.TracePath!) is { Exists: true, Length: var length } ? length : 0;
    }
}
