using System.Diagnostics;
using System.Formats.Tar;
using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Host.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class OneTimelineEndToEndTests : IDisposable
{
    private const long AheadSeconds = 5000;

    private readonly Workshop _workshop = new();

    public void Dispose() => _workshop.Dispose();

    [ChromiumFact]
    public async Task Browsers_that_this_node_launched_read_its_clock_and_are_in_one_archive()
    {
        var document = (await RunAsync("record", "--launch", "3", "--url", _workshop.Page, "--duration", "1s", "--max-clock-error", "1us", "-o", "out", "--json")).Expecting(0).Document;
        Assert.All(document.Browsers, browser => Assert.Equal((ClockRelation.Shared, 0, 0), (browser.Clock.Relation, browser.Clock.OffsetNanos, browser.Clock.WorstBoundNanos)));
        Assert.Equal("trace.tar", Assert.Single(document.Merged).File);
        Assert.Empty(document.MergeProblems);
        var members = Members(Path.Combine(_workshop.Output, "trace.tar"));
        foreach (var browser in document.Browsers) Assert.Single(members, member => member.Contains(browser.Name, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(_workshop.Output, "report.html")));
        (await RunAsync("verify", "out")).Expecting(0);
    }

    [TimeNamespaceFact]
    public async Task The_true_offset_of_browsers_in_other_time_namespaces_is_inside_the_bound()
    {
        var document = (await RunAsync("record", "--launch", "3", "--chrome", ChromeAhead(), "--url", _workshop.Page, "--duration", "2s", "-o", "out", "--json")).Expecting(0).Document;
        foreach (var browser in document.Browsers)
        {
            Assert.Equal(ClockRelation.Measured, browser.Clock.Relation);
            var error = Math.Abs(browser.Clock.OffsetNanos!.Value + AheadSeconds * 1_000_000_000);
            Assert.True(error <= browser.Clock.BoundNanos, $"{browser.Name} is {error} ns off, with a bound of {browser.Clock.BoundNanos} ns");
            Assert.True(browser.Clock.BoundNanos <= browser.Clock.WorstBoundNanos);
        }

        (await RunAsync("verify", "out")).Expecting(0);
    }

    [TimeNamespaceFact]
    public async Task A_clock_that_is_known_less_well_than_asked_for_is_exit_code_3_and_named()
    {
        var run = (await RunAsync("record", "--launch", "1", "--chrome", ChromeAhead(), "--url", _workshop.Page, "--duration", "1s", "--max-clock-error", "1us", "-o", "out")).Expecting(3);
        Assert.Contains("--max-clock-error: the clock of b1 is known to within", run.Out);
        Assert.Contains("session", run.Out);
    }

    [ChromiumFact]
    public async Task What_was_cut_off_is_merged_as_far_as_it_goes_and_named()
    {
        (await RunAsync("record", "--launch", "3", "--url", _workshop.Page, "--duration", "1s", "--compression", "none", "--merge", "none", "-o", "out")).Expecting(0);
        var browsers = Path.Combine(_workshop.Output, "browsers");
        // As a node leaves it that dies at the wrong moment: no session.json, one trace short, one nothing but noise.
        File.Delete(Path.Combine(_workshop.Output, "session.json"));
        using (var short2 = File.OpenWrite(Path.Combine(browsers, "b2.pftrace"))) short2.SetLength(short2.Length * 2 / 3);
        await File.WriteAllTextAsync(Path.Combine(browsers, "b3.pftrace"), "this is no trace");

        var merged = (await RunAsync("merge", "out")).Expecting(3);
        var said = merged.Out + merged.Error;
        Assert.Contains("b2.pftrace", said);
        Assert.Contains("b3.pftrace", said);
        var members = Members(Path.Combine(_workshop.Output, "trace.tar"));
        Assert.Contains(members, member => member.Contains("b1", StringComparison.Ordinal));
        Assert.Contains(members, member => member.Contains("b2", StringComparison.Ordinal));
        Assert.DoesNotContain(members, member => member.Contains("b3", StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.GetFiles(_workshop.Output), file => file.EndsWith(".part", StringComparison.Ordinal));

        var verified = (await RunAsync("verify", "out")).Expecting(1);
        Assert.Contains("session.json", verified.Out);
        Assert.Contains("b3.pftrace", verified.Out);
    }

    [ChromiumFact]
    public async Task A_trace_with_other_bytes_than_were_recorded_is_left_out_and_named()
    {
        (await RunAsync("record", "--launch", "2", "--url", _workshop.Page, "--duration", "500ms", "--compression", "none", "-o", "out")).Expecting(0);
        await File.AppendAllTextAsync(Path.Combine(_workshop.Output, "browsers", "b1.pftrace"), "x");

        var merged = (await RunAsync("merge", "out")).Expecting(3);
        Assert.Contains("b1.pftrace", merged.Out + merged.Error);
        Assert.Contains("SHA-256", merged.Out + merged.Error);
        Assert.DoesNotContain(Members(Path.Combine(_workshop.Output, "trace.tar")), member => member.Contains("b1", StringComparison.Ordinal));
        Assert.Contains("b1.pftrace", (await RunAsync("verify", "out")).Expecting(1).Out);
    }

    [ChromiumFact]
    public async Task Sessions_of_two_data_folders_stand_on_one_time_line()
    {
        foreach (var name in (string[])["one", "two"])
            (await RunAsync("record", "--launch", "1", "--url", _workshop.Page, "--duration", "500ms", "-o", name, "--data", $"data-{name}")).Expecting(0);

        (await RunAsync("merge", "one", "two", "-o", "both")).Expecting(0);
        Assert.Equal(2, Members(Path.Combine(_workshop.Folder, "both", "trace.tar")).Count(member => member.Contains("b1", StringComparison.Ordinal)));
    }

    [ChromiumFact]
    public async Task Nothing_is_merged_of_a_proto_recording_that_should_become_json()
    {
        (await RunAsync("record", "--launch", "1", "--url", _workshop.Page, "--duration", "500ms", "--merge", "none", "-o", "out")).Expecting(0);
        var merged = (await RunAsync("merge", "out", "--merge", "json")).Expecting(2);
        Assert.Contains("--format json", merged.Out + merged.Error);
        Assert.False(File.Exists(Path.Combine(_workshop.Output, "trace.json.gz")));
    }

    private Task<Finished> RunAsync(params string[] args) => OrchestratorProcess.RunAsync(_workshop, args);

    /// <summary>A program that starts Chromium where the monotonic clock is ahead.</summary>
    private string ChromeAhead()
    {
        var path = Path.Combine(_workshop.Folder, "chrome-ahead");
        File.WriteAllText(path, $"#!/bin/sh\nexec unshare -T --monotonic {AheadSeconds} '{Chromium.Path}' \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static List<string> Members(string archive)
    {
        using var tar = new TarReader(File.OpenRead(archive));
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry) names.Add(entry.Name);
        return names;
    }
}

/// <summary>A test that needs a real browser in a time namespace of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TimeNamespaceFactAttribute : FactAttribute
{
    public TimeNamespaceFactAttribute() => Skip = Chromium.WhyNone ?? (CanUnshare() ? null : "This user may not make a time namespace: 'unshare -T true' fails.");

    private static bool CanUnshare()
    {
        using var process = Process.Start(new ProcessStartInfo("unshare", ["-T", "true"]) { RedirectStandardError = true });
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }
}
