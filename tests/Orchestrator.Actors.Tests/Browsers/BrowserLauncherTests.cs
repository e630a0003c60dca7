using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Browsers;

/// <summary>The launcher and its guard, over programs that play the browser.</summary>
public sealed class BrowserLauncherTests : IDisposable
{
    private const string Listens = "echo 'DevTools listening on ws://127.0.0.1:9/devtools/browser/x' >&2";

    private readonly TempFolder _temp = new();
    private readonly BrowserLauncher _launcher = new();

    public void Dispose()
    {
        _launcher.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task A_browser_is_up_when_it_says_where_it_listens()
    {
        await using var browser = await LaunchAsync($"echo noise >&2; {Listens}; exec sleep 1000");

        Assert.Equal(new Uri("ws://127.0.0.1:9/devtools/browser/x"), browser.Endpoint);
        Assert.Equal([browser.ProcessId], ProcessGroup.Living(browser.ProcessId));
        Assert.True(Directory.Exists(browser.Profile));
    }

    [Fact]
    public async Task Disposed_it_kills_the_whole_group_even_one_that_will_not_end_and_removes_the_profile()
    {
        var browser = await LaunchAsync($"trap '' TERM HUP INT; sleep 1000 & sleep 1000 & touch \"$profile/file\"; {Listens}; wait; wait; sleep 1000");
        Assert.Equal(3, ProcessGroup.Living(browser.ProcessId).Count);
        await browser.DisposeAsync();

        await Waiting.UntilAsync(() => ProcessGroup.Living(browser.ProcessId).Count == 0);
        Assert.False(Directory.Exists(browser.Profile));
    }

    [Fact]
    public async Task A_browser_that_ends_by_itself_takes_its_children_and_its_profile_with_it()
    {
        await using var browser = await LaunchAsync($"sleep 1000 & {Listens}; exit 7");

        Assert.Equal("exit code 7", await browser.EndedAsync(CancellationToken.None).Soon());
        await Waiting.UntilAsync(() => ProcessGroup.Living(browser.ProcessId).Count == 0);
        Assert.False(Directory.Exists(browser.Profile));
    }

    [Fact]
    public async Task A_browser_that_is_killed_is_told_with_the_signal()
    {
        await using var browser = await LaunchAsync($"{Listens}; kill -KILL $$");
        Assert.Equal("signal 9", await browser.EndedAsync(CancellationToken.None).Soon());
    }

    [Fact]
    public async Task An_executable_that_is_not_there_is_told_by_its_name()
    {
        var failure = await Assert.ThrowsAsync<BrowserLaunchException>(() => _launcher.LaunchAsync(new LaunchPlan("/no/such/chromium", []), CancellationToken.None).Soon());
        Assert.Contains("/no/such/chromium ended before it listened", failure.Message);
        Assert.Contains("No such file", failure.Message);
    }

    [Fact]
    public async Task A_browser_that_ends_at_once_is_told_with_what_it_said_last()
    {
        var failure = await Assert.ThrowsAsync<BrowserLaunchException>(() => LaunchAsync("for n in 1 2 3 4 5 6 7; do echo line $n >&2; done; exit 3"));
        Assert.EndsWith("it said: line 3 | line 4 | line 5 | line 6 | line 7", failure.Message);
    }

    [Fact]
    public async Task Given_up_while_a_browser_comes_up_nothing_of_it_is_left()
    {
        using var giveUp = new CancellationTokenSource();
        var launching = LaunchAsync($"{ShellProgram.TellPid(_temp.At("told"))}; exec sleep 1000", cancellationToken: giveUp.Token);
        await Waiting.UntilAsync(() => File.Exists(_temp.At("told")));
        var pid = int.Parse(await File.ReadAllTextAsync(_temp.At("told")));
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => launching);
        await Waiting.UntilAsync(() => ProcessGroup.Living(pid).Count == 0);
    }

    [Fact]
    public async Task Given_up_at_whatever_moment_of_the_launch_nothing_of_it_is_left()
    {
        // Before the guard runs, before the browser has a process group of its own, and behind that: found by hand, when a
        // kill by group alone missed a browser that had none yet.
        for (var moment = 0; moment < 20; moment++)
        {
            using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(moment));
            var mark = $"--mark-{Guid.NewGuid():n}";
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LaunchAsync("exec sh -c 'sleep 1000; :' \"$@\"", [mark], giveUp.Token));
            await Waiting.UntilAsync(() => !Directory.EnumerateDirectories("/proc").Any(process => CommandLine(process).Contains(mark, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_failed_launch_leaves_no_profile()
    {
        await Assert.ThrowsAsync<BrowserLaunchException>(() => LaunchAsync("echo \"$profile\" > \"$told\"; exit 1"));
        Assert.False(Directory.Exists((await File.ReadAllTextAsync(_temp.At("told"))).Trim()));
    }

    [Fact]
    public async Task A_browser_s_arguments_are_the_user_s_and_behind_them_those_that_the_orchestrator_depends_on()
    {
        await using var browser = await LaunchAsync($"for a in \"$@\"; do echo \"$a\"; done > \"$told\"; {Listens}; exec sleep 1000", arguments: ["--lang=en", "--with space", "--user-data-dir=/elsewhere"]);

        var arguments = await File.ReadAllLinesAsync(_temp.At("told"));
        Assert.Equal(["--lang=en", "--with space", "--user-data-dir=/elsewhere", $"--user-data-dir={browser.Profile}", "--remote-debugging-port=0", "about:blank"], arguments[^6..]);
        Assert.Contains("--headless", arguments);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_sandbox_is_off_for_root_alone(bool isRoot) =>
        Assert.Equal(isRoot, BrowserLauncher.Arguments(new LaunchPlan("c", []), "/p", isRoot).Contains("--no-sandbox"));

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private async Task<LaunchedBrowser> LaunchAsync(string script, IReadOnlyList<string>? arguments = null, CancellationToken cancellationToken = default)
    {
        // $told is a file of the test's, $profile the browser's user data directory, which is its last --user-data-dir.
        var program = await ShellProgram.WriteAsync(_temp.At("browser"), $$"""
            told='{{_temp.At("told")}}'
            for a in "$@"; do case $a in --user-data-dir=*) profile=${a#*=};; esac; done
            {{script}}
            """);
        return await _launcher.LaunchAsync(new LaunchPlan(program, arguments ?? []), cancellationToken).Soon();
    }
}
