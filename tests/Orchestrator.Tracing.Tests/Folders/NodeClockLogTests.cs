using System.Text;
using System.Text.Json;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Folders;

public sealed class NodeClockLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public NodeClockLogTests() => _folder.Write("browsers/b1.json", "x"u8.ToArray());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Written_and_read_it_is_the_same()
    {
        var log = Log();
        var read = NodeClockLog.Parse(log.ToUtf8());
        Assert.Equal((1, "s-1", "n2", log.Clock), (read.Schema, read.SessionId, read.Node, read.Clock));
        var reference = Assert.Single(read.References);
        Assert.Equal(Told.Timeline, reference.Clock);
        Assert.Equal([new NodeClockBracket(1, 2, 3), new NodeClockBracket(-4, 5, 6)], reference.Brackets);
    }

    [Fact]
    public void Its_fields_have_their_names_and_no_blanks_between_them() => Assert.Equal(
        """{"schema":1,"sessionId":"s-1","node":"n2","clock":{"clock":"monotonic","node":"n2","utcAtZero":"2026-03-04T05:04:27+00:00","domain":null},"references":[{"clock":{"clock":"monotonic","node":"node-1","utcAtZero":"2026-03-04T05:04:27+00:00","domain":null},"brackets":[{"sentNanos":1,"nodeNanos":2,"answeredNanos":3},{"sentNanos":-4,"nodeNanos":5,"answeredNanos":6}]}]}""",
        Encoding.UTF8.GetString(Log().ToUtf8()));

    [Fact]
    public void A_folder_tells_of_each_node_that_has_a_file()
    {
        _folder.Write("nodes/n2.clock.json", Log().ToUtf8());
        _folder.Write("nodes/n3.clock.json", "{"u8.ToArray());
        _folder.Write("nodes/n4.clock.json.part", Log().ToUtf8());
        var session = RecordedSessions.Read(_folder.Path);
        Assert.Equal([("nodes/n2.clock.json", "n2", true), ("nodes/n3.clock.json", "n3", false)], session.NodeClocks.Select(node => (node.File, node.Node, node.Log is not null)));
        Assert.Contains(session.Problems, problem => problem.File == "nodes/n3.clock.json" && problem.Problem.Contains("cannot be read"));
    }

    [Theory]
    [InlineData("\"node\":\"n2\",\"clock\"", "\"clock\"")]
    [InlineData("\"references\":[{", "\"references\":[null,{")]
    [InlineData("\"brackets\":[{", "\"brackets\":[null,{")]
    [InlineData("\"sentNanos\":1,", "")]
    [InlineData("\"sentNanos\":1,", "\"sentNanos\":1e40,")]
    [InlineData("\"utcAtZero\":\"2026", "\"utcAtZero\":\"9999")]
    public void One_with_nulls_and_gaps_in_it_is_left_aside_and_named(string whole, string broken)
    {
        var text = Encoding.UTF8.GetString(Log().ToUtf8());
        Assert.Contains(whole, text);
        text = text.Replace(whole, broken, StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => NodeClockLog.Parse(Encoding.UTF8.GetBytes(text)));
        _folder.Write("nodes/n2.clock.json", Encoding.UTF8.GetBytes(text));
        Assert.Null(Assert.Single(RecordedSessions.Read(_folder.Path).NodeClocks).Log);
    }

    [Fact]
    public void What_is_absent_and_what_a_newer_version_adds_is_no_reason_to_refuse_it()
    {
        var text = """{"sessionId":"s-1","node":"n2","clock":{"clock":"monotonic","node":"n2","utcAtZero":"2026-03-04T05:04:27Z","later":1},"later":[]}""";
        Assert.Empty(NodeClockLog.Parse(Encoding.UTF8.GetBytes(text)).References);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("../n2")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    public void A_name_that_is_none_of_a_file_has_none(string name)
    {
        Assert.False(NodeClockLog.IsName(name));
        Assert.Throws<ArgumentException>(() => NodeClockLog.FileOf(name));
    }

    [Fact]
    public void A_node_s_file_lies_in_nodes() => Assert.Equal("nodes/loadhost-1.example.clock.json", NodeClockLog.FileOf("loadhost-1.example"));

    private static NodeClockLog Log() => new()
    {
        SessionId = "s-1", Node = "n2", Clock = Told.Timeline with { Node = "n2" },
        References = [new NodeClockReference(Told.Timeline, [new NodeClockBracket(1, 2, 3), new NodeClockBracket(-4, 5, 6)])],
    };
}
