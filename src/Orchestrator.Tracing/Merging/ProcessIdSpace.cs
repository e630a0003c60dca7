namespace Orchestrator.Tracing.Merging;

/// <summary>
/// Keeps the processes of several browsers apart in one trace. A process keeps its id, unless a browser before has one
/// with the same: then it gets one that nobody has.
/// </summary>
internal sealed class ProcessIdSpace
{
    // Above what Linux ever gives to a process (PID_MAX_LIMIT, 2^22), and far below Perfetto's end of 2^32 - 1.
    private const long FirstNew = (1L << 22) + 1;
    private const long Most = uint.MaxValue;

    private readonly HashSet<long> _everyones;
    private readonly HashSet<long> _taken = [];
    private long _next = FirstNew;

    /// <param name="everyones">The ids of all browsers: none of them is given away anew.</param>
    public ProcessIdSpace(IEnumerable<long> everyones) => _everyones = [.. everyones];

    /// <summary>One that nobody has.</summary>
    public long New()
    {
        while (_everyones.Contains(_next) || _taken.Contains(_next)) _next++;
        if (_next > Most) throw new InvalidOperationException("All process ids are taken.");
        _taken.Add(_next);
        return _next++;
    }

    /// <summary>The next browser's processes.</summary>
    public ProcessIdMap Claim(IEnumerable<long> processIds)
    {
        var moved = new Dictionary<long, long>();
        foreach (var id in processIds.Order())
        {
            // What Perfetto would take for 0 is moved, too.
            if (id is >= 0 and <= Most && _taken.Add(id)) continue;
            moved.Add(id, New());
        }

        return new ProcessIdMap(moved);
    }
}

/// <summary>Where one browser's processes went.</summary>
internal sealed class ProcessIdMap(IReadOnlyDictionary<long, long> moved)
{
    /// <summary>All stay where they were.</summary>
    public static ProcessIdMap Same { get; } = new(new Dictionary<long, long>());

    /// <summary>From the id in the recording to the one in the merge; only of those that differ.</summary>
    public IReadOnlyDictionary<long, long> Moved => moved;

    public bool IsSame => moved.Count == 0;

    public long Of(long processId) => moved.TryGetValue(processId, out var id) ? id : processId;
}
