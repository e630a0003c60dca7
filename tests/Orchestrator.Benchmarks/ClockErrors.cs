using System.Globalization;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Benchmarks;

/// <summary>
/// What sessions said of clocks of which the truth is known: browsers that ran in a time namespace whose monotonic clock is
/// ahead by a number of nanoseconds that the kernel keeps exactly (time_namespaces(7)).
/// </summary>
internal static class ClockErrors
{
    /// <param name="list">Lines of <c>NANOS SETTING FOLDER</c>: how far the browsers' clock was ahead, what the machine was doing, the session's folder.</param>
    public static void PrintTable(string list)
    {
        var measurements = File.ReadLines(list).Select(line => line.Split(' ', 3)).SelectMany(Read).ToList();
        Console.WriteLine("| machine | measurements | truth inside the bound | error p50 | p99 | max | bound p50 | p99 | max |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var setting in measurements.GroupBy(measurement => measurement.Setting))
        {
            var (errors, bounds) = (Sorted(setting.Select(one => one.ErrorNanos)), Sorted(setting.Select(one => one.BoundNanos)));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {setting.Key} | {errors.Count} | {setting.Count(one => one.ErrorNanos <= one.BoundNanos)} | {At(errors, 50)} | {At(errors, 99)} | {At(errors, 100)} | {At(bounds, 50)} | {At(bounds, 99)} | {At(bounds, 100)} |"));
        }
    }

    private static IEnumerable<Measurement> Read(string[] line)
    {
        var truth = -long.Parse(line[0], CultureInfo.InvariantCulture);
        var document = SessionDocument.Parse(File.ReadAllBytes(Path.Combine(line[2], RecordedSessions.DocumentName)));
        foreach (var browser in document.Browsers.Where(browser => browser.File is not null))
        {
            // A clock that is not measured is no small error: it is told, and fails the table.
            if (browser.Clock is not { Relation: ClockRelation.Measured, OffsetNanos: { } offset, BoundNanos: { } bound })
                throw new InvalidDataException($"{line[2]}: the clock of {browser.Name} is {browser.Clock.Relation}: {string.Join(" ", browser.Clock.Findings)}");
            yield return new Measurement(line[1], Math.Abs(offset - truth), bound);
        }
    }

    private static List<long> Sorted(IEnumerable<long> values) => [.. values.Order()];

    private static string At(List<long> sorted, int percent) =>
        string.Create(CultureInfo.InvariantCulture, $"{sorted[Math.Min(sorted.Count - 1, (sorted.Count * percent + 99) / 100 - 1)] / 1000.0:0} µs");

    private sealed record Measurement(string Setting, long ErrorNanos, long BoundNanos);
}
