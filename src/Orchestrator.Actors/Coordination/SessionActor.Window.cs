using Akka.Actor;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

// Between the window's opening and its end: what is planned for it, and the probing of clocks.
public sealed partial class SessionActor
{
    // Ctrl-C should not keep anyone waiting, and a closing burst is worth this much.
    private static readonly TimeSpan HurriedClosing = TimeSpan.FromMilliseconds(200);

    private void Window(RunningSession running)
    {
        Command<PlannedMarker>(marker => Mark(running, marker));
        Command<PlannedMemoryDump>(dump => Dump(running, dump));
        Command<CadenceDue>(_ => Probe(running, "tick", rounds: 1, most: 1, Session.Plan.Window.MarkEvery));
        Command<CloseDue>(_ => Close(running));
        Command<EndDue>(_ => EndWindow(running));
        Command<SessionProtocol.EndNow>(_ =>
        {
            var asked = Sender;
            // Persisted before it is acknowledged: whoever asked does not ask again.
            void Heard() => asked.Tell(new SessionProtocol.Heard(_sessionId));
            if (running.Phase is SessionPhase.Preparing or SessionPhase.Starting && Session.WindowOpened is null)
            {
                GiveUp(running, SessionOutcome.Aborted, "ended before the window opened", Heard);
            }
            else if (running.IsResuming ? Session.WindowClosed is null : running.Phase is SessionPhase.Window && _time.In(HurriedClosing) < running.EndAtNanos)
            {
                PersistThen(Session.IsEndRequested ? [] : [new SessionEvent.EndRequested { At = _clock.Utc }], running, () =>
                {
                    Heard();
                    // When the nodes have said what they have, it goes on to its end.
                    if (running.IsResuming) return;
                    running.EndAtNanos = _time.In(HurriedClosing);
                    Close(running);
                });
            }
            else
            {
                Heard();
            }
        });
        Command<SessionProtocol.Mark>(mark =>
        {
            if (running.Phase is not SessionPhase.Window)
            {
                Sender.Tell(new SessionProtocol.Refused(_sessionId, "its window is not open"));
                return;
            }

            Sender.Tell(new SessionProtocol.Heard(_sessionId));
            Mark(running, mark.Label, _time.In(_settings.EndLead));
        });
    }

    private void OpenWindow(RunningSession running, long openedNanos)
    {
        running.EndAtNanos = openedNanos + Nanos(Session.Plan.Window.Duration);
        BeInWindow(running);
        running.OpeningProbe = Probe(running, "opening", _settings.BurstMarkers, _settings.BurstMostMarkers, _settings.BurstBudget);
        EndEarlyIfNoneLeft(running);
    }

    /// <summary>Plans all that is still to come in the window, which may be open for a while.</summary>
    private void BeInWindow(RunningSession running)
    {
        var (window, openedNanos) = (Session.Plan.Window, Session.WindowOpened!.TimelineNanos);
        running.Phase = SessionPhase.Window;
        Show(running, running.Phase);
        // The window has no answer to wait for: its end is the next thing that a node can be late for.
        Timers.Cancel(nameof(NodesOverdue));
        if (_term is not null) Send(running, new NodeProtocol.WindowOpens(running.EndAtNanos));
        // Whoever opened it may have died before this; a page that is open is not opened again.
        if (running.WasTakenOver) Send(running, NodeProtocol.OpenPages.Instance);
        var now = _time.In(TimeSpan.Zero);
        // Keyed by their places: two that are planned alike are two.
        foreach (var (place, marker) in window.Markers.Index().Where(planned => IsToCome(planned.Item.Offset)))
            Timers.StartSingleTimer((nameof(PlannedMarker), place), marker, UntilNanos(openedNanos + Nanos(marker.Offset - _settings.EndLead)));
        foreach (var (place, dump) in window.MemoryDumps.Index().Where(planned => IsToCome(planned.Item.Offset)))
            Timers.StartSingleTimer((nameof(PlannedMemoryDump), place), dump, UntilNanos(openedNanos + Nanos(dump.Offset)));
        Timers.StartPeriodicTimer(nameof(CadenceDue), CadenceDue.Instance, window.MarkEvery);
        var closing = TimeSpan.FromTicks(Math.Min(_settings.BurstBudget.Ticks, window.Duration.Ticks / 4));
        Timers.StartSingleTimer(nameof(CloseDue), CloseDue.Instance, UntilNanos(running.EndAtNanos - Nanos(closing)));

        // A window that has just opened has all of it before it, however little of it has gone by.
        bool IsToCome(TimeSpan offset) => !running.WasTakenOver || openedNanos + Nanos(offset) > now;
    }

    /// <summary>The closing burst, and the end behind it.</summary>
    private void Close(RunningSession running)
    {
        Timers.Cancel(nameof(CadenceDue));
        Timers.Cancel(nameof(CloseDue));
        Timers.StartSingleTimer(nameof(EndDue), EndDue.Instance, UntilNanos(running.EndAtNanos - Nanos(_settings.EndLead)));
        Probe(running, "closing", _settings.BurstMarkers, _settings.BurstMostMarkers, UntilNanos(running.EndAtNanos));
    }

    private void EndWindow(RunningSession running)
    {
        AskForWhatIsDue(running);
        Timers.CancelAll();
        FanOut(running, SessionPhase.Flushing, Session.Plan.Timeouts.Flush, phase => _ => new NodeProtocol.End(phase, running.EndAtNanos), () =>
        {
            foreach (var answer in running.FanOut.Answers.OfType<NodeProtocol.EndSent>().Where(answer => answer.Clock is not null)) running.Nodes.Find(answer.Node)!.Clock = answer.Clock;
            GiveAwayNodesTime(running);
            if (Session.WindowClosed is not null)
            {
                EndIfAllEnded(running);
                return;
            }

            var sent = running.FanOut.Answers.OfType<NodeProtocol.EndSent>().SelectMany(answer => answer.SentNanos).ToList();
            var closed = new SessionEvent.WindowClosed(sent.Count > 0 ? sent.Max() : running.EndAtNanos, Skew.Micros(sent)) { At = _clock.Utc };
            PersistThen([closed], running, () => EndIfAllEnded(running));
        });
    }

    /// <summary>What is planned for the window's last moment is asked for before the end is: afterwards no browser takes it.</summary>
    private void AskForWhatIsDue(RunningSession running)
    {
        var window = Session.Plan.Window;
        bool IsDue(string kind, int place, TimeSpan offset) =>
            Timers.IsTimerActive((kind, place)) && Session.WindowOpened!.TimelineNanos + Nanos(offset) <= running.EndAtNanos;

        foreach (var (place, marker) in window.Markers.Index())
        {
            if (IsDue(nameof(PlannedMarker), place, marker.Offset)) Mark(running, marker);
        }

        foreach (var (place, dump) in window.MemoryDumps.Index())
        {
            if (IsDue(nameof(PlannedMemoryDump), place, dump.Offset)) Dump(running, dump);
        }
    }

    private void Dump(RunningSession running, PlannedMemoryDump dump) =>
        Send(running, new NodeProtocol.DumpMemory(dump.Level, Session.Plan.Window.MemoryDumpDeterministic));

    private void Mark(RunningSession running, PlannedMarker marker) => Mark(running, marker.Label, Session.WindowOpened!.TimelineNanos + Nanos(marker.Offset));

    private void Mark(RunningSession running, string label, long atNanos)
    {
        var phase = running.NextPhase();
        var syncId = $"{_sessionId}.{label}.{phase}";
        running.Marks[phase] = new PendingMark(label, syncId, new PhaseFanOut<NodeProtocol.Answer>(phase, running.Nodes.Here.Where(node => node.Part is not null).Select(node => node.Name)));
        Send(running, new NodeProtocol.Mark(phase, syncId, label, atNanos));
    }

    private void Marked(RunningSession running, NodeProtocol.Marked marked)
    {
        if (running.Marks.TryGetValue(marked.Phase, out var mark)) Settle(running, marked.Phase, mark with { FanOut = mark.FanOut.Answered(marked.Node, marked) });
    }

    private void Settle(RunningSession running, long phase, PendingMark mark)
    {
        running.Marks[phase] = mark;
        if (!mark.FanOut.IsComplete) return;
        running.Marks.Remove(phase);

        var sent = mark.FanOut.Answers.OfType<NodeProtocol.Marked>().SelectMany(answer => answer.Instants).Select(instant => instant.SentNanos).ToList();
        if (sent.Count > 0)
            PersistThen([new SessionEvent.MarkerPlaced(mark.Label, mark.SyncId, sent.Min()) { At = _clock.Utc }], running, () => { });
    }

    private long Probe(RunningSession running, string kind, int rounds, int most, TimeSpan budget)
    {
        var phase = running.NextPhase();
        // A bracket leaves half its width to either side of its middle.
        var narrow = Session.Plan.MaxClockError is { } wanted && wanted < _settings.BurstNarrowEnough ? wanted : _settings.BurstNarrowEnough;
        Send(running, new NodeProtocol.Probe(phase, $"{_sessionId}.{kind}.{phase}", rounds, budget) { MostRounds = most, NarrowEnoughNanos = Nanos(narrow) });
        return phase;
    }

    private sealed record CadenceDue { public static CadenceDue Instance { get; } = new(); }
    private sealed record CloseDue { public static CloseDue Instance { get; } = new(); }
    private sealed record EndDue { public static EndDue Instance { get; } = new(); }
}
