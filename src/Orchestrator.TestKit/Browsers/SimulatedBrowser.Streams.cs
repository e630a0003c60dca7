using System.Buffers;
using System.Text;
using Orchestrator.TestKit.Browsers.Traces;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Browsers;

/// <summary>The IO domain, and the events of a recording on their way out: a trace is made while it is read.</summary>
public sealed partial class SimulatedBrowser
{
    private const int ChromiumsOwnSize = 10 << 20;

    // So many events are on their way before the first has been taken.
    private const int EventsAhead = 8;

    private Dictionary<string, OpenedStream>? _streams;
    private int _handles;

    /// <summary>Sends what there is to send of a recording's events, as far as the client keeps up. Under the lock.</summary>
    internal void Feed(SimulatedConnection connection)
    {
        while (connection is { Pump: { } pump, IsOpen: true } && connection.Untaken < EventsAhead)
        {
            if (pump.IsToBreak)
            {
                Post(connection, Frame.Of(FrameKind.Reset));
                connection.Pump = null;
            }
            else if (pump.TryNext(out var frame))
            {
                CountEvent("Tracing.dataCollected");
                Post(connection, frame);
            }
            else
            {
                connection.Pump = null;
                if (pump.Complete is { } complete) PostEvent(connection, "Tracing.tracingComplete", complete, pump.SessionId);
            }
        }
    }

    private string OpenStream(Recording recording, TraceStory story)
    {
        var setup = recording.Setup;
        TraceBytes bytes = Conditions.Content is TraceContent.Replayed replayed ? new ReplayedBytes(replayed.Bytes) : new PulledBytes(() =>
        {
            var plain = setup.IsProto ? ProtoTraceSource.Packets(story) : JsonTraceSource.Document(story);
            return setup.IsGzip ? plain.Gzipped() : plain;
        });
        var handle = $"{++_handles}";
        (_streams ??= []).Add(handle, new OpenedStream(recording.Owner, recording.SessionId, bytes, setup.IsProto || setup.IsGzip));
        return handle;
    }

    private void CloseStream(SimulatedConnection connection, in Command command)
    {
        if (command.Text("handle"u8) is not { } handle)
        {
            AnswerMissing(connection, command, "handle");
        }
        else if (Find(connection, command, handle) is null)
        {
            AnswerError(connection, command, -32602, "Invalid stream handle");
        }
        else
        {
            _streams!.Remove(handle);
            Answer(connection, command, "{}"u8);
        }
    }

    private OpenedStream? Find(SimulatedConnection connection, in Command command, string handle) =>
        _streams?.GetValueOrDefault(handle) is { } stream && stream.Connection == connection && stream.SessionId == command.SessionId ? stream : null;

    private void Read(SimulatedConnection connection, in Command command)
    {
        if (command.Text("handle"u8) is not { } handle)
        {
            AnswerMissing(connection, command, "handle");
            return;
        }

        if (Find(connection, command, handle) is not { } stream)
        {
            AnswerError(connection, command, -32602, "Invalid stream handle");
            return;
        }

        if (Find<Fault.CloseMidStream>() is { } cut && stream.Bytes.Position >= cut.AtShare * stream.Bytes.Length)
        {
            Post(connection, Frame.Of(FrameKind.Reset));
            return;
        }

        if (command.Number("offset"u8) is { } offset) stream.Bytes.Seek((long)offset);
        var size = command.Number("size"u8) is > 0 and var asked ? (int)Math.Min(asked, 256 << 20) : ChromiumsOwnSize;
        var (data, isRented) = stream.Next(size);
        // Chromium tells the end with an answer of its own.
        var isEnd = data.Count == 0;
        var head = Encoding.UTF8.GetBytes($"{{\"id\":{command.Id},\"result\":{{\"base64Encoded\":{(stream.IsBinary ? "true" : "false")},\"data\":\"");
        var tail = Encoding.UTF8.GetBytes($"\",\"eof\":{(isEnd ? "true" : "false")}}}{(command.SessionId is null ? "" : $",\"sessionId\":\"{command.SessionId}\"")}}}");
        var answer = new ReadAnswer(head, data, isRented, stream.IsBinary, tail);
        if (isEnd || (isRented && connection is MemoryConnection))
        {
            PostAnswer(connection, answer.Whole());
            answer.Release();
        }
        else
        {
            PostAnswer(connection, default(Frame) with { EndsMessage = true, Read = answer });
        }
    }

    private sealed class OpenedStream(SimulatedConnection connection, string? sessionId, TraceBytes bytes, bool isBinary)
    {
        public SimulatedConnection Connection => connection;

        public string? SessionId => sessionId;

        public TraceBytes Bytes => bytes;

        public bool IsBinary => isBinary;

        /// <summary>The next bytes: where they stand, or in a rented array.</summary>
        public (ArraySegment<byte> Data, bool IsRented) Next(int size)
        {
            var whole = bytes.Whole;
            if (System.Runtime.InteropServices.MemoryMarshal.TryGetArray(whole, out var array) && array.Count > 0)
            {
                var at = (int)bytes.Position;
                var end = (int)Math.Min((long)at + size, array.Count);
                // Text is not cut within a character.
                while (!isBinary && end < array.Count && end > at + 1 && (array[end] & 0xC0) == 0x80) end--;
                bytes.Seek(end);
                return (array[at..end], false);
            }

            var room = ArrayPool<byte>.Shared.Rent(size);
            var read = bytes.Read(room.AsSpan(0, size));
            return (new ArraySegment<byte>(room, 0, read), true);
        }
    }
}
