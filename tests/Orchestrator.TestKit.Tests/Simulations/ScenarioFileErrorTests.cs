using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.TestKit.Simulations;

namespace Orchestrator.TestKit.Tests.Simulations;

public sealed class ScenarioFileErrorTests
{
    [Theory]
    [InlineData("", "x.conf:1: there is no block 'scenario { … }' in this file")]
    [InlineData("scenario = 3", "x.conf:1: scenario: '3' is no block; write { … }")]
    [InlineData("\nscenari { }", "x.conf:1: there is no block 'scenario { … }' in this file", "x.conf:2: scenari: there is no such key; there is: scenario")]
    [InlineData("hello", "x.conf:1: after the key 'hello' comes '=', ':' or '{'")]
    [InlineData("scenario {\n include \"other.conf\"\n}", "x.conf:2: include is not allowed: a scenario is one file")]
    public void A_file_that_holds_no_scenario_is_refused(string text, params string[] told) => Assert.Equal(told, Errors(text));

    [Theory]
    [InlineData("browsers = 0", "browsers: '0' is out of range; 1 to 100000 is allowed")]
    [InlineData("browsers = many", "browsers: 'many' is not a whole number")]
    [InlineData("browsers = 1.5", "browsers: '1.5' is not a whole number")]
    [InlineData("browsers = [1]", "browsers: one value is wanted, and this is a list")]
    [InlineData("browsers = 99999999999999999999", "browsers: '99999999999999999999' is out of range; 1 to 100000 is allowed")]
    [InlineData("nodes = 101", "nodes: '101' is out of range; there are 100 browsers, and each node has at least one: 1 to 100 is allowed")]
    [InlineData("nodes = 1001", "nodes: '1001' is out of range; 1 to 1000 is allowed")]
    [InlineData("seed = -1", "seed: '-1' is out of range; 0 to 2147483647 is allowed")]
    [InlineData("name = \"\"", "name: '' is no name; write 1 to 100 characters on one line")]
    [InlineData("duration = 10", "duration: '10' is not a duration; write a number and us, ms, s, m or h, such as 500ms")]
    [InlineData("duration = 25h", "duration: '25h' is out of range; 100ms to 24h is allowed")]
    [InlineData("mark-every = -1s", "mark-every: '-1s' is out of range; 10ms to 24h is allowed")]
    [InlineData("markers = \"a@2s\"", "markers: 'a@2s' is no list; write [ \"login@2s\" ]")]
    [InlineData("markers = [a]", "markers[0]: 'a' is nothing that can be placed: not of the form LABEL@OFFSET, such as checkout@3s")]
    [InlineData("markers = [\"@1s\"]", "markers[0]: '@1s' is no marker: the label is empty; write LABEL@OFFSET")]
    [InlineData("markers = [\"a@1s\", \"a@1000ms\"]", "markers[1]: 'a@1000ms' is given twice")]
    [InlineData("memory-dumps = [\"heavy@1s\"]", "memory-dumps[0]: 'heavy@1s' is no memory dump: its level is not one of background, light, detailed")]
    [InlineData("require = most", "require: 'most' is not 'all', a number of browsers such as 3, or a share such as 80%")]
    [InlineData("require = 101", "require: '101' is more than this scenario has: 100; ask for at most as many")]
    [InlineData("timeouts { flush = 1ms }", "timeouts.flush: '1ms' is out of range; 100ms to 24h is allowed")]
    [InlineData("timeouts { end = 1s }", "timeouts.end: there is no such key; there are: flush, prepare, start")]
    [InlineData("timeouts = 3s", "timeouts: '3s' is no block; write { … }")]
    [InlineData("format = text", "format: 'text' is not one of proto, json")]
    [InlineData("transfer = events, format = proto", "format: 'proto' is in contradiction to transfer = events, with which a trace is always json; leave one of them out")]
    [InlineData("transfer = events, compression = gzip", "compression: 'gzip' is in contradiction to transfer = events, with which a trace is never compressed; leave one of them out")]
    [InlineData("clocks { drift-within-ppm = -1 }", "clocks.drift-within-ppm: '-1' is out of range; 0 to 500 is allowed")]
    [InlineData("clocks { drift-within-ppm = NaN }", "clocks.drift-within-ppm: 'NaN' is not a number")]
    [InlineData("clocks { offset-within = -1h }", "clocks.offset-within: '-1h' is out of range; 0s to 240h is allowed")]
    [InlineData("clocks { offset-within = 241h }", "clocks.offset-within: '241h' is out of range; 0s to 240h is allowed")]
    [InlineData("clocks { steps = [ { at = 3s } ] }", "clocks.steps[0]: neither 'by' nor 'suspended' says what the clock does")]
    [InlineData("clocks { steps = [ { by = 3s } ] }", "clocks.steps[0]: the key 'at' is missing: when, from the simulation's beginning")]
    [InlineData("clocks { steps = [ { at = 3s, by = 1s, probability = 2 } ] }", "clocks.steps[0].probability: '2' is out of range; 0 to 1, or 0% to 100%, is allowed")]
    [InlineData("delays { there = -1ms }", "delays.there: '-1ms' is out of range; 0s to 24h is allowed")]
    [InlineData("delays { there = [1ms] }", "delays.there: this is no delay; write 2ms, { uniform = [1ms, 5ms] }, { log-normal { median = 1ms, sigma = 0.5 } } or { heavy-tail { least = 1ms, shape = 1.5, most = 10s } }")]
    [InlineData("delays { there { normal = 1ms } }", "delays.there.normal: there is no such key; there are: heavy-tail, log-normal, uniform")]
    [InlineData("delays { there { } }", "delays.there: this is not one distribution; write 2ms, { uniform = [1ms, 5ms] }, { log-normal { median = 1ms, sigma = 0.5 } } or { heavy-tail { least = 1ms, shape = 1.5, most = 10s } }")]
    [InlineData("delays { there { uniform = [1ms, 2ms], log-normal { median = 1ms, sigma = 1 } } }", "delays.there: this is not one distribution; write 2ms, { uniform = [1ms, 5ms] }, { log-normal { median = 1ms, sigma = 0.5 } } or { heavy-tail { least = 1ms, shape = 1.5, most = 10s } }")]
    [InlineData("delays { there { uniform = [2ms, 1ms] } }", "delays.there.uniform: this is impossible: its least is more than its most")]
    [InlineData("delays { there { uniform = [-2ms, 1ms] } }", "delays.there.uniform[0]: '-2ms' is out of range; 0s to 24h is allowed")]
    [InlineData("delays { there { uniform = [] } }", "delays.there.uniform: this is a list of 0; write the least and the most, such as [1ms, 5ms]")]
    [InlineData("delays { there { log-normal { median = 1ms, sigma = 11 } } }", "delays.there.log-normal.sigma: '11' is out of range; 0 to 10 is allowed")]
    [InlineData("delays { there { log-normal { median = 1ms } } }", "delays.there.log-normal: the key 'sigma' is missing: the standard deviation of the logarithm")]
    [InlineData("delays { there { heavy-tail { least = 0s, shape = 1, most = 1s } } }", "delays.there.heavy-tail.least: '0s' is out of range; 0.1us to 24h is allowed")]
    [InlineData("delays { there { heavy-tail { least = 1s, shape = 0.01, most = 2s } } }", "delays.there.heavy-tail.shape: '0.01' is out of range; 0.1 to 100 is allowed")]
    [InlineData("delays { there { heavy-tail { least = 3s, shape = 1, most = 2s } } }", "delays.there.heavy-tail: this is impossible: its least is more than its most")]
    [InlineData("content { events-per-second = -5 }", "content.events-per-second: '-5' is out of range; 0 to 1000000 is allowed")]
    [InlineData("content { argument-bytes = 2MiB }", "content.argument-bytes: '2MiB' is out of range; 0B to 1MiB is allowed")]
    [InlineData("content { argument-bytes = 2MB }", "content.argument-bytes: '2MB' is not a size; write a whole number of bytes, or one with KiB, MiB or GiB")]
    [InlineData("content { categories = [] }", "content.categories: this is an empty list; write [blink, v8], or leave the key out")]
    [InlineData("content { categories = [\"a,b\"] }", "content.categories[0]: 'a,b' is no category; write one name")]
    [InlineData("content { replay = \"\" }", "content.replay: '' is no path; name a recorded trace")]
    [InlineData("content { replay = \"no-such-file.pftrace\" }", "content.replay: 'no-such-file.pftrace' is a file that does not exist; its path counts from the scenario file's folder")]
    [InlineData("faults = { }", "faults: this is no list; write [ { fault = kill, probability = 1%, after = 30s } ]")]
    [InlineData("faults = [kill]", "faults[0]: 'kill' is no block; write { … }")]
    [InlineData("faults = [ { fault = data-loss, browsers = [] } ]", "faults[0].browsers: this is an empty list; write [b1, b2], or leave the key out")]
    [InlineData("faults = [ { fault = data-loss, browsers = [b0] } ]", "faults[0].browsers[0]: 'b0' is no browser of this scenario; they are called b1 to b100")]
    [InlineData("faults = [ { fault = data-loss, browsers = [b1, b01] } ]", "faults[0].browsers[1]: 'b01' is no browser of this scenario; they are called b1 to b100")]
    [InlineData("faults = [ { fault = kill } ]", "faults[0]: the key 'after' is missing: a duration such as 30s, or a distribution")]
    [InlineData("faults = [ { fault = data-loss, after = 3s } ]", "faults[0].after: there is no such key; there are: browsers, fault, probability")]
    [InlineData("faults = [ { fault = data-loss, probability = -1% } ]", "faults[0].probability: '-1%' is out of range; 0 to 1, or 0% to 100%, is allowed")]
    [InlineData("faults = [ { fault = close-mid-stream, at-share = half } ]", "faults[0].at-share: 'half' is not a share; write a number from 0 to 1, or 0% to 100%")]
    [InlineData("faults = [ { fault = oversized-frame, after = 1s, bytes = 0 } ]", "faults[0].bytes: '0' is out of range; 1B to 1024MiB is allowed")]
    [InlineData("journal { write = soon }", "journal.write: 'soon' is not a duration; write a number and us, ms, s, m or h, such as 500ms")]
    [InlineData("kill-process-at-event = 0", "kill-process-at-event: '0' is out of range; 1 to 1000000 is allowed")]
    [InlineData("browser = 3", "browser: there is no such key; there are: browsers, clocks, compression, content, delays, duration, faults, format, journal, kill-process-at-event, mark-every, markers, memory-dumps, name, nodes, require, seed, timeouts, transfer")]
    public void What_cannot_be_is_told_with_its_line_and_what_is_allowed(string key, string told) =>
        Assert.Equal([$"x.conf:3: scenario.{told}"], Errors($"# A comment.\nscenario {{\n{key}\n}}"));

    [Fact]
    public void A_recorded_trace_has_its_own_events() => Assert.Equal(
        ["events-per-second: '5'", "argument-bytes: '5'", "categories: this"],
        Errors("scenario { content { replay = t, events-per-second = 5, argument-bytes = 5, categories = [a] } }", _ => [0x0A])
            .Select(error => error["x.conf:1: scenario.content.".Length..error.IndexOf(" is in contradiction to 'replay', whose file has its own events; leave one of them out", StringComparison.Ordinal)]));

    [Fact]
    public void An_unknown_fault_is_told_with_those_that_there_are() =>
        Assert.Equal($"x.conf:1: scenario.faults[0].fault: 'crash' is no fault that there is; write one of {string.Join(", ", ScenarioFileRules.FaultKinds)}", Assert.Single(Errors("scenario { faults = [ { fault = crash, after = 1s } ] }")));

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_in_the_order_of_its_lines() => Assert.Equal(
        ["x.conf:3: scenario.browsers", "x.conf:4: scenario.nods", "x.conf:5: scenario.duration", "x.conf:8: scenario.delays.back.uniform", "x.conf:13: scenario.faults[1].after", "x.conf:15: scenario.faults[2]"],
        Errors("""
            # Six mistakes.
            scenario {
              browsers = none
              nods = 3
              duration = 1
              delays {
                there = 3ms
                back { uniform = [3ms, 2ms] }
              }
              faults = [
                { fault = data-loss }
                { fault = kill,
                  after = soon
                }
                { fault = hang }
              ]
            }
            """).Select(error => string.Join(':', error.Split(':')[..3])));

    private static readonly string Sample = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "scenarios", "everything-at-once.conf"));

    /// <summary>Characters that mean something to HOCON or in a value come up more often than others.</summary>
    private static readonly Gen<string> Bit = Gen.Frequency(
        (4, Gen.Elements("", "{", "}", "[", "]", "\"", "\"\"\"", ",", ":", "=", "+=", "#", "//", "${", "${scenario}", "${?scenario.delays.there}", ".", "\\", "-", "%", "0", "9", "e", "s", "b1", "\n", " ", "include ")),
        (1, Gen.Choose(0, 0xFFFF).Select(one => ((char)one).ToString())));

    private static readonly Arbitrary<string> Mutated = Gen.Choose(0, Sample.Length - 1).Zip(Gen.Choose(0, 12)).Zip(Bit).ListOf().Select(changes =>
    {
        var text = new StringBuilder(Sample);
        foreach (var ((at, length), bit) in changes)
        {
            var from = Math.Min(at, text.Length);
            text.Remove(from, Math.Min(length, text.Length - from)).Insert(from, bit);
        }

        return text.ToString();
    }).ToArbitrary();

    [Property(MaxTest = 1000)]
    public Property Whatever_is_changed_in_a_file_it_is_read_or_refused_with_a_line_that_is_there() => Prop.ForAll(Mutated, text =>
    {
        var reading = ScenarioFile.Read(text, "x.conf");
        var lines = text.Split('\n');
        Assert.Equal(reading.Errors.Count == 0, reading.Scenario is not null);
        Assert.All(reading.Errors, error => Assert.InRange(error.Line, 1, lines.Length));
    });

    [Property(MaxTest = 1000)]
    public Property The_line_of_a_complaint_is_the_line_of_its_key() => Prop.ForAll(KeysSpoilt, text =>
    {
        var lines = text.Split('\n');
        foreach (var error in ScenarioFile.Read(text, "x.conf").Errors)
        {
            var key = error.Key[(error.Key.LastIndexOf('.') + 1)..];
            // An item of a list has no key of its own.
            if (!key.Contains('[', StringComparison.Ordinal)) Assert.Contains(key, lines[error.Line - 1]);
        }
    });

    /// <summary>Values and keys that are replaced, which leaves the file HOCON.</summary>
    private static Arbitrary<string> KeysSpoilt => Gen.Choose(0, Sample.Split(' ').Length - 1).Zip(Gen.Elements("-1", "x", "\"\"", "9999999999", "2m")).ListOf(4).Select(changes =>
    {
        var words = Sample.Split(' ');
        foreach (var (at, word) in changes)
        {
            if (words[at].All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '%')) words[at] = word;
        }

        return string.Join(' ', words);
    }).ToArbitrary();

    private static List<string> Errors(string text, Func<string, byte[]>? readReplay = null)
    {
        var reading = ScenarioFile.Read(text, "x.conf", readReplay: readReplay);
        Assert.Null(reading.Scenario);
        return [.. reading.Errors.Select(error => error.ToString())];
    }
}
