using System.Globalization;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Merging;
using Spectre.Console;

namespace Orchestrator.Host.Views;

/// <summary>Shows on stderr how far a long piece of work is: a bar on a terminal, a line every two seconds elsewhere.</summary>
internal static class WorkProgress
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(2);

    /// <param name="work">It may report from any thread, as often as it likes.</param>
    public static Task<T> ShowAsync<T>(Surroundings surroundings, Func<Action<MergeProgress>, Task<T>> work) => ShowAsync(
        surroundings, "opening the folders", progress => new WorkStep(progress.Doing, Line(progress), progress.BytesDone, progress.BytesTotal), work);

    /// <inheritdoc cref="ShowAsync{T}(Surroundings, Func{Action{MergeProgress}, Task{T}})"/>
    /// <param name="first">What is being done before the work has reported anything.</param>
    public static Task<T> ShowAsync<TProgress, T>(Surroundings surroundings, string first, Func<TProgress, WorkStep> look, Func<Action<TProgress>, Task<T>> work)
    {
        var console = surroundings.ErrorConsole();
        return surroundings.ErrorIsTerminal && console.Profile.Capabilities is { Ansi: true, Interactive: true }
            ? DrawAsync(console, first, look, work)
            : TellAsync(surroundings, look, work);
    }

    public static string Line(MergeProgress progress) => progress.BytesTotal > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{progress.Doing}, {Math.Clamp(100 * progress.BytesDone / progress.BytesTotal, 0, 100)} % of {Figures.Bytes(progress.BytesTotal)}")
        : progress.Doing;

    private static async Task<T> DrawAsync<TProgress, T>(IAnsiConsole console, string first, Func<TProgress, WorkStep> look, Func<Action<TProgress>, Task<T>> work) =>
        await console.Progress().AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async bars =>
            {
                var bar = bars.AddTask(first);
                return await work(progress =>
                {
                    var step = look(progress);
                    bar.Description = Markup.Escape(step.Doing);
                    bar.MaxValue = Math.Max(1, step.Total);
                    bar.Value = step.Done;
                });
            });

    private static async Task<T> TellAsync<TProgress, T>(Surroundings surroundings, Func<TProgress, WorkStep> look, Func<Action<TProgress>, Task<T>> work)
    {
        var gate = new Lock();
        WorkStep? latest = null;
        string? phase = null;
        await using var timer = surroundings.Time.CreateTimer(
            _ =>
            {
                lock (gate)
                {
                    if (latest is { } step) surroundings.Error.WriteLine(step.Line);
                    latest = null;
                }
            },
            null, SignOfLife, SignOfLife);
        return await work(progress =>
        {
            var step = look(progress);
            lock (gate)
            {
                latest = step;
                if (step.Phase == phase) return;
                surroundings.Error.WriteLine(step.Line);
                (latest, phase) = (null, step.Phase);
            }
        });
    }
}

/// <summary>How far a piece of work is.</summary>
/// <param name="Doing">Beside a bar.</param>
/// <param name="Line">Where there is no bar.</param>
/// <param name="Phase">A line is told at once when it is another one; null: there are none.</param>
internal sealed record WorkStep(string Doing, string Line, double Done, double Total, string? Phase = null);
