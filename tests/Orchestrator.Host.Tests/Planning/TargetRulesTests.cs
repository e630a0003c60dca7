using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Tests.Support;

namespace Orchestrator.Host.Tests.Planning;

public class TargetRulesTests
{
    private const string Sample = "file:///opt/orchestrator/Sample/index.html";

    [Fact]
    public void Without_options_two_browsers_are_launched_on_the_sample_page()
    {
        var plan = Planned.Of(new RecordOptions()).Whole;
        Assert.Equal([("b1", null, Sample), ("b2", null, Sample)], plan.Targets.Select(target => (target.Name, target.Endpoint, target.Url)));
        Assert.Equal(FakeMachine.Chromium, plan.Launch!.ChromePath);
        Assert.Empty(plan.Launch.Arguments);
    }

    [Fact]
    public void With_something_attached_nothing_is_launched_and_its_pages_are_left_alone()
    {
        var plan = Planned.Of(new RecordOptions { Attach = ["http://127.0.0.1:9222"] }).Whole;
        Assert.Equal([("b1", "http://127.0.0.1:9222", null)], plan.Targets.Select(target => (target.Name, target.Endpoint, target.Url)));
        Assert.Null(plan.Launch);
    }

    [Fact]
    public void Launched_browsers_come_before_attached_ones()
    {
        var plan = Planned.Of(new RecordOptions { Launch = "1", Attach = ["http://h:1", "ws://h:2/devtools/browser/abc"] }).Whole;
        Assert.Equal(
            [("b1", null, Sample), ("b2", "http://h:1", null), ("b3", "ws://h:2/devtools/browser/abc", null)],
            plan.Targets.Select(target => (target.Name, target.Endpoint, target.Url)));
    }

    [Fact]
    public void Urls_go_round_over_all_browsers()
    {
        var plan = Planned.Of(new RecordOptions { Launch = "2", Attach = ["http://h:1"], Urls = ["https://a.example/", "about:blank"] }).Whole;
        Assert.Equal(["https://a.example/", "about:blank", "https://a.example/"], plan.Targets.Select(target => target.Url));
    }

    [Theory]
    [InlineData("http://localhost:8080")]
    [InlineData("https://example.com/a?b=c#d")]
    [InlineData("HTTPS://example.com")]
    [InlineData("about:blank")]
    [InlineData("data:text/html,<h1>hi there</h1>")]
    [InlineData("file:///home/me/page.html")]
    public void An_absolute_url_passes_as_it_was_typed(string url)
    {
        var machine = new FakeMachine { Paths = { ["/home/me/page.html"] = FileKind.File } };
        Assert.Equal(url, Planned.Of(new RecordOptions { Launch = "1", Urls = [url] }, machine).Whole.Targets[0].Url);
    }

    [Theory]
    [InlineData("", "not an absolute URL")]
    [InlineData("example.com", "not an absolute URL")]
    [InlineData("/home/me/page.html", "not an absolute URL")]
    [InlineData("localhost:8080", "not an absolute URL")]
    [InlineData("ftp://example.com", "not an absolute URL")]
    [InlineData("javascript:alert(1)", "not an absolute URL")]
    [InlineData("chrome://version", "not an absolute URL")]
    [InlineData("http://", "not a complete address")]
    [InlineData("https:example", "not a complete address")]
    [InlineData("about:", "not an absolute URL")]
    [InlineData("file:///no/such.html", "there is no file /no/such.html")]
    public void Any_other_is_an_error(string url, string problem)
    {
        var error = Planned.Of(new RecordOptions { Urls = [url] }).TheError;
        Assert.StartsWith($"--url '{url}': ", error);
        Assert.Contains(problem, error);
    }

    [Fact]
    public void A_file_may_be_on_the_machine_of_an_attached_browser() =>
        Assert.Empty(Planned.Of(new RecordOptions { Attach = ["http://h:1"], Urls = ["file:///no/such.html"] }).Errors);

    [Theory]
    [InlineData("-1")]
    [InlineData("1001")]
    [InlineData("two")]
    [InlineData("1.0")]
    [InlineData(" 1")]
    [InlineData("")]
    public void The_number_to_launch_is_a_number(string launch) =>
        Assert.StartsWith($"--launch '{launch}': not a whole number of browsers from 0 to 1000", Planned.Of(new RecordOptions { Launch = launch }).TheError);

    [Fact]
    public void Nobody_to_record_is_an_error() =>
        Assert.StartsWith("--launch '0': no browser is left to record", Planned.Of(new RecordOptions { Launch = "0" }).TheError);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("ftp://h:1")]
    [InlineData("http://")]
    [InlineData("ws://h:1/somewhere")]
    [InlineData("")]
    public void What_is_no_endpoint_is_an_error(string endpoint) =>
        Assert.StartsWith($"--attach '{endpoint}': ", Planned.Of(new RecordOptions { Attach = [endpoint] }).TheError);

    [Theory]
    [InlineData("http://h:9222", "http://h:9222/")]
    [InlineData("http://h:9222", "http://H:9222")]
    [InlineData("ws://h:1/devtools/browser/a", "ws://h:1/devtools/browser/a")]
    public void The_same_endpoint_twice_is_an_error(string first, string second) =>
        Assert.StartsWith($"--attach '{second}': given twice", Planned.Of(new RecordOptions { Attach = [first, second] }).TheError);

    [Fact]
    public void Chrome_may_be_named_by_its_path()
    {
        var machine = new FakeMachine { Paths = { ["/here/bin/chrome"] = FileKind.Executable } };
        Assert.Equal("/here/bin/chrome", Planned.Of(new RecordOptions { Chrome = "bin/chrome" }, machine).Whole.Launch!.ChromePath);
    }

    [Fact]
    public void Or_by_a_name_that_is_in_path()
    {
        var machine = new FakeMachine { Paths = { ["/usr/local/bin/my-chrome"] = FileKind.Executable } };
        Assert.Equal("/usr/local/bin/my-chrome", Planned.Of(new RecordOptions { Chrome = "my-chrome" }, machine).Whole.Launch!.ChromePath);
    }

    [Fact]
    public void Or_by_the_environment()
    {
        var machine = new FakeMachine { Paths = { ["/opt/chrome"] = FileKind.Executable }, Variables = { [TargetRules.ChromeVariable] = "/opt/chrome" } };
        Assert.Equal("/opt/chrome", Planned.Of(new RecordOptions(), machine).Whole.Launch!.ChromePath);
    }

    [Fact]
    public void Else_the_first_known_name_in_path_is_taken()
    {
        var machine = new FakeMachine { Paths = { ["/usr/local/bin/google-chrome"] = FileKind.Executable } };
        Assert.Equal(FakeMachine.Chromium, Planned.Of(new RecordOptions(), machine).Whole.Launch!.ChromePath);
        machine.Paths.Remove(FakeMachine.Chromium);
        Assert.Equal("/usr/local/bin/google-chrome", Planned.Of(new RecordOptions(), machine).Whole.Launch!.ChromePath);
    }

    [Theory]
    [InlineData("/no/chrome", "there is no such file")]
    [InlineData("/etc/passwd", "not executable")]
    [InlineData("/home", "a folder")]
    [InlineData("", "there is no such file")]
    public void A_chrome_that_cannot_be_run_is_an_error(string path, string problem)
    {
        var machine = new FakeMachine { Paths = { ["/etc/passwd"] = FileKind.File, ["/home"] = FileKind.FolderWithFiles } };
        var error = Planned.Of(new RecordOptions { Chrome = path }, machine).TheError;
        Assert.StartsWith($"--chrome '{path}': {problem}", error);
    }

    [Fact]
    public void A_wrong_one_in_the_environment_is_named_as_such()
    {
        var machine = new FakeMachine { Variables = { [TargetRules.ChromeVariable] = "/no/chrome" } };
        Assert.StartsWith("ORCHESTRATOR_CHROME '/no/chrome': there is no such file", Planned.Of(new RecordOptions(), machine).TheError);
    }

    [Fact]
    public void No_browser_anywhere_is_an_error_that_says_what_to_do()
    {
        var machine = new FakeMachine();
        machine.Paths.Remove(FakeMachine.Chromium);
        var error = Planned.Of(new RecordOptions(), machine).TheError;
        Assert.Contains("apt install chromium", error);
        Assert.Contains("--chrome PATH", error);
    }

    [Fact]
    public void No_browser_is_looked_for_when_none_is_launched()
    {
        var machine = new FakeMachine();
        machine.Paths.Clear();
        Assert.Empty(Planned.Of(new RecordOptions { Attach = ["http://h:1"] }, machine).Errors);
    }

    [Fact]
    public void A_missing_sample_page_is_an_error()
    {
        var machine = new FakeMachine();
        machine.Paths.Remove(machine.SamplePage);
        Assert.Contains("sample page", Planned.Of(new RecordOptions(), machine).TheError);
        Assert.Empty(Planned.Of(new RecordOptions { Urls = ["about:blank"] }, machine).Errors);
    }

    [Fact]
    public void Arguments_are_handed_on_in_their_order() =>
        Assert.Equal(["--a=1", "--b"], Planned.Of(new RecordOptions { ChromeArgs = ["--a=1", "--b"] }).Whole.Launch!.Arguments);

    [Theory]
    [InlineData("window-size", "not an argument of Chromium's")]
    [InlineData("-", "not an argument of Chromium's")]
    [InlineData("", "not an argument of Chromium's")]
    [InlineData("https://example.com", "not an argument of Chromium's")]
    [InlineData("--user-data-dir=/tmp/x", "set by the orchestrator itself")]
    [InlineData("--remote-debugging-port=9222", "set by the orchestrator itself")]
    [InlineData("--remote-debugging-pipe", "set by the orchestrator itself")]
    public void An_argument_that_is_none_or_ours_is_an_error(string argument, string problem)
    {
        var error = Planned.Of(new RecordOptions { ChromeArgs = [argument] }).TheError;
        Assert.StartsWith($"--chrome-arg '{argument}': {problem}", error);
    }

    [Fact]
    public void An_argument_for_nobody_is_an_error() =>
        Assert.StartsWith("--chrome-arg '--a': no browser is launched", Planned.Of(new RecordOptions { ChromeArgs = ["--a"], Attach = ["http://h:1"] }).TheError);

    [Theory]
    [InlineData("all", 3)]
    [InlineData("1", 1)]
    [InlineData("3", 3)]
    [InlineData("50%", 2)]
    public void A_requirement_counts_browsers(string text, int of3) =>
        Assert.Equal(of3, Planned.Of(new RecordOptions { Launch = "3", Require = text }).Whole.Require.Of(3));

    [Theory]
    [InlineData("0")]
    [InlineData("none")]
    [InlineData("101%")]
    [InlineData("-1")]
    [InlineData("")]
    public void What_is_no_requirement_is_an_error(string text) =>
        Assert.StartsWith($"--require '{text}': not 'all'", Planned.Of(new RecordOptions { Require = text }).TheError);

    [Fact]
    public void More_than_there_are_cannot_be_required() =>
        Assert.StartsWith("--require '4': more than this session has: 3", Planned.Of(new RecordOptions { Launch = "2", Attach = ["http://h:1"], Require = "4" }).TheError);
}
