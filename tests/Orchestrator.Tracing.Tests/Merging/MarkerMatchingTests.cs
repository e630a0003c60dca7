using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;

namespace Orchestrator.Tracing.Tests.Merging;

public sealed class MarkerMatchingTests
{
    [Fact]
    public void A_marker_that_was_acknowledged_and_stands_in_the_trace_is_a_bracket()
    {
        var (brackets, findings) = MarkerMatching.Match([Acknowledged("a", 10, 20), Acknowledged("b", 30, 40)], [new TraceMarker("b", 1035), new TraceMarker("a", 1015)]);
        Assert.Equal([new ClockBracket(1015, 10, 20), new ClockBracket(1035, 30, 40)], brackets);
        Assert.Empty(findings);
    }

    [Fact]
    public void Markers_of_another_session_are_passed_over()
    {
        var (brackets, findings) = MarkerMatching.Match([Acknowledged("mine", 10, 20)], [new TraceMarker("theirs", 1), new TraceMarker("mine", 1015)]);
        Assert.Equal([new ClockBracket(1015, 10, 20)], brackets);
        Assert.Empty(findings);
    }

    [Fact]
    public void A_marker_that_is_missing_in_the_trace_is_named()
    {
        var (brackets, findings) = MarkerMatching.Match([Acknowledged("lost", 10, 20)], []);
        Assert.Empty(brackets);
        Assert.Contains("lost", Assert.Single(findings));
    }

    [Fact]
    public void A_marker_that_stands_there_twice_at_one_instant_counts_once_and_at_two_instants_not_at_all()
    {
        var (brackets, findings) = MarkerMatching.Match(
            [Acknowledged("same", 10, 20), Acknowledged("torn", 30, 40)],
            [new TraceMarker("same", 5), new TraceMarker("same", 5), new TraceMarker("torn", 6), new TraceMarker("torn", 7)]);
        Assert.Equal([new ClockBracket(5, 10, 20)], brackets);
        Assert.Contains("torn", Assert.Single(findings));
    }

    private static LoggedMarker Acknowledged(string syncId, long sent, long answered) => new(syncId, null, sent, answered);
}
