using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Sessions;

/// <summary>session.json is a contract: scripts of users hang on its names.</summary>
public sealed class SessionDocumentTests
{
    // The contract, with one of each alternative. Fields may be added; none may go, or change its name or its kind.
    private const string Documented = """
        { "schema": 1, "sessionId": "…", "outcome": "partial",
          "preparedAt": "…Z", "windowOpenedAt": "…Z", "windowClosedAt": "…Z",
          "skew": { "startSendMicros": 0.0, "startAckMicros": 0.0, "endSendMicros": 0.0 },
          "timeline": { "clock": "…", "node": "…", "utcAtZero": "…" },
          "markers": [ { "label": "…", "syncId": "…", "timelineNanos": 0 } ],
          "browsers": [ { "name": "b1", "node": "…", "endpoint": "…", "product": "Chrome/…",
              "outcome": "complete", "reason": null,
              "dataLoss": false, "bufferPeak": 0.12, "markers": 48,
              "clock": { "offsetNanos": 0, "boundNanos": 0, "driftPpm": 0.0, "relation": "measured" },
              "file": "browsers/b1.pftrace.gz", "format": "proto", "compression": "gzip", "bytes": 0, "sha256": "…",
              "memoryDumps": [ { "dumpGuid": "0x9", "success": true, "level": "light" } ] } ],
          "merged": [ { "format": "perfetto", "file": "trace.tar", "bytes": 0, "sha256": "…" } ] }
        """;

    [Fact]
    public void Every_documented_field_is_there_with_its_name_and_kind()
    {
        var document = SessionDocument.Of(Recorded());
        var whole = document with
        {
            Browsers = [document.Browsers[0] with { Clock = new ClockFacts { OffsetNanos = -5, BoundNanos = 300, DriftPpm = 0.25, Relation = ClockRelation.Measured } }],
            Merged = [new MergedFile("perfetto", "trace.tar", 10, "00ff")],
        };

        AssertHas(JsonNode.Parse(Documented)!, JsonNode.Parse(whole.ToUtf8())!, "$");
    }

    [Fact]
    public void A_session_that_ran_is_told_as_it_was()
    {
        var document = SessionDocument.Of(Recorded());

        Assert.Equal((1, "s-1", SessionOutcome.Partial), (document.Schema, document.SessionId, document.Outcome));
        Assert.Equal("b2 connectionLost: gone", document.Reason);
        Assert.Equal(Told.At, document.PreparedAt);
        Assert.Equal(Told.At.AddSeconds(1), document.WindowOpenedAt);
        Assert.Equal(Told.At.AddSeconds(6), document.WindowClosedAt);
        Assert.Equal(new SkewDocument(12.5, 250, 30.25), document.Skew);
        Assert.Equal(Told.Timeline, document.Timeline);
        Assert.Equal([new MarkerDocument("login", "s-1.login.4", 102_000_000_000)], document.Markers);
        Assert.Empty(document.Merged);

        var (b1, b2) = (document.Browsers[0], document.Browsers[1]);
        Assert.Equal(("b1", "node-1", "ws://127.0.0.1:9222/devtools/browser/x", "Chrome/156.0.1.2"), (b1.Name, b1.Node, b1.Endpoint, b1.Product));
        Assert.Equal((BrowserOutcome.Complete, null, false, 0.12, 48), (b1.Outcome, b1.Reason, b1.DataLoss, b1.BufferPeak, b1.Markers));
        Assert.Equal(("browsers/b1.pftrace.gz", false, 1234, "abcd"), (b1.File, b1.Partial, b1.Bytes, b1.Sha256));
        Assert.Equal([new MemoryDump("0x9", true, "light")], b1.MemoryDumps);
        Assert.Equal((BrowserOutcome.ConnectionLost, "gone", "browsers/b2.pftrace.gz.partial", true), (b2.Outcome, b2.Reason, b2.File, b2.Partial));
    }

    [Fact]
    public void What_is_not_known_is_null_and_no_number_is_invented()
    {
        var json = JsonNode.Parse(SessionDocument.Of(Told.Opened(1)).ToUtf8())!.AsObject();

        foreach (var name in (string[])["outcome", "reason", "windowOpenedAt", "windowClosedAt", "endedAt"])
        {
            Assert.True(json.ContainsKey(name), name);
            Assert.Null(json[name]);
        }

        Assert.All(json["skew"]!.AsObject(), skew => Assert.Null(skew.Value));
        Assert.Empty(json["markers"]!.AsArray());
        Assert.Empty(json["merged"]!.AsArray());
        var browser = json["browsers"]![0]!.AsObject();
        foreach (var name in (string[])["node", "product", "outcome", "reason", "bufferPeak", "file", "sha256"])
        {
            Assert.True(browser.ContainsKey(name), name);
            Assert.Null(browser[name]);
        }

        // Until clocks are measured: no relation to the time line, so no offset, no bound, no drift.
        Assert.Equal("unaligned", (string?)browser["clock"]!["relation"]);
        foreach (var name in (string[])["offsetNanos", "boundNanos", "driftPpm"])
        {
            Assert.True(browser["clock"]!.AsObject().ContainsKey(name), name);
            Assert.Null(browser["clock"]![name]);
        }
    }

    [Fact]
    public void Who_was_never_reached_is_named_by_the_endpoint_that_was_asked_for()
    {
        var session = Told.Opened(1).After(Told.Ended("b1", BrowserOutcome.Refused, "nobody there"));
        Assert.Equal("http://127.0.0.1:9222", SessionDocument.Of(session).Browsers[0].Endpoint);
    }

    [Fact]
    public void Written_and_read_it_is_the_same()
    {
        var bytes = SessionDocument.Of(Recorded()).ToUtf8();
        Assert.Equal(bytes, SessionDocument.Parse(bytes).ToUtf8());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("no json")]
    [InlineData("{\"schema\":1,\"sessionId\":null}")]
    public void What_is_no_session_json_is_told_as_such(string text) =>
        Assert.ThrowsAny<JsonException>(() => SessionDocument.Parse(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Fields_of_a_newer_version_are_no_reason_to_refuse_a_document()
    {
        var json = JsonNode.Parse(SessionDocument.Of(Recorded()).ToUtf8())!.AsObject();
        json["inventedLater"] = 1;
        json["browsers"]![0]!["inventedLater"] = "x";
        Assert.Equal("s-1", SessionDocument.Parse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString())).SessionId);
    }

    [Theory]
    [InlineData(TraceFormat.Proto, TraceCompression.Gzip, ".pftrace.gz", "proto", "gzip")]
    [InlineData(TraceFormat.Proto, TraceCompression.None, ".pftrace", "proto", "none")]
    [InlineData(TraceFormat.Json, TraceCompression.Gzip, ".json.gz", "json", "gzip")]
    [InlineData(TraceFormat.Json, TraceCompression.None, ".json", "json", "none")]
    public void Format_and_compression_have_their_names_and_the_file_its_ending(
        TraceFormat format, TraceCompression compression, string extension, string formatName, string compressionName)
    {
        var plan = Told.Plan(1);
        plan = plan with { Tracing = plan.Tracing with { Format = format, Compression = compression } };
        var session = TraceSession.Apply(null, new SessionEvent.Opened(plan, Told.Timeline) { At = Told.At });

        Assert.Equal(extension, plan.Tracing.FileExtension);
        var browser = JsonNode.Parse(SessionDocument.Of(session).ToUtf8())!["browsers"]![0]!;
        Assert.Equal((formatName, compressionName), ((string?)browser["format"], (string?)browser["compression"]));
    }

    private static TraceSession Recorded() => Told.Opened(2).After(
        Told.Ready("b1"),
        Told.Ready("b2"),
        new SessionEvent.WindowOpened(101_000_000_000, 12.5, 250) { At = Told.At.AddSeconds(1) },
        new SessionEvent.MarkerPlaced("login", "s-1.login.4", 102_000_000_000) { At = Told.At.AddSeconds(2) },
        new SessionEvent.WindowClosed(106_000_000_000, 30.25) { At = Told.At.AddSeconds(6) },
        new SessionEvent.BrowserEnded(Told.Report("b1", BrowserOutcome.Complete) with
        {
            BufferPeak = 0.12,
            Markers = 48,
            Trace = new TraceFile("browsers/b1.pftrace.gz", 1234, "abcd", IsWhole: true),
            MemoryDumps = [new MemoryDump("0x9", Success: true, "light")],
        }) { At = Told.At.AddSeconds(7) },
        new SessionEvent.BrowserEnded(Told.Report("b2", BrowserOutcome.ConnectionLost, "gone") with
        {
            Trace = new TraceFile("browsers/b2.pftrace.gz.partial", 5, "ef", IsWhole: false),
        }) { At = Told.At.AddSeconds(7) },
        new SessionEvent.Ended(SessionOutcome.Partial, "b2 connectionLost: gone") { At = Told.At.AddSeconds(8) });

    private static void AssertHas(JsonNode documented, JsonNode actual, string path)
    {
        switch (documented)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                {
                    Assert.True(actual.AsObject().TryGetPropertyValue(name, out var found), $"{path}.{name} is missing");
                    if (value is null) continue; // null in the contract: may be a text or null
                    Assert.True(found is not null, $"{path}.{name} is null");
                    AssertHas(value, found, $"{path}.{name}");
                }

                break;
            case JsonArray items:
                AssertHas(items[0]!, actual.AsArray()[0]!, $"{path}[0]");
                break;
            default:
                Assert.True(KindOf(documented) == KindOf(actual), $"{path} is {KindOf(actual)}, documented is {KindOf(documented)}");
                break;
        }
    }

    private static string KindOf(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        var kind => kind.ToString(),
    };
}
