namespace Orchestrator.Tracing.Merging;

/// <summary>How far a long piece of work is.</summary>
/// <param name="Doing">What is being done, such as <c>merging b2 into trace.tar</c>.</param>
/// <param name="BytesDone">Of the bytes on disk that have to be read for it.</param>
/// <param name="BytesTotal">All of them.</param>
public readonly record struct MergeProgress(string Doing, long BytesDone, long BytesTotal);
