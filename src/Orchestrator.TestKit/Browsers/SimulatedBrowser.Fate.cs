using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Browsers;

/// <summary>What goes wrong with it, and what is left to chance.</summary>
public sealed partial class SimulatedBrowser
{
    // A part of an oversized message; all of them share it.
    private static readonly byte[] s_padding = Padding();

    private bool _fateIsSet;

    /// <summary>Its process is gone: nobody listens at its endpoint.</summary>
    public bool IsDead { get; private set; }

    /// <summary>It takes everything and answers nothing.</summary>
    public bool IsHung { get; private set; }

    // A stream of random numbers for each subject, so that one does not change another.

    /// <summary>How long things take.</summary>
    private Random Delays => field ??= new Random(Conditions.Seed);

    /// <summary>Which answers go wrong.</summary>
    private Random Chances => field ??= new Random(unchecked(Conditions.Seed * 31 + 1));

    /// <summary>The process dies; its connections end when what was sent before has arrived.</summary>
    public void Kill()
    {
        using (Agenda.Enter()) Die();
    }

    internal bool RefusesConnections => IsDead || Find<Fault.RefuseConnection>() is not null;

    /// <summary>Told when the process dies, outside of the lock.</summary>
    internal IAfterwards? Mourner { get; set; }

    private T? Find<T>()
        where T : Fault
    {
        foreach (var fault in Conditions.Faults)
        {
            if (fault is T found) return found;
        }

        return null;
    }

    /// <summary>A recording has started: what is bound to happen to this browser happens so long after it.</summary>
    private void SetFate(SimulatedConnection connection)
    {
        if (_fateIsSet) return;
        _fateIsSet = true;
        var now = Agenda.Now;
        foreach (var fault in Conditions.Faults)
        {
            switch (fault)
            {
                case Fault.Hang hang:
                    Agenda.Add(now + hang.After.Ticks * 100, Work.DoOutside(() => IsHung = true));
                    break;
                case Fault.Kill kill:
                    Agenda.Add(now + kill.After.Ticks * 100, Work.DoOutside(Die));
                    break;
                case Fault.GarbageFrame garbage:
                    Agenda.Add(now + garbage.After.Ticks * 100, Work.Do(() => Post(connection, Frame.Text("\u0001 no message of the protocol {]"))));
                    break;
                case Fault.OversizedFrame oversized:
                    Agenda.Add(now + oversized.After.Ticks * 100, Work.Do(() => PostOversized(connection, oversized.Bytes)));
                    break;
            }
        }
    }

    private void Die()
    {
        if (IsDead) return;
        IsDead = true;
        _recording = null;
        foreach (var connection in _connections.ToArray()) Post(connection, Frame.Of(FrameKind.End));
        if (Mourner is { } mourner) Agenda.Afterwards(mourner);
    }

    private void PostOversized(SimulatedConnection connection, int bytes)
    {
        const string head = "{\"method\":\"Log.entryAdded\",\"params\":{\"entry\":{\"text\":\"";
        const string tail = "\"}}}";
        CountEvent("Log.entryAdded");
        Post(connection, Frame.Text(head) with { EndsMessage = false });
        for (var left = bytes - head.Length - tail.Length; left > 0; left -= s_padding.Length)
            Post(connection, new Frame(FrameKind.Message, s_padding, 0, Math.Min(left, s_padding.Length), IsPooled: false, EndsMessage: false, null));
        Post(connection, Frame.Text(tail));
    }

    private static byte[] Padding()
    {
        var padding = new byte[64 << 10];
        Array.Fill(padding, (byte)'x');
        return padding;
    }
}
