using System.Formats.Tar;
using System.Text.Json;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>Looks into an archive that <see cref="PerfettoArchive"/> wrote: whether it is whole, and whether Perfetto will take it.</summary>
public static class PerfettoArchiveCheck
{
    /// <summary>Reads all of it once; blocks. What is wrong is told with the archive's file name, and the member's where it is one's.</summary>
    /// <exception cref="IOException">The archive cannot be read.</exception>
    public static IReadOnlyList<FolderProblem> Check(string path, CancellationToken cancellationToken)
    {
        var file = Path.GetFileName(path);
        var found = new Found(cancellationToken);
        using var bytes = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        try
        {
            using var tar = new TarReader(bytes, leaveOpen: true);
            while (tar.GetNextEntry() is { } entry) found.Take(entry);
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException or OverflowException or ArgumentException)
        {
            found.Say("", $"is no whole TAR ({broken.Message.TrimEnd('.')}); merge the session again");
        }

        found.Compare();
        return [.. found.Problems.Select(problem => problem with { File = problem.File.Length == 0 ? file : $"{file}: {problem.File}" })];
    }

    private sealed class Found(CancellationToken cancellationToken)
    {
        private readonly HashSet<string> _members = new(StringComparer.Ordinal);
        private readonly HashSet<string> _named = new(StringComparer.Ordinal);
        private string? _timeOf;
        private int _manifests;

        public List<FolderProblem> Problems { get; } = [];

        public void Say(string member, string problem) => Problems.Add(new FolderProblem(member, problem));

        public void Take(TarEntry entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.DataStream is not { } content)
            {
                Say(entry.Name, "is no file with bytes in it; Perfetto refuses such an archive");
                return;
            }

            var head = new byte[64];
            var got = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            content.Position = 0;
            if (head.AsSpan(0, got).TrimStart(" \t\r\n"u8).StartsWith(PerfettoManifest.Beginning)) TakeManifest(entry.Name, content);
            else TakeTrace(entry.Name, content);
        }

        public void Compare()
        {
            if (_manifests != 1) Say("", $"it has {_manifests} manifests and needs one");
            foreach (var name in _named.Except(_members)) Say(name, "is named by the manifest, but is not in the archive");
            foreach (var name in _members.Except(_named)) Say(name, "is in the archive, but the manifest does not name it: it would stand among the others' processes");
            if (_timeOf is { } timeOf && !_members.Contains(timeOf)) Say(timeOf, "is the one whose clock the manifest takes, but is not in the archive");
        }

        private void TakeManifest(string name, Stream content)
        {
            _manifests++;
            try
            {
                using var json = JsonDocument.Parse(content);
                var manifest = json.RootElement.GetProperty("perfetto_manifest");
                if (manifest.GetProperty("version").GetInt32() != 1) Say(name, "is of a version other than 1");
                _timeOf = manifest.GetProperty("trace_time").GetProperty("file").GetString();
                foreach (var file in manifest.GetProperty("files").EnumerateArray())
                {
                    var path = file.GetProperty("path").GetString() ?? "";
                    if (!_named.Add(path)) Say(name, $"names {path} twice");
                    if (string.IsNullOrEmpty(file.GetProperty("machine").GetProperty("name").GetString())) Say(name, $"gives {path} no machine");
                }
            }
            catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                Say(name, $"is no manifest as Perfetto reads it: {broken.Message.TrimEnd('.')}");
            }
        }

        private void TakeTrace(string name, Stream content)
        {
            if (!_members.Add(name)) Say(name, "is in the archive twice");
            var packets = new ProtoPackets(content) { Refilled = cancellationToken.ThrowIfCancellationRequested };
            var (isRelated, isEvent, isLate) = (false, false, false);
            try
            {
                while (packets.Next(out var packet))
                {
                    isEvent |= packet.IsEvent;
                    if (packet.ClockSnapshot.IsEmpty || !TellsWallClock(packet.ClockSnapshot)) continue;
                    isLate |= isEvent;
                    isRelated = true;
                }
            }
            catch (NotATraceException bomb)
            {
                Say(name, bomb.Message);
            }

            if (packets.Count == 0) Say(name, "is no Perfetto trace");
            else if (packets.BrokenOff is { } how) Say(name, ProtoTraceReader.CutOffAt(packets.WholeBytes, how));
            if (packets.Count > 0 && !isRelated) Say(name, "has no snapshot that relates its clock to the wall clock: it would not stand on the time line");
            if (isLate) Say(name, "relates its clock to the wall clock once more behind its first event: its events would jump");
        }

        private static bool TellsWallClock(ReadOnlySpan<byte> snapshot)
        {
            var fields = new ProtoFields(snapshot);
            while (fields.MoveNext())
            {
                if (fields.Tag == ProtoWire.Tag(1, ProtoWire.Bytes) && ProtoClocks.Read(fields.Content).Id == ProtoClocks.Realtime) return true;
            }

            return false;
        }
    }
}
