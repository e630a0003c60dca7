using Akka.Actor;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

// From the last browser's end to the session's: clocks, merged files, the outcome, session.json.
public sealed partial class SessionActor
{
    private void EndIfAllEnded(RunningSession running)
    {
        if (running.IsEnding || running.Phase is not SessionPhase.Flushing || (running.Forced is null && Session.WindowClosed is null)) return;
        if (SessionDecisions.WhenAllEnded(Session, running.Forced?.Outcome, running.Forced?.Reason, _clock.Utc) is not { } end) return;
        running.IsEnding = true;
        // A session that was given up is over now; what it left can be merged by hand.
        if (running.Forced is not null || Session.Browsers.All(browser => browser.Report?.Trace is null))
            PersistThen([end], running, () => WriteDocument(running, aligned: null));
        else if (IsSomeTraceToCome(running))
            running.IsEnding = false;
        else
            Assemble(running, end);
    }

    private void Assemble(RunningSession running, SessionEvent.Ended end)
    {
        Timers.CancelAll();
        running.Phase = SessionPhase.Merging;
        Show(running, running.Phase);
        var self = Self;
        var due = _clock.Timestamp;
        void Progressed(MergeProgress progress)
        {
            // Comes from several threads, at every megabyte: what is not worth a look is dropped before it costs a message.
            if (_clock.Timestamp < Interlocked.Read(ref due)) return;
            Interlocked.Exchange(ref due, _clock.ToTimestamp(_clock.In(_settings.ProgressInterval)));
            self.Tell(progress);
        }

        AssembleAsync(running, TraceSession.Apply(Session, end), self, Progressed).PipeBack(
            Self, success: assembled => assembled, failure: failure => new AssemblyFailed(failure is OperationCanceledException ? "given up on request" : failure.Message));
    }

    private async Task<AssembledSession> AssembleAsync(RunningSession running, TraceSession judged, IActorRef self, Action<MergeProgress> progressed)
    {
        if (_term is not null)
        {
            var nodes = running.Nodes.Here.Where(node => node.Http is not null).ToDictionary(node => node.Name, node => node.Http!);
            var clocks = running.Nodes.All.Select(node => node.Clock).OfType<NodeProtocol.ClockAccount>().ToList();
            self.Tell(new NotFetchedAgain(await FetchAgainAsync(judged, nodes, running.Fetched.ToHashSet(StringComparer.Ordinal), _merging.Token)));
            await WriteNodeClocksAsync(judged, clocks);
        }

        return await SessionAssembly.AssembleAsync(judged, progressed, _merging.Token);
    }

    private void Assembled(RunningSession running)
    {
        Command<MergeProgress>(progress =>
        {
            if (running.Phase is SessionPhase.Merging) running.Watch.Merging(progress, Session);
        });
        Command<AssembledSession>(assembled => EndWith(running, assembled.Events(_clock.Utc), assembled.Aligned));
        Command<AssemblyFailed>(failed => EndWith(
            running,
            [new SessionEvent.TracesMerged([], [$"The traces were not merged: {failed.Reason}. 'orchestrator merge {Session.Plan.OutputFolder}' does it."]) { At = _clock.Utc }],
            aligned: null));
    }

    private void EndWith(RunningSession running, IReadOnlyList<SessionEvent> made, AlignedSession? aligned)
    {
        if (SessionDecisions.WhenAllEnded(Session, forced: null, reason: null, _clock.Utc) is not { } end) return;
        // Recorded and reported to a coordinator that is gone, with what it had fetched: what nobody has any more is not complete.
        var missing = running.Unfetched.Where(browser => Session.Find(browser)?.Report?.Trace is not null).Order(StringComparer.Ordinal).ToList();
        if (missing.Count > 0 && end.Outcome is SessionOutcome.Complete or SessionOutcome.CompleteWithLoss)
            end = end with { Outcome = SessionOutcome.Partial, Reason = $"the traces of {string.Join(", ", missing)} could not be fetched once more from their nodes after the coordinator that had them was gone" };
        PersistThen([.. made, end], running, () => WriteDocument(running, aligned));
    }

    private void JudgeInterrupted()
    {
        if (_session is not { IsOpen: true } open)
        {
            Refuse("there is no open session of this name");
            return;
        }

        Become(() =>
        {
            Command<Judged>(judged => PersistThen(judged.Events, running: null, () => WriteDocument(running: null, aligned: null)));
            Command<Status.Failure>(failure => throw new InvalidOperationException("The interrupted session could not be judged.", failure.Cause));
        });
        InterruptedSession.JudgeAsync(open, _clock.Utc).PipeBack(Self, success: events => new Judged(events));
    }

    private void WriteDocument(RunningSession? running, AlignedSession? aligned)
    {
        Timers.CancelAll();
        Become(() =>
        {
            Command<DocumentWritten>(written =>
            {
                running?.Watch.Show(SessionPhase.Ended, Session);
                Over(running, written.Problem);
            });
            CommandAny(message =>
            {
                if (message is SessionProtocol.Watch or SessionProtocol.EndNow or SessionProtocol.Abort or SessionProtocol.Mark)
                    Sender.Tell(new SessionProtocol.Refused(_sessionId, "it is just ending") { IsForNow = true });
            });
        });
        SessionAssembly.WriteAsync(Session, aligned).PipeBack(
            Self, success: problem => new DocumentWritten(problem), failure: failure => new DocumentWritten(failure.Message));
    }

    private void Over(RunningSession? running, string? problem)
    {
        Context.Parent.Tell(new SessionProtocol.Closed(SessionDocument.Of(Session), problem)
        {
            KeepSpools = SessionDecisions.Untaken(Session).Concat(running?.Unfetched ?? []).Select(browser => Session.Find(browser)?.Target.Node).OfType<string>().ToHashSet(StringComparer.Ordinal),
        });
        Context.Stop(Self);
    }

    private sealed record AssemblyFailed(string Reason);
    private sealed record Judged(IReadOnlyList<SessionEvent> Events);
    private sealed record DocumentWritten(string? Problem);
}
