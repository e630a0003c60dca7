using System.Text;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Browsers;

/// <summary>From a message's arrival to its answer's: the ways there and back, the time that the browser takes, what it counts.</summary>
public sealed partial class SimulatedBrowser
{
    private readonly Dictionary<string, long> _commands = [];
    private Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _commandsByMethod;
    private Dictionary<string, long>? _events;

    /// <summary>How many commands came in, by method.</summary>
    public IReadOnlyDictionary<string, long> CommandCounts => Copy(_commands);

    /// <summary>How many events were sent, by method.</summary>
    public IReadOnlyDictionary<string, long> EventCounts => Copy(_events ?? []);

    /// <summary>A client has sent these bytes. Under the lock.</summary>
    internal void Receive(SimulatedConnection connection, ReadOnlySpan<byte> message)
    {
        if (!connection.IsOpen) return;
        var now = Agenda.Now;
        connection.LastThere = Math.Max(connection.LastThere, now + Wait(Conditions.There));
        Agenda.Add(connection.LastThere, new Work(WorkKind.Arrive, connection, Frame.Copy(message), null));
    }

    /// <summary>Sends towards the client, behind all that was sent before. Under the lock.</summary>
    internal void Post(SimulatedConnection connection, in Frame frame, TimeSpan late = default)
    {
        if (!connection.IsOpen)
        {
            frame.Release();
            return;
        }

        connection.Untaken++;
        var now = Agenda.Now;
        // The parts of a message travel together.
        var at = connection.IsWithinMessage ? connection.LastBack : Math.Max(connection.LastBack, now + Wait(Conditions.Back));
        connection.IsWithinMessage = !frame.EndsMessage;
        // A late one is overtaken by others, and holds up none of them.
        if (late > TimeSpan.Zero) at += late.Ticks * 100;
        else connection.LastBack = at;
        if (at <= now && connection.OnTheirWay == 0)
        {
            connection.Deliver(frame);
        }
        else
        {
            connection.OnTheirWay++;
            Agenda.Add(at, new Work(WorkKind.Deliver, connection, frame, null));
        }
    }

    private void Perform(Work work)
    {
        if (work.Kind is not (WorkKind.Deliver or WorkKind.DoOutside or WorkKind.Connect) && Conditions.Clock.ResumesAt(Agenda.Now) is { } resumes)
        {
            Agenda.Add(resumes, work);
            return;
        }

        switch (work.Kind)
        {
            case WorkKind.Arrive when IsListening(work):
                Arrive(work.Connection!, work.Frame);
                break;
            case WorkKind.CarryOut when IsListening(work):
                work.Connection!.Waiting--;
                CarryOut(work.Connection!, work.Frame);
                break;
            case WorkKind.Deliver:
                work.Connection!.OnTheirWay--;
                if (work.Connection.IsOpen) work.Connection.Deliver(work.Frame);
                else work.Frame.Release();
                break;
            case WorkKind.Connect:
                work.Action!();
                break;
            case WorkKind.Do or WorkKind.DoOutside:
                if (!IsDead && !(IsHung && work.Kind is WorkKind.Do)) work.Action!();
                break;
        }
    }

    private bool IsListening(in Work work)
    {
        if (work.Connection!.IsOpen && !IsHung && !IsDead) return true;
        work.Frame.Release();
        return false;
    }

    private void Arrive(SimulatedConnection connection, in Frame frame)
    {
        if (!Command.TryRead(frame.Span, out var command, out var refusal))
        {
            Post(connection, Frame.Text(refusal!));
            frame.Release();
            return;
        }

        Count(command.Method);
        var now = Agenda.Now;
        // A start is judged at once, and takes its own time after that.
        var delay = command.Method.SequenceEqual("Tracing.start"u8) ? 0 : Wait(Conditions.Answering);
        var at = connection.LastCarriedOut = Math.Max(connection.LastCarriedOut, now + delay);
        if (at <= now && connection.Waiting == 0)
        {
            CarryOut(connection, command, frame);
        }
        else
        {
            connection.Waiting++;
            Agenda.Add(at, new Work(WorkKind.CarryOut, connection, frame, null));
        }
    }

    private void CarryOut(SimulatedConnection connection, in Frame frame)
    {
        if (Command.TryRead(frame.Span, out var command, out _)) CarryOut(connection, command, frame);
        else frame.Release();
    }

    private void CarryOut(SimulatedConnection connection, in Command command, in Frame frame)
    {
        if (KeepsRequests || connection.Lane is { IsBusy: true } || IsScripted(command.Method))
        {
            var request = new SimulatedRequest(connection, command.Id, Encoding.UTF8.GetString(command.Method), command.ToJson(), command.SessionId) { Message = frame.Span.ToArray() };
            if (KeepsRequests) _requests!.Enqueue(request);
            if (connection.Lane is { IsBusy: true } || IsScripted(command.Method))
            {
                (connection.Lane ??= new ScriptLane(this)).Add(request);
                frame.Release();
                return;
            }
        }

        Behave(connection, command);
        frame.Release();
    }

    /// <summary>An answer, which may come twice or late.</summary>
    private void PostAnswer(SimulatedConnection connection, in Frame frame)
    {
        var late = TimeSpan.Zero;
        foreach (var fault in Conditions.Faults)
        {
            switch (fault)
            {
                case Fault.LateAnswers lateness when Chances.NextDouble() < lateness.Share:
                    late = lateness.By;
                    break;
                case Fault.DuplicateAnswers twice when Chances.NextDouble() < twice.Share:
                    var copy = frame.Rendered();
                    Post(connection, Frame.Copy(copy.Span));
                    if (frame.Read is not null) copy.Release();
                    break;
            }
        }

        Post(connection, frame, late);
    }

    private void PostEvent(SimulatedConnection connection, string method, string parameters, string? sessionId)
    {
        CountEvent(method);
        Post(connection, Frame.Text($"{{\"method\":\"{method}\",\"params\":{parameters}{(sessionId is null ? "" : $",\"sessionId\":\"{sessionId}\"")}}}"));
    }

    private void Count(ReadOnlySpan<byte> method)
    {
        Span<char> name = stackalloc char[64];
        name = name[..Encoding.UTF8.GetChars(method[..Math.Min(method.Length, 64)], name)];
        if (_commands.Count == 0) _commandsByMethod = _commands.GetAlternateLookup<ReadOnlySpan<char>>();
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_commandsByMethod, name, out _)++;
    }

    private void CountEvent(string method) =>
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_events ??= [], method, out _)++;

    private SortedDictionary<string, long> Copy(Dictionary<string, long> counts)
    {
        using (Agenda.Enter()) return new SortedDictionary<string, long>(counts, StringComparer.Ordinal);
    }

    /// <summary>Nanoseconds.</summary>
    private long Wait(Delay delay) => (delay is Delay.Constant always ? always.Value : delay.Next(Delays)).Ticks * 100;
}
