using System.Text.Json;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Tests.Support;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Browsers;

/// <summary>Time, delays, clocks and chance of a browser in memory, where nothing happens but what the test lets happen.</summary>
public sealed class VirtualTimeTests
{
    private const string Proto = "{\"transferMode\":\"ReturnAsStream\",\"streamFormat\":\"proto\"}";
    private const string Json = "{\"transferMode\":\"ReturnAsStream\"}";
    private const string Gzip = "{\"transferMode\":\"ReturnAsStream\",\"streamFormat\":\"proto\",\"streamCompression\":\"gzip\"}";

    private readonly HandTime _time = new();

    [Fact]
    public void A_command_takes_its_way_there_its_answering_and_its_way_back()
    {
        var browser = Browser(new BrowserConditions { Connecting = Micros(7000), There = Micros(400), Answering = Micros(50), Back = Micros(200), Starting = Micros(12_000), Flushing = Micros(90_000) });
        var begin = _time.Now;
        var client = RawClient.Connect(browser, _time);
        AssertPassed(7_000, ref begin);
        client.Call("Tracing.start", Json);
        AssertPassed(12_600, ref begin);
        Assert.Equal(begin - 200_000, browser.StartedAtNanos);
        client.Call("Tracing.recordClockSyncMarker", "{\"syncId\":\"m\"}");
        AssertPassed(650, ref begin);
        client.Call("Tracing.end");
        AssertPassed(650, ref begin);
        client.Hear("Tracing.tracingComplete");
        AssertPassed(90_000, ref begin);
    }

    [Fact]
    public void A_marker_stands_at_the_end_of_its_answering_on_the_browser_s_clock()
    {
        var clock = new SimulatedClock { Offset = TimeSpan.FromHours(3), RatePpm = 80 };
        foreach (var start in new[] { Proto, Json, Gzip })
        {
            var client = RawClient.Connect(Browser(new BrowserConditions { Clock = clock, There = Micros(400), Answering = Micros(50), Back = Micros(200) }), _time);
            client.Call("Tracing.start", start);
            client.Call("Tracing.recordClockSyncMarker", "{\"syncId\":\"m\"}");
            var marked = clock.At(_time.Now - 200_000);
            Assert.Equal(marked / 1000 * 1000, Assert.Single(Surveys.Survey(client.EndAndRead()).Markers).BrowserNanos);
        }
    }

    [Fact]
    public void Messages_of_one_direction_never_overtake_each_other_however_their_delays_fall()
    {
        var tail = new Delay.HeavyTail(TimeSpan.FromMicroseconds(10), 0.5, TimeSpan.FromMilliseconds(50));
        var client = RawClient.Connect(Browser(new BrowserConditions { There = tail, Back = tail, Answering = tail, Seed = 5 }), _time);
        var sent = Enumerable.Range(0, 300).Select(_ => client.Send("Browser.getVersion")).ToList();
        var times = new List<long>();
        foreach (var id in sent)
        {
            Assert.Equal(id, client.Receive().GetProperty("id").GetInt32());
            times.Add(_time.Now);
        }

        Assert.Equal(times.Order(), times);
        Assert.InRange(times.Distinct().Count(), 2, 300);
    }

    [Fact]
    public void A_clock_that_steps_shows_it_in_the_trace_and_one_set_back_can_still_be_read()
    {
        var start = _time.Now;
        foreach (var by in new[] { 1.5, -1.5 })
        {
            var clock = new SimulatedClock { Offset = TimeSpan.FromHours(1), Steps = [new ClockStep(_time.Now + 5_000_000_000, TimeSpan.FromSeconds(by), TimeSpan.Zero)] };
            foreach (var format in new[] { Proto, Json })
            {
                var client = RawClient.Connect(Browser(new BrowserConditions { Clock = clock }), _time);
                client.Call("Tracing.start", format);
                var expected = new List<long>();
                for (var i = 0; i < 4; i++)
                {
                    _time.Run(_time.Now + 2_000_000_000);
                    client.Call("Tracing.recordClockSyncMarker", $"{{\"syncId\":\"{i}\"}}");
                    expected.Add(clock.At(_time.Now) / 1000 * 1000);
                }

                Assert.Equal(expected, Surveys.Survey(client.EndAndRead()).Markers.Select(marker => marker.BrowserNanos));
            }
        }

        Assert.NotEqual(start, _time.Now);
    }

    [Fact]
    public void A_suspended_browser_answers_when_it_goes_on_and_has_recorded_nothing_meanwhile()
    {
        var suspendedAt = _time.Now + 10_000_000_000;
        var clock = new SimulatedClock { Steps = [new ClockStep(suspendedAt, TimeSpan.Zero, TimeSpan.FromMinutes(5))] };
        var client = RawClient.Connect(Browser(new BrowserConditions { Clock = clock, Content = new TraceContent.Generated { EventsPerSecond = 100 } }), _time);
        client.Call("Tracing.start", Json);
        _time.Run(suspendedAt + 60_000_000_000);
        client.Call("Tracing.recordClockSyncMarker", "{\"syncId\":\"late\"}");
        Assert.Equal(suspendedAt + 300_000_000_000, _time.Now);
        _time.Run(_time.Now + 10_000_000_000);
        var survey = Surveys.Survey(client.EndAndRead());
        Assert.Equal(suspendedAt, Assert.Single(survey.Markers).BrowserNanos);
        // Ten seconds before and ten seconds after, of which the clock knows nothing else.
        Assert.InRange(survey.Events, 2000, 2020);
        Assert.InRange(survey.LastNanos!.Value - survey.FirstNanos!.Value, 19_900_000_000, 20_000_000_000);
    }

    [Fact]
    public void The_same_seed_gives_the_same_times_and_bytes_and_another_gives_others()
    {
        Assert.Equal(Play(seed: 11), Play(seed: 11));
        Assert.NotEqual(Play(seed: 11), Play(seed: 12));

        static string Play(int seed)
        {
            var time = new HandTime();
            var noise = new Delay.LogNormal(TimeSpan.FromMicroseconds(300), 0.5);
            var browser = new SimulatedBrowser(
                new BrowserConditions
                {
                    Seed = seed, There = noise, Back = noise, Answering = noise, Starting = noise, Flushing = noise,
                    Content = new TraceContent.Generated { EventsPerSecond = 50, ArgumentBytes = 33 },
                    Faults = [new Fault.DuplicateAnswers(0.2)],
                },
                time);
            var client = RawClient.Connect(browser, time);
            client.Call("Tracing.start", Gzip);
            for (var i = 0; i < 20; i++) client.Call("Tracing.recordClockSyncMarker", $"{{\"syncId\":\"{i}\"}}");
            time.Run(time.Now + 10_000_000_000);
            return $"{time.Now} {Convert.ToHexString(client.EndAndRead())}";
        }
    }

    [Fact]
    public void Buffer_usage_is_the_content_s_share_of_the_buffer_every_250_ms_and_never_full()
    {
        var browser = Browser(new BrowserConditions { Content = new TraceContent.Generated { EventsPerSecond = 5000, ArgumentBytes = 50 } });
        var client = RawClient.Connect(browser, _time);
        var start = _time.Now;
        client.Call("Tracing.start", "{\"transferMode\":\"ReturnAsStream\",\"bufferUsageReportingInterval\":100,\"traceConfig\":{\"traceBufferSizeInKb\":1000}}");
        var shares = new List<double>();
        for (var i = 1; i <= 16; i++)
        {
            var usage = client.Hear("Tracing.bufferUsage");
            Assert.Equal(start + i * 250_000_000L, _time.Now);
            Assert.Equal((0, usage.GetProperty("percentFull").GetDouble()), (usage.GetProperty("eventCount").GetInt32(), usage.GetProperty("value").GetDouble()));
            shares.Add(usage.GetProperty("percentFull").GetDouble());
        }

        Assert.Equal(shares.Order(), shares);
        // 5000 a second, of 100 bytes each.
        Assert.InRange(shares[3], 0.45, 0.55);
        Assert.Equal(0.97, shares[^1]);
        Assert.Equal(16, browser.EventCounts["Tracing.bufferUsage"]);

        client.Call("Tracing.end");
        Assert.True(client.Hear("Tracing.tracingComplete").GetProperty("dataLossOccurred").GetBoolean());
    }

    [Theory]
    [InlineData("recordUntilFull", true)]
    [InlineData("recordContinuously", false)]
    public void A_full_buffer_keeps_the_beginning_and_a_ring_the_end(string mode, bool keepsBeginning)
    {
        foreach (var format in new[] { "json", "proto" })
        {
            var client = RawClient.Connect(Browser(new BrowserConditions { Content = new TraceContent.Generated { EventsPerSecond = 1000 } }), _time);
            var start = _time.Now;
            client.Call("Tracing.start", $"{{\"transferMode\":\"ReturnAsStream\",\"streamFormat\":\"{format}\",\"traceConfig\":{{\"traceBufferSizeInKb\":100,\"recordMode\":\"{mode}\"}}}}");
            for (var i = 0; i < 10; i++)
            {
                client.Call("Tracing.recordClockSyncMarker", $"{{\"syncId\":\"{i}\"}}");
                _time.Run(_time.Now + 1_000_000_000);
            }

            var survey = Surveys.Survey(client.EndAndRead());
            Assert.Null(survey.CutOff);
            Assert.Equal(keepsBeginning ? "chunks_discarded" : "chunks_overwritten", survey.Losses.Keys.First());
            // 42,000 bytes a second: a little more than two seconds fit.
            Assert.Equal(keepsBeginning ? ["0", "1", "2"] : ["8", "9"], survey.Markers.Select(marker => marker.SyncId));
            var instant = keepsBeginning ? survey.LastNanos - start : start + 10_000_000_000 - survey.FirstNanos;
            Assert.InRange(instant!.Value, 2_000_000_000, 2_600_000_000);
        }
    }

    [Fact]
    public void Content_is_made_while_it_is_read_and_a_part_can_be_read_again()
    {
        var client = RawClient.Connect(Browser(new BrowserConditions { Content = new TraceContent.Generated { EventsPerSecond = 1000, ArgumentBytes = 1000 } }), _time);
        client.Call("Tracing.start", Json);
        _time.Run(_time.Now + 60_000_000_000);
        client.Call("Tracing.end");
        var handle = client.Hear("Tracing.tracingComplete").GetProperty("stream").GetString();
        JsonElement Read(string more) => client.Call("IO.read", $"{{\"handle\":\"{handle}\"{more}}}");

        var first = Read(",\"size\":200000").GetProperty("data").GetString()!;
        // Sixty megabytes lie ahead; what is kept of them is what has been read last.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var passed = Read(",\"size\":1000").GetProperty("data").GetString()!;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Equal(first[1000..1500], Read(",\"offset\":1000,\"size\":500").GetProperty("data").GetString());
        Assert.Equal(passed, Read(",\"offset\":200000,\"size\":1000").GetProperty("data").GetString());
        // Chromium's own size, when none is asked for.
        Assert.Equal(10 << 20, Read("").GetProperty("data").GetString()!.Length);
    }

    [Fact]
    public void Events_come_in_messages_of_65_KB_as_fast_as_they_are_taken()
    {
        var browser = Browser(new BrowserConditions { Content = new TraceContent.Generated { EventsPerSecond = 1000, ArgumentBytes = 200 } });
        var client = RawClient.Connect(browser, _time);
        client.Call("Tracing.start", "{}");
        _time.Run(_time.Now + 60_000_000_000);
        client.Call("Tracing.end");
        _time.Run();
        // Nobody has taken one: the browser waits.
        Assert.InRange(browser.EventCounts["Tracing.dataCollected"], 1, 10);
        var events = 0;
        while (client.Receive() is var message && message.GetProperty("method").GetString() == "Tracing.dataCollected")
        {
            Assert.InRange(message.GetRawText().Length, 1, 70_000);
            events += message.GetProperty("params").GetProperty("value").GetArrayLength();
        }

        Assert.InRange(events, 60_000, 60_010);
    }

    [Fact]
    public void Ten_minutes_of_a_thousand_browsers_cost_a_few_kilobytes_each()
    {
        const int count = 1000;
        var conditions = new BrowserConditions { There = new Delay.LogNormal(TimeSpan.FromMicroseconds(400), 0.4), Content = new TraceContent.Generated { EventsPerSecond = 1 } };
        var clients = new List<(SimulatedBrowser, RawWire)>(count);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < count; i++)
        {
            var browser = Browser(conditions with { Seed = i });
            var wire = new RawWire(_time, _time.Run(browser.OpenAsync(browser.Url)));
            wire.Call("Tracing.start", Proto);
            clients.Add((browser, wire));
        }

        var idle = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        for (var minute = 0; minute < 10; minute++)
        {
            _time.Run(_time.Now + 60_000_000_000);
            foreach (var (_, wire) in clients) wire.Call("Tracing.recordClockSyncMarker", "{\"syncId\":\"session.cadence.12\"}");
        }

        var recorded = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        Assert.InRange(idle, 0, 10_000);
        Assert.InRange(recorded, 0, 12_000);
        GC.KeepAlive(clients);
    }

    private SimulatedBrowser Browser(BrowserConditions conditions) => new(conditions, _time);

    private static Delay.Constant Micros(int micros) => new(TimeSpan.FromMicroseconds(micros));

    private void AssertPassed(int micros, ref long since)
    {
        Assert.Equal(micros * 1000L, _time.Now - since);
        since = _time.Now;
    }

    /// <summary>A client that keeps nothing.</summary>
    private sealed class RawWire(HandTime time, Cdp.ICdpTransport transport)
    {
        private static readonly byte[] s_buffer = new byte[4096];

        public void Call(string method, string parameters)
        {
            _ = transport.SendAsync(System.Text.Encoding.UTF8.GetBytes($"{{\"id\":1,\"method\":\"{method}\",\"params\":{parameters}}}"), CancellationToken.None).AsTask();
            Assert.True(time.Run(transport.ReceiveAsync(s_buffer, CancellationToken.None)).EndOfMessage);
        }
    }
}
