using System.Xml.Linq;
using Orchestrator.Tracing.Recording;

namespace Orchestrator.Tracing.Tests.Recording;

/// <summary>Every state meets every event, by the table.</summary>
public sealed class RecordingMachineTests
{
    private const string Table = """
        event            | Idle      Starting   Recording  Flushing(awaiting)  Flushing(reading)  Complete
        -----------------+-------------------------------------------------------------------------------
        StartSent        | Starting  .          .          .                   .                  .
        StartAnswered    | .         Recording  .          .                   .                  .
        StartRefused     | Complete  Complete   .          .                   .                  .
        BufferFilled     | .         .          peak       peak                .                  .
        EndSent          | .         .          Flushing   .                   .                  .
        TracingCompleted | .         .          Flushing'  Flushing'           .                  .
        TraceStored      | .         .          .          .                   Complete           .
        Failed           | Complete  Complete   Complete   Complete            Complete           .
        """;

    private static readonly Dictionary<string, RecordingState> States = new()
    {
        ["Idle"] = new RecordingState.Idle(),
        ["Starting"] = new RecordingState.Starting(10),
        ["Recording"] = new RecordingState.Recording(20, 0.25),
        ["Flushing(awaiting)"] = new RecordingState.Flushing(30, 0.25, DataLoss: null),
        ["Flushing(reading)"] = new RecordingState.Flushing(30, 0.25, DataLoss: false),
        ["Complete"] = new RecordingState.Complete(BrowserOutcome.ConnectionLost, "first", 0.25, DataLoss: false),
    };

    private static readonly RecordingEvent[] Events =
    [
        new RecordingEvent.StartSent(100),
        new RecordingEvent.StartAnswered(100),
        new RecordingEvent.StartRefused("refused"),
        new RecordingEvent.BufferFilled(0.5),
        new RecordingEvent.EndSent(100),
        new RecordingEvent.TracingCompleted(100, DataLoss: false),
        new RecordingEvent.TraceStored(),
        new RecordingEvent.Failed(BrowserOutcome.Corrupt, "failed"),
    ];

    public static TheoryData<string, string, string> Cells()
    {
        var cells = new TheoryData<string, string, string>();
        var lines = Table.Split('\n');
        var columns = Words(lines[0].Split('|')[1]);
        foreach (var line in lines[2..])
        {
            var parts = line.Split('|');
            foreach (var (column, target) in columns.Zip(Words(parts[1]))) cells.Add(column, parts[0].Trim(), target);
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_event_in_every_state_does_what_the_table_says(string column, string row, string target)
    {
        var before = States[column];
        var after = RecordingMachine.Next(before, Events.Single(happened => happened.GetType().Name == row));

        switch (target)
        {
            case ".":
                Assert.Equal(before, after);
                break;
            case "peak":
                Assert.Equal(before.GetType(), after.GetType());
                Assert.Equal(0.5, PeakOf(after));
                break;
            case "Flushing":
                Assert.Null(Assert.IsType<RecordingState.Flushing>(after).DataLoss);
                break;
            case "Flushing'":
                Assert.NotNull(Assert.IsType<RecordingState.Flushing>(after).DataLoss);
                break;
            default:
                Assert.Equal(target, after.GetType().Name);
                break;
        }
    }

    [Fact]
    public void The_table_has_every_state_and_every_event()
    {
        Assert.Equal(NestedOf<RecordingState>(), States.Values.Select(state => state.GetType().Name).Distinct().Order());
        Assert.Equal(NestedOf<RecordingEvent>(), Events.Select(happened => happened.GetType().Name).Order());
        var cells = Cells().Select(cell => ((string)cell[0], (string)cell[1])).ToHashSet();
        Assert.Equal(States.Count * Events.Length, cells.Count);
    }

    [Fact]
    public void The_machine_s_own_documentation_shows_this_table()
    {
        var documentation = XDocument.Load(Path.ChangeExtension(typeof(RecordingMachine).Assembly.Location, ".xml"));
        var machine = documentation.Descendants("member").Single(member => member.Attribute("name")?.Value == $"T:{typeof(RecordingMachine).FullName}");
        var lines = machine.Descendants("code").Single().Value.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);
        Assert.Equal(Table.Split('\n').Select(line => line.Trim()), lines);
    }

    [Fact]
    public void A_recording_that_goes_well_carries_its_instants_and_its_peak_to_the_end()
    {
        RecordingState state = new RecordingState.Idle();
        state = RecordingMachine.Next(state, new RecordingEvent.StartSent(1));
        Assert.Equal(new RecordingState.Starting(1), state);
        state = RecordingMachine.Next(state, new RecordingEvent.StartAnswered(2));
        Assert.Equal(new RecordingState.Recording(2, 0), state);
        state = RecordingMachine.Next(state, new RecordingEvent.BufferFilled(0.5));
        state = RecordingMachine.Next(state, new RecordingEvent.BufferFilled(0.25));
        Assert.Equal(new RecordingState.Recording(2, 0.5), state);
        state = RecordingMachine.Next(state, new RecordingEvent.EndSent(3));
        Assert.Equal(new RecordingState.Flushing(3, 0.5, DataLoss: null), state);
        state = RecordingMachine.Next(state, new RecordingEvent.TracingCompleted(4, DataLoss: false));
        Assert.Equal(new RecordingState.Flushing(3, 0.5, DataLoss: false), state);
        state = RecordingMachine.Next(state, new RecordingEvent.TraceStored());
        Assert.Equal(new RecordingState.Complete(BrowserOutcome.Complete, null, 0.5, DataLoss: false), state);
    }

    [Fact]
    public void Loss_that_the_browser_told_makes_the_outcome_completeWithLoss()
    {
        var reading = RecordingMachine.Next(new RecordingState.Recording(1, 0.9), new RecordingEvent.TracingCompleted(5, DataLoss: true));
        Assert.Equal(new RecordingState.Flushing(5, 0.9, DataLoss: true), reading);
        Assert.Equal(
            new RecordingState.Complete(BrowserOutcome.CompleteWithLoss, null, 0.9, DataLoss: true),
            RecordingMachine.Next(reading, new RecordingEvent.TraceStored()));
    }

    [Fact]
    public void Loss_that_was_told_is_not_forgotten_by_a_failure_that_follows()
    {
        var complete = RecordingMachine.Next(
            new RecordingState.Flushing(5, 0.9, DataLoss: true), new RecordingEvent.Failed(BrowserOutcome.ConnectionLost, "gone"));
        Assert.Equal(new RecordingState.Complete(BrowserOutcome.ConnectionLost, "gone", 0.9, DataLoss: true), complete);
    }

    [Theory]
    [InlineData(-0.5, 0.25)]
    [InlineData(7, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    public void A_fill_that_cannot_be_is_taken_as_the_nearest_that_can(double told, double peak) =>
        Assert.Equal(peak, PeakOf(RecordingMachine.Next(new RecordingState.Recording(1, 0.25), new RecordingEvent.BufferFilled(told))));

    [Fact]
    public void Every_state_has_the_name_that_people_see()
    {
        Assert.Equal(
            ["idle", "starting", "recording", "flushing", "flushing", "complete"],
            States.Values.Select(state => state.Name));
    }

    internal static double PeakOf(RecordingState state) => state switch
    {
        RecordingState.Recording recording => recording.BufferPeak,
        RecordingState.Flushing flushing => flushing.BufferPeak,
        RecordingState.Complete complete => complete.BufferPeak,
        _ => 0,
    };

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<string> NestedOf<T>() => typeof(T).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(T))).Select(type => type.Name).Order();
}
