using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Folders;

/// <summary>What one node's clock was asked by one reference clock.</summary>
public sealed record ReferenceBrackets(Timeline Reference, IReadOnlyList<NodeBracket> Brackets);

/// <param name="SentNanos">On the reference's clock, before the question went out.</param>
/// <param name="NodeNanos">On the node's clock, when it answered.</param>
/// <param name="AnsweredNanos">On the reference's clock, when the answer was there.</param>
public sealed record NodeBracket(long SentNanos, long NodeNanos, long AnsweredNanos);
