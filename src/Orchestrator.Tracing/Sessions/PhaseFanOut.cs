using System.Collections.Immutable;

namespace Orchestrator.Tracing.Sessions;

/// <summary>
/// One phase over many: who was asked, who has answered what, who is outstanding. Late and unknown answers change nothing.
/// </summary>
/// <param name="Phase">Names this fan-out; an answer that names another one is stale.</param>
public sealed record PhaseFanOut<TAnswer>(long Phase, ImmutableSortedSet<string> Outstanding, ImmutableList<TAnswer> Answers)
{
    public PhaseFanOut(long phase, IEnumerable<string> names) : this(phase, [.. names], []) { }

    public bool IsComplete => Outstanding.IsEmpty;

    public PhaseFanOut<TAnswer> Answered(string name, TAnswer answer) =>
        Outstanding.Contains(name) ? this with { Outstanding = Outstanding.Remove(name), Answers = Answers.Add(answer) } : this;

    /// <summary>It will not answer any more.</summary>
    public PhaseFanOut<TAnswer> Gone(string name) => this with { Outstanding = Outstanding.Remove(name) };
}
