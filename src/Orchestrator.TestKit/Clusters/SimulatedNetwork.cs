using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Wire;
using Orchestrator.TestKit.Time;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Clusters;

/// <summary>
/// What lies between the processes of a cluster that one actor system plays: an actor belongs to the process that its name begins with.
/// What is said from one process to another goes through the wire's serializer and takes its time, keeps its order, and is lost where the
/// machine is cut off; to and from a process that was killed nothing goes. A process whose actors watch those of another hears that they are gone when these
/// stop, or by the cluster's verdict (<see cref="PutOut"/>).
/// </summary>
internal sealed class SimulatedNetwork(VirtualTime time, ActorSystem system, VirtualDispatcher dispatcher, Delay delay, Random random) : IVirtualNetwork
{
    /// <summary>Stands between the process's name and the actor's.</summary>
    public const char Separator = '~';

    // Akka repeats what it has to tell of actors that stopped until it has arrived.
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, SimulatedNodeProcess> _processes = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, SimulatedNodeProcess?> _owners = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(SimulatedNodeProcess From, SimulatedNodeProcess To), long> _lastArrival = [];
    private readonly List<(IInternalActorRef Watcher, IInternalActorRef Watched)> _watches = [];
    private readonly List<string> _complaints = [];

    /// <summary>What was said and cannot be said between processes.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>Is told what arrives at an actor of a node, and what leaves one.</summary>
    public Fencing Fencing { get; } = new();

    /// <summary>Who hands on what others say, and is no process of its own: the stand-in for the proxy of the singleton.</summary>
    public IActorRef? Between { get; set; }

    public void Add(SimulatedNodeProcess process) => _processes.Add(process.Name, process);

    /// <summary>The process that the actor belongs to; null: it is none's, as the journal's.</summary>
    public SimulatedNodeProcess? OwnerOf(IActorRef? actor)
    {
        if (actor is null || actor.IsNobody()) return null;
        if (_owners.TryGetValue(actor, out var owner)) return owner;
        var elements = actor.Path.Elements;
        if (elements is ["user", var name, ..] && name.IndexOf(Separator, StringComparison.Ordinal) is > 0 and var end) owner = _processes[name[..end]];
        return _owners[actor] = owner;
    }

    public bool LetsThrough(ActorCell to, Envelope envelope)
    {
        var receiver = OwnerOf(to.Self);
        if (receiver is null) return true;
        // Who speaks is not always who is to be answered: a message may be handed on.
        var speaker = InternalCurrentActorCellKeeper.Current?.Self;
        var sender = speaker is null || speaker.Equals(Between) ? OwnerOf(envelope.Sender) : OwnerOf(speaker);
        if (speaker is not null) Fencing.Leaves(speaker, envelope.Message);
        if (receiver.IsDead || sender is { IsDead: true }) return false;
        if (sender is null || sender == receiver)
        {
            Fencing.Said(to.Self, envelope.Message, sender is null ? null : speaker);
            return true;
        }

        if (IsParted(sender, receiver) || random.NextDouble() < sender.Machine.Loss || random.NextDouble() < receiver.Machine.Loss) return false;
        if (Wired(envelope.Message) is not { } message) return false;
        Later(sender, receiver, () =>
        {
            if (receiver.IsDead || IsParted(sender, receiver)) return;
            Fencing.Arrives(to, message);
            dispatcher.Deliver(to, new Envelope(message, envelope.Sender));
        });
        return false;
    }

    public bool LetsThrough(ActorCell to, SystemMessage message)
    {
        var receiver = OwnerOf(to.Self);
        switch (message)
        {
            case Watch watch when OwnerOf(watch.Watcher) is { } watcher && receiver is not null && watcher != receiver:
                if (watcher.IsDead) return false;
                _watches.Add((watch.Watcher, watch.Watchee));
                if (receiver.IsPutOut || watcher.IsPutOut) time.Schedule(BetweenTries, () => Tell(watch.Watcher, watch.Watchee));
                break;
            case Unwatch unwatch:
                _watches.RemoveAll(one => one.Watcher.Equals(unwatch.Watcher) && one.Watched.Equals(unwatch.Watchee));
                break;
            case DeathWatchNotification gone when receiver is not null && OwnerOf(gone.Actor) is { } process && process != receiver:
                if (!process.IsDead) Arrive(process, receiver, to, gone);
                return false;
        }

        return receiver is not { IsDead: true };
    }

    /// <summary>The cluster's verdict: this process is gone. It and the others hear that of each other's actors.</summary>
    public void PutOut(SimulatedNodeProcess process)
    {
        if (process.IsPutOut) return;
        process.IsPutOut = true;
        foreach (var (watcher, watched) in _watches.ToList())
        {
            if (OwnerOf(watcher) == process || OwnerOf(watched) == process) Tell(watcher, watched);
        }
    }

    private static bool IsParted(SimulatedNodeProcess one, SimulatedNodeProcess other) =>
        one.Machine.IsCutOff || other.Machine.IsCutOff || one.IsPutOut || other.IsPutOut;

    /// <summary>What the receiver's process would read of it; null: nothing can be.</summary>
    private object? Wired(object message)
    {
        if (system.Serialization.FindSerializerFor(message) is WireSerializer wire) return wire.FromBinary(wire.ToBinary(message), wire.Manifest(message));
        _complaints.Add($"{message.GetType()} was said to another process, and is no message of the wire");
        return null;
    }

    private void Later(SimulatedNodeProcess from, SimulatedNodeProcess to, Action arrive)
    {
        var at = Math.Max(_lastArrival.GetValueOrDefault((from, to)), time.NowNanos + delay.Next(random).Ticks * 100);
        _lastArrival[(from, to)] = at;
        time.Schedule(TimeSpan.FromTicks((at - time.NowNanos) / 100), arrive);
    }

    private void Arrive(SimulatedNodeProcess from, SimulatedNodeProcess receiver, ActorCell to, DeathWatchNotification gone) => Later(from, receiver, () =>
    {
        if (receiver.IsDead || from.IsPutOut || receiver.IsPutOut) return;
        if (IsParted(from, receiver)) time.Schedule(BetweenTries, () => Arrive(from, receiver, to, gone));
        else dispatcher.Deliver(to, new DeathWatchNotification(gone.Actor, gone.ExistenceConfirmed, gone.AddressTerminated));
    });

    private void Tell(IInternalActorRef watcher, IInternalActorRef watched)
    {
        if (OwnerOf(watcher) is { IsDead: false } && (watcher as ActorRefWithCell)?.Underlying is ActorCell cell)
            dispatcher.Deliver(cell, new DeathWatchNotification(watched, existenceConfirmed: true, addressTerminated: true));
    }
}

/// <summary>
/// Holds against what arrives at each node that it obeys no coordinator whose successor it knows: of every command of a lower epoch it must say so,
/// and do nothing else.
/// </summary>
internal sealed class Fencing
{
    private readonly Dictionary<IActorRef, long> _known = [];
    private readonly Dictionary<IActorRef, (IInternalActorRef Actor, int Count)> _stale = [];
    private readonly Dictionary<IActorRef, int> _fenced = [];

    /// <summary>How many commands of a coordinator came whose successor was known.</summary>
    public int Stale => _stale.Values.Sum(one => one.Count);

    /// <summary>Nodes that obeyed.</summary>
    public IEnumerable<string> Broken => _stale
        .Where(one => one.Value.Actor is ActorRefWithCell { Underlying.IsTerminated: false } && _fenced.GetValueOrDefault(one.Key) < one.Value.Count)
        .Select(one => $"{one.Key.Path.Name} was given {one.Value.Count} commands of a coordinator whose successor it knew, and refused {_fenced.GetValueOrDefault(one.Key)}");

    public void Said(IActorRef to, object message, IActorRef? from)
    {
        if (message is NodeLifeProtocol.CoordinatorInOffice office) Knows(to, office.Epoch);
        else if (from is not null && message is NodeProtocol.Command command) Command(to, command);
    }

    public void Arrives(ActorCell to, object message)
    {
        if (message is NodeProtocol.Command command) Command(to.Self, command);
    }

    public void Leaves(IActorRef from, object message)
    {
        if (message is NodeProtocol.Fenced) _fenced[from] = _fenced.GetValueOrDefault(from) + 1;
    }

    private void Command(IActorRef to, NodeProtocol.Command command)
    {
        // A node's part of a session learns of a coordinator by this, too.
        if (command is NodeProtocol.Resume && to.Path.Elements.Count > 2) Knows(to, command.Epoch);
        if (command.Epoch < _known.GetValueOrDefault(to)) _stale[to] = ((IInternalActorRef)to, _stale.GetValueOrDefault(to).Count + 1);
    }

    private void Knows(IActorRef node, long epoch) => _known[node] = Math.Max(epoch, _known.GetValueOrDefault(node));
}
