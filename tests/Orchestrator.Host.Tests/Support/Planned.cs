using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Support;

/// <summary>What the planner made of options: a plan, or errors.</summary>
internal sealed record Planned(SessionPlan? Plan, IReadOnlyList<string> Errors, IReadOnlyList<string> Notes)
{
    public const string SessionId = "20261123-124501-x7k2";

    public SessionPlan Whole
    {
        get
        {
            Assert.Empty(Errors);
            return Plan!;
        }
    }

    /// <summary>The parameters of <c>Tracing.start</c> as they will be sent.</summary>
    public string Start => Whole.Tracing.Start.GetRawText();

    public string TheError
    {
        get
        {
            Assert.Null(Plan);
            return Assert.Single(Errors);
        }
    }

    public static Planned Of(RecordOptions options, FakeMachine? machine = null)
    {
        var errors = new UsageErrors();
        var plan = RecordPlanner.Plan(options, SessionId, machine ?? new FakeMachine(), errors, out var notes);
        return new Planned(plan, errors.Lines, notes);
    }
}
