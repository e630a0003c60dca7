using Orchestrator.TestKit.Hocon;

namespace Orchestrator.TestKit.Tests.Hocon;

public sealed class HoconReaderTests
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData("# nothing\n// at all", "{}")]
    [InlineData("a = 1", "{a:1}")]
    [InlineData("a : 1, b = 2,\nc 3 = 4", "line 2: after the key 'c' comes '=', ':' or '{'")]
    [InlineData("a : 1, b = 2,\nc { d = 4 }", "{a:1,b:2,c:{d:4}}")]
    [InlineData("{ a = 1 }", "{a:1}")]
    [InlineData("a = 1 # one\nb = 2// two", "{a:1,b:2}")]
    [InlineData("a = 1 2  3 ", "{a:1 2  3}")]
    [InlineData("a = \"x # y\" ", "{a:x # y}")]
    [InlineData("a = \"\"", "{a:}")]
    [InlineData("a = \"q\\\"\\\\\\n\\u0041\"", "{a:q\"\\\nA}")]
    [InlineData("a = \"\"\"x\ny\"\"\"\"\nb = 1", "{a:x\ny\",b:1}")]
    [InlineData("a =\n  { b = 1 }", "{a:{b:1}}")]
    [InlineData("a = [1, 2\n 3,\n]", "{a:[1,2,3]}")]
    [InlineData("a = [{b = 1}, {b = 2}\n{b = 3}]", "{a:[{b:1},{b:2},{b:3}]}")]
    [InlineData("a = [[1], []]", "{a:[[1],[]]}")]
    [InlineData("a.b.c = 1\na { b.d = 2 }\na.\"b\".\"e.f\" = 3", "{a:{b:{c:1,d:2,e.f:3}}}")]
    [InlineData("a { b = 1 }\na = 2", "{a:2}")]
    [InlineData("a = [1]\na = [2]", "{a:[2]}")]
    [InlineData("a += 1\na += 2\nb.c += 3\nb.c += 4", "{a:[1,2],b:{c:[3,4]}}")]
    [InlineData("a = [1] [2]", "{a:[1,2]}")]
    [InlineData("a = { b = 1 } { c = 2 }", "{a:{b:1,c:2}}")]
    [InlineData("a = ${b}\nb = { c = 3 }", "{a:{c:3},b:{c:3}}")]
    [InlineData("b = { c = 3, d = 4 }\na = ${b} { c = 5 }", "{b:{c:3,d:4},a:{c:5,d:4}}")]
    [InlineData("a = x ${b}y\nb = 2", "{a:x 2y,b:2}")]
    [InlineData("a = ${?b}\nc = [1, ${?b}]", "{c:[1]}")]
    [InlineData("a = ${b}\na { c = 2 }\nb { c = 1, d = 1 }", "{a:{c:2,d:1},b:{c:1,d:1}}")]
    [InlineData("a { b = ${a.c}, c = 1 }", "{a:{b:1,c:1}}")]
    [InlineData("\uFEFFa = 1\r\nb = 2\r\n", "{a:1,b:2}")]
    public void What_is_HOCON_is_read(string text, string read) => Assert.Equal(read, Read(text));

    [Theory]
    [InlineData("hello world", "line 1: after the key 'hello' comes '=', ':' or '{'")]
    [InlineData("\na {\n b = 1\n", "line 2: this '{' is never closed")]
    [InlineData("a = 1\n}", "line 2: this '}' closes no '{'")]
    [InlineData("{ a = 1 }\n}", "line 2: after the closing '}' comes nothing more, and here stands '}'")]
    [InlineData("a = [1,\n2", "line 1: this '[' is never closed")]
    [InlineData("a {\n b = [ }", "line 2: '}' has no place here; a text that has one stands in quotes")]
    [InlineData("a = [ 1, , 2 ]", "line 1: ',' has no place here; a text that has one stands in quotes")]
    [InlineData("a = \"x", "line 1: a quote is never closed on its line")]
    [InlineData("a = \"x\ny\"", "line 1: a quote is never closed on its line")]
    [InlineData("a = \"\"\"x\ny", "line 1: three quotes are never closed")]
    [InlineData("a = \"\\x\"", "line 1: after a '\\' within quotes comes one of \" \\ / b f n r t u")]
    [InlineData("a = \"\\u00g0\"", "line 1: after '\\u' come four hexadecimal digits")]
    [InlineData("= 3", "line 1: '=' has no place here; a text that has one stands in quotes")]
    [InlineData("a.= 3", "line 1: '=' has no place here; a text that has one stands in quotes")]
    [InlineData("a =\nb = 3", "line 1: the key 'a' has no value")]
    [InlineData("a =", "line 1: the key 'a' has no value")]
    [InlineData("a", "line 1: after the key 'a' comes '=', ':' or '{'")]
    [InlineData("a = 1 b = 2", "line 1: '=' has no place here; a text that has one stands in quotes")]
    [InlineData("a = login@2s", "line 1: '@' has no place here; a text that has one stands in quotes")]
    [InlineData("\n\ninclude \"x.conf\"", "line 3: include is not allowed: a scenario is one file")]
    [InlineData("include file(\"x.conf\")", "line 1: include is not allowed: a scenario is one file")]
    [InlineData("a = 1\nb = ${c}", "line 2: there is no 'c' in this file")]
    [InlineData("a = ${a}", "line 1: the reference to 'a' leads back to itself")]
    [InlineData("a = ${b}\nb = ${?a}", "line 1: the reference to 'b' leads back to itself")]
    [InlineData("a { b = ${a} }", "line 1: the reference to 'a' leads back to itself")]
    [InlineData("a = ${b", "line 1: this '${' is never closed")]
    [InlineData("a = [1] {}", "line 1: texts, lists and blocks cannot be joined with each other; a newline or a ',' may be missing")]
    [InlineData("a = \u0000", "line 1: the character U+0000 has no place here")]
    [InlineData("[1, 2]", "line 1: '[' has no place here; a text that has one stands in quotes")]
    public void What_is_none_is_refused_with_its_line(string text, string problem) => Assert.Equal(problem, Read(text));

    [Fact]
    public void What_would_exhaust_memory_or_the_stack_is_refused()
    {
        Assert.Contains("more than 64 blocks", Read(string.Concat(Enumerable.Repeat("a { ", 100_000))));
        Assert.Contains("more than 64 blocks", Read("a = " + new string('[', 100_000)));
        Assert.Contains("more than 64 blocks", Read(string.Concat(Enumerable.Repeat("a.", 100_000)) + "a = 1"));
        Assert.Contains("more than 512 values", Read(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"a{i} = ${{a{i + 1}}}\n")) + "a100000 = 1"));
        Assert.Contains("more than 512 values", Read(string.Concat(Enumerable.Repeat("a += 1\n", 100_000))));
        Assert.Contains("stand for more than 4194304 characters", Read($"a0 = {new string('x', 100_000)}\n" + string.Concat(Enumerable.Range(1, 5_000).Select(i => $"a{i} = ${{a0}} y\n"))));
        Assert.Contains("stand for more than 100000 values", Read("a0 = [1]\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i} = [${{a{i - 1}}}, ${{a{i - 1}}}]\n"))));
    }

    [Fact]
    public void Keys_and_items_know_their_lines()
    {
        var root = HoconReader.Read("a {\n  # c\n  b = [\n    1\n    { c = 2 }\n  ]\n}\nd.e =\n [ ]\n");
        Assert.True(root.TryGet("a", out var a));
        Assert.True(((HoconObject)a.Value).TryGet("b", out var b));
        Assert.True(root.TryGet("d", out var d));
        Assert.Equal((1, 3, 8), (a.Line, b.Line, d.Line));
        Assert.Equal([4, 5], ((HoconList)b.Value).Items.Select(item => item.Line));
    }

    internal static string Told(HoconNode node) => node switch
    {
        HoconObject block => $"{{{string.Join(",", block.Members.Select(member => $"{member.Key}:{Told(member.Member.Value)}"))}}}",
        HoconList list => $"[{string.Join(",", list.Items.Select(Told))}]",
        HoconText text => text.Text,
        _ => throw new InvalidOperationException($"{node} is not resolved."),
    };

    private static string Read(string text)
    {
        try
        {
            return Told(HoconReader.Read(text));
        }
        catch (HoconException not)
        {
            return $"line {not.Line}: {not.Message}";
        }
    }
}
