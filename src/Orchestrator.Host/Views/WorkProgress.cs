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
    public static Task<T> ShowAsync<T>(Surroundings surroundings, Func<Action<MergeProgress>, Task<T>> work)
    {
        var console = surroundings.ErrorConsole();
        return surroundings.ErrorIsTerminal && console.Profile.Capabilities is { Ansi: true, Interactive: true }
            ? DrawAsync(console, work)
            : TellAsync(surroundings, work);
    }

    public static string Line(MergeProgress progress) => progress.BytesTotal > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{progress.Doing}, {Math.Clamp(100 * progress.BytesDone / progress.BytesTotal, 0, 100)} % of {Figures.Bytes(progress.BytesTotal)}")
        : progress.Doing;

    private static async Task<T> DrawAsync<T>(IAnsiConsole console, Func<Action<MergeProgress>, Task<T>> work) =>
        await console.Progress().AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async bars =>
            {
                var bar = bars.AddTask("opening the folders");
                return await work(progress =>
                {
                    bar.Description = Markup.Escape(progress.Doing);
                    bar.MaxValue = Math.Max(1, progress.BytesTotal);
                    bar.Value = progress.BytesDone;
                });
            });

    private static async Task<T> TellAsync<T>(Surroundings surroundings, Func<Action<MergeProgress>, Task<T>> work)
    {
        var gate = new Lock();
        MergeProgress? latest = null;
        await using var timer = surroundings.Time.CreateTimer(
            _ =>
            {
                lock (gate)
                {
                    if (latest is { } progress) surroundings.Error.WriteLine(Line(progress));
                    latest = null;
                }
            },
            null, SignOfLife, SignOfLife);
        return await work(progress =>
        {
            lock (gate) latest = progress;
        });
    }
}
