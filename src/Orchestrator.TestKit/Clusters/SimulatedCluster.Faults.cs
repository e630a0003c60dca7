using Akka.Actor;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Nodes;

namespace Orchestrator.TestKit.Clusters;

// What goes wrong, and when; who coordinates.
internal sealed partial class SimulatedCluster
{
    // The membership finds nobody to put into office, and looks again.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<string> _kinds = new(StringComparer.Ordinal);
    private SimulatedNodeProcess? _office;
    private int _terms;
    private int _asked;

    /// <summary>The processes that were in office, in order.</summary>
    public List<SimulatedNodeProcess> Terms { get; } = [];

    private void Order()
    {
        var byEvent = _scenario.Faults.Where(fault => fault.When.Event is not null).ToLookup(fault => fault.When.Event!.Value);
        var byKind = _scenario.Faults.Where(fault => fault.When.Manifest is not null).ToLookup(fault => fault.When.Manifest!);
        foreach (var fault in _scenario.Faults.Where(fault => fault.When is { Event: null, Manifest: null })) Time.Schedule(fault.When.Plus, () => Befall(fault));
        Journal.Kept += (_, one) =>
        {
            foreach (var fault in byEvent[(int)Journal.Count].Concat(_kinds.Add(one.Manifest) ? byKind[one.Manifest] : []))
            {
                if (fault.When.Plus == TimeSpan.Zero) Befall(fault);
                else Time.Schedule(fault.When.Plus, () => Befall(fault));
            }
        };
    }

    private void Befall(ClusterFault fault)
    {
        switch (fault)
        {
            case ClusterFault.CoordinatorDies dies when _office is { } office:
                Kill(office, dies.Returns, dies.Vacant);
                break;
            case ClusterFault.CoordinatorIsOusted ousted when _office is { } office && Candidates().Any(process => process != office):
                Appoint();
                Time.Schedule(ousted.Beside, () => Kill(office, returns: null));
                break;
            case ClusterFault.NodeDies dies when _machines[dies.Node].Process is { IsDead: false } process:
                Kill(process, dies.Returns);
                break;
            case ClusterFault.NodeIsCutOff cut:
                CutOff(_machines[cut.Node], cut.For);
                break;
            case ClusterFault.MessagesAreLost lost:
                _machines[lost.Node].Loss = lost.Share;
                Time.Schedule(lost.For, () => _machines[lost.Node].Loss = 0);
                break;
            case ClusterFault.JournalIsAway away:
                Journal.IsAway = true;
                Time.Schedule(away.For, () => Journal.IsAway = false);
                break;
            case ClusterFault.NodeDrains drains when _machines[drains.Node].Process is { IsDead: false } process:
                process.Node.Tell(new NodeLifeProtocol.EndRecordings("its node was told to stop"));
                WhenQuiet(process, andTaken: true, () => Leave(process));
                break;
        }
    }

    private IEnumerable<SimulatedNodeProcess> Candidates() =>
        _machines.Values.Where(machine => machine is { Coordinates: true, IsThere: true }).Select(machine => machine.Process!);

    private void AppointIfVacant()
    {
        if (_office is null) Appoint();
    }

    /// <summary>The next machine's process comes into office; whoever is in it is not asked.</summary>
    private void Appoint()
    {
        var next = Candidates().Where(process => process != _office).OrderBy(process => string.CompareOrdinal(process.Machine.Name, Terms.LastOrDefault()?.Machine.Name ?? "") <= 0).FirstOrDefault();
        if (next is null)
        {
            Time.Schedule(LookAgain, AppointIfVacant);
            return;
        }

        _office = next;
        Terms.Add(next);
        var transfer = _scenario.SharesFolder ? null : new CopyingTransfer(Time, next, node => _machines[node.Host], _random);
        var coordinator = ActorOf(next, ClusterCoordinatorActor.Props(next.Clock, _settings, next.Machine.Http, (epoch, _) =>
            new ClusterTerm(epoch, next.Machine.Name, next.Machine.SessionsFolder, transfer, next.References)), $"coordinator-{++_terms}");
        _between.Tell(new InOffice(coordinator));
    }

    private void Vacate()
    {
        _office = null;
        _between.Tell(new InOffice(ActorRefs.Nobody));
    }

    /// <summary>What is left of a killed process is what is on its machine's disk, and in the journal.</summary>
    /// <param name="vacant">How long nobody is in office, if it was; null: until the cluster's verdict.</param>
    private void Kill(SimulatedNodeProcess process, TimeSpan? returns, TimeSpan? vacant = null)
    {
        if (process.IsDead) return;
        process.IsDead = true;
        if (process == _office)
        {
            Vacate();
            Time.Schedule(vacant ?? _scenario.Verdict, AppointIfVacant);
        }

        // Somebody has to be left who can coordinate.
        if (process.Machine.Coordinates && !Candidates().Any()) returns ??= TimeSpan.FromSeconds(3);
        foreach (var browser in process.Machine.Browsers) browser.DropConnections();
        Time.Schedule(_scenario.Verdict, () => Network.PutOut(process));
        if (returns is { } after) Time.Schedule(after, () => Start(process.Machine));
    }

    private void CutOff(SimulatedMachine machine, TimeSpan time)
    {
        if (machine.IsCutOff || machine.Process is not { IsDead: false } process || process == _office) return;
        machine.IsCutOff = true;
        Time.Schedule(time, () => machine.IsCutOff = false);
        Time.Schedule(_scenario.Verdict, () =>
        {
            if (time < _scenario.Verdict || process.IsDead) return;
            Network.PutOut(process);
            // Its recordings come to their end first; then it joins anew.
            WhenQuiet(process, andTaken: false, () => Start(machine));
        });
    }

    private void Leave(SimulatedNodeProcess process)
    {
        process.IsDead = true;
        Network.PutOut(process);
    }

    private void WhenQuiet(SimulatedNodeProcess process, bool andTaken, Action then) => process.Node.Tell(
        new NodeLifeProtocol.TellWhenQuiet(andTaken),
        ActorOf(process, Props.Create(() => new Hearing<NodeLifeProtocol.Quiet>(_ => IfAlive(process, then))), $"quiet-{++_asked}"));

    private static void IfAlive(SimulatedNodeProcess process, Action then)
    {
        if (!process.IsDead) then();
    }
}
