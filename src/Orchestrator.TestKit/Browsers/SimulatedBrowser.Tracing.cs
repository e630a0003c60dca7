using System.Buffers.Text;
using System.Text.Json.Nodes;
using Orchestrator.TestKit.Browsers.Traces;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Browsers;

/// <summary>The Tracing domain. One recording for each browser, which belongs to the session that started it.</summary>
public sealed partial class SimulatedBrowser
{
    private Recording? _recording;
    private int _recordings;
    private long _dumps;

    /// <summary>When the last <c>Tracing.start</c> was carried out, in the true time of its world, nanoseconds; null: none was.</summary>
    public long? StartedAtNanos { get; private set; }

    /// <summary>Whether somebody records, or what was recorded is being flushed.</summary>
    public bool IsRecording
    {
        get
        {
            using (Agenda.Enter()) return _recording is not null;
        }
    }

    private void ForgetTracing(SimulatedConnection connection)
    {
        if (_recording?.Owner == connection) _recording = null;
        foreach (var (handle, _) in _streams?.Where(s => s.Value.Connection == connection).ToArray() ?? []) _streams!.Remove(handle);
    }

    private void BehaveTracing(SimulatedConnection connection, in Command command)
    {
        var method = command.Method;
        if (method.SequenceEqual("Tracing.recordClockSyncMarker"u8)) Mark(connection, command);
        else if (method.SequenceEqual("IO.read"u8)) Read(connection, command);
        else if (method.SequenceEqual("IO.close"u8)) CloseStream(connection, command);
        else if (method.SequenceEqual("Tracing.start"u8)) Start(connection, command);
        else if (method.SequenceEqual("Tracing.end"u8)) End(connection, command);
        else if (method.SequenceEqual("Tracing.requestMemoryDump"u8)) Dump(connection, command);
        else if (method.SequenceEqual("Tracing.getCategories"u8)) AnswerCategories(connection, command);
        else if (method.SequenceEqual("Tracing.getTrackEventDescriptor"u8)) AnswerDescriptor(connection, command);
        else AnswerError(connection, command, -32601, $"'{System.Text.Encoding.UTF8.GetString(method)}' wasn't found");
    }

    private void AnswerCategories(SimulatedConnection connection, in Command command)
    {
        IReadOnlyList<string> known = EmptyCategoryAnswers-- > 0 ? [] : Categories;
        Answer(connection, command, new JsonObject { ["categories"] = new JsonArray([.. known.Select(JsonNode? (c) => c)]) });
    }

    /// <summary>perfetto.protos.TrackEventDescriptor: available_categories = 1, of which name = 1.</summary>
    private void AnswerDescriptor(SimulatedConnection connection, in Command command)
    {
        var descriptor = new Tracing.Formats.ProtoWriter();
        foreach (var category in Categories) descriptor.Message(1, one => one.Text(1, category));
        Answer(connection, command, new JsonObject { ["descriptor"] = Convert.ToBase64String(descriptor.Written) });
    }

    private void AnswerNotStarted(SimulatedConnection connection, in Command command) => AnswerError(connection, command, -32000, "Tracing is not started");

    private void Mark(SimulatedConnection connection, in Command command)
    {
        if (command.Text("syncId"u8) is not { } syncId)
        {
            AnswerMissing(connection, command, "syncId");
        }
        else if (_recording is not { } recording)
        {
            AnswerNotStarted(connection, command);
        }
        else
        {
            recording.Mark(Agenda.Now, syncId);
            Answer(connection, command, "{}"u8);
        }
    }

    private void Dump(SimulatedConnection connection, in Command command)
    {
        if (_recording is not { } recording)
        {
            AnswerNotStarted(connection, command);
            return;
        }

        var guid = ++_dumps;
        var succeeds = recording.Setup.TakesMemoryDumps && recording.EndedNanos is null;
        if (succeeds) recording.Dump(Agenda.Now, command.Text("levelOfDetail"u8) ?? "detailed", guid);
        Answer(connection, command, new JsonObject { ["dumpGuid"] = $"0x{guid:x}", ["success"] = succeeds });
    }

    private void Start(SimulatedConnection connection, in Command command)
    {
        if (RefusalOfStart(command) is { } refusal)
        {
            AnswerError(connection, command, refusal.Code, refusal.Message);
            return;
        }

        PerfettoConfig? perfetto = null;
        if (command.Text("perfettoConfig"u8) is { } base64)
        {
            var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
            if (!Convert.TryFromBase64String(base64, bytes, out var length))
            {
                AnswerError(connection, command, -32602, "Invalid parameters", "Failed to deserialize params.perfettoConfig - BINDINGS: invalid base64 string at position 0");
                return;
            }

            perfetto = PerfettoConfig.Parse(bytes.AsSpan(0, length));
            if (perfetto is not { HasDataSources: true })
            {
                AnswerError(connection, command, -32602, perfetto is null ? "Couldn't parse the supplied perfettoConfig." : "Supplied perfettoConfig doesn't have any data sources specified");
                return;
            }
        }

        var setup = RecordingSetup.Of(command, perfetto);
        if (setup is { IsStream: false, IsProto: true })
        {
            AnswerError(connection, command, -32602, "Proto format is only supported when using stream transfer mode.");
            return;
        }

        // From here on nobody else can start one; also when it is stuck, until this connection is closed.
        var recording = _recording = new Recording(connection, command.SessionId, setup) { Number = _recordings++, Page = PageOf(connection, command) };
        if (setup.IsStuck)
        {
            AnswerError(connection, command, -32000, "Peer disconnected");
            return;
        }

        var answer = Acknowledge(command);
        InTime(Wait(Conditions.Starting), () => Started(recording, answer));
    }

    private (int Code, string Message)? RefusalOfStart(in Command command)
    {
        if (_recording is not null) return (-32000, "Tracing has already been started (possibly in another tab).");
        if (command.Has("traceConfig"u8) && (command.Has("categories"u8) || command.Has("options"u8)))
            return (-32602, "Either trace config (preferred), or categories+options should be specified, but not both.");
        if (command.Number("screenshotMaxSize"u8) is < 1 or > 4096) return (-32602, "screenshotMaxSize must be in [1, 4096].");
        if (command.Number("screenshotMaxCount"u8) is < 1 or > 100_000) return (-32602, "screenshotMaxCount must be in [1, 100000].");
        return Find<Fault.RefuseStart>() is { } refusal ? (refusal.Code, refusal.Message) : null;
    }

    private void Started(Recording recording, Frame answer)
    {
        if (_recording != recording || !recording.Owner.IsOpen)
        {
            answer.Release();
            return;
        }

        recording.StartedNanos = StartedAtNanos = Agenda.Now;
        recording.StartedAt = UtcNow;
        PostAnswer(recording.Owner, answer);
        SetFate(recording.Owner);
        if (recording.Setup.ReportingInterval is { } interval) ReportUsage(recording, interval);
    }

    private void ReportUsage(Recording recording, TimeSpan interval)
    {
        var content = new RecordedContent(recording, Conditions);
        Agenda.Add(Agenda.Now + interval.Ticks * 100, Work.Do(Report));

        void Report()
        {
            if (_recording != recording || recording.EndedNanos is not null) return;
            var now = Agenda.Now;
            var share = content.ShareFull(now).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
            PostEvent(recording.Owner, "Tracing.bufferUsage", $"{{\"percentFull\":{share},\"eventCount\":0,\"value\":{share}}}", recording.SessionId);
            Agenda.Add(now + interval.Ticks * 100, Work.Do(Report));
        }
    }

    private void End(SimulatedConnection connection, in Command command)
    {
        if (_recording is not { } recording || recording.Owner != connection || recording.SessionId != command.SessionId)
        {
            AnswerNotStarted(connection, command);
        }
        else if (recording.Setup.IsStuck || recording.StartedNanos is null)
        {
            AnswerError(connection, command, -32000, "Tracing failed");
        }
        else
        {
            Answer(connection, command, "{}"u8);
            // While it is flushed Chromium takes a second end without a word, and nobody's start.
            if (recording.EndedNanos is not null) return;
            recording.EndedNanos = Agenda.Now;
            InTime(Wait(Conditions.Flushing) + (Find<Fault.SlowFlush>()?.Extra.Ticks ?? 0) * 100, () => Flushed(recording));
        }
    }

    private void Flushed(Recording recording)
    {
        if (_recording != recording) return;
        _recording = null;
        var story = new TraceStory(recording, Conditions, Product, UserAgent, _targets);
        var loss = story.IsLossy || Find<Fault.DataLoss>() is not null ? "true" : "false";
        var setup = recording.Setup;
        if (setup.IsStream)
        {
            var handle = OpenStream(recording, story);
            if (Find<Fault.LoseTracingComplete>() is not null) return;
            PostEvent(recording.Owner, "Tracing.tracingComplete", $"{{\"dataLossOccurred\":{loss},\"stream\":\"{handle}\",\"traceFormat\":\"{(setup.IsProto ? "proto" : "json")}\",\"streamCompression\":\"{(setup.IsGzip ? "gzip" : "none")}\"}}", recording.SessionId);
        }
        else
        {
            recording.Owner.Pump = new EventPump(recording, EventsOf(story), Find<Fault.CloseMidStream>()?.AtShare, Find<Fault.LoseTracingComplete>() is null ? $"{{\"dataLossOccurred\":{loss}}}" : null);
            Feed(recording.Owner);
        }
    }

    private Func<IEnumerable<ReadOnlyMemory<byte>>> EventsOf(TraceStory story) => Conditions.Content is TraceContent.Replayed replayed
        ? () => JsonEventList.Split(replayed.Bytes)
        : () => JsonTraceSource.Events(story);

    /// <summary>An answer that is written now and sent later.</summary>
    private static Frame Acknowledge(in Command command) =>
        Frame.Text($"{{\"id\":{command.Id},\"result\":{{}}{(command.SessionId is null ? "" : $",\"sessionId\":\"{command.SessionId}\"")}}}");

    private void InTime(long nanos, Action action)
    {
        if (nanos > 0) Agenda.Add(Agenda.Now + nanos, Work.Do(action));
        else action();
    }
}
