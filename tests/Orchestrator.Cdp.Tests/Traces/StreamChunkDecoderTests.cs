using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;

namespace Orchestrator.Cdp.Tests.Traces;

public sealed class StreamChunkDecoderTests : IDisposable
{
    private readonly CountingPool _pool = new();
    private readonly StreamChunkDecoder _decoder;

    public StreamChunkDecoderTests() => _decoder = new StreamChunkDecoder(_pool);

    public void Dispose()
    {
        _decoder.Dispose();
        Assert.Equal((0, 0), (_pool.Out, _pool.Misused));
    }

    [Property(MaxTest = 500)]
    public bool Base64_is_what_the_oracle_decodes(byte[] bytes, bool eof)
    {
        var message = $$$"""{"id":5,"result":{"base64Encoded":true,"data":"{{{Convert.ToBase64String(bytes)}}}","eof":{{{(eof ? "true" : "false")}}}}}""";
        return Decode(message, out var end).SequenceEqual(bytes) && end == eof;
    }

    [Property(MaxTest = 500)]
    public bool Text_is_what_the_oracle_decodes(string text)
    {
        var json = JsonSerializer.Serialize(text ?? "");
        var expected = Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(json)!);
        return Decode($$$"""{"id":5,"result":{"base64Encoded":false,"data":{{{json}}},"eof":false}}""", out _).SequenceEqual(expected);
    }

    [Theory]
    [InlineData("""{"id":5,"result":{"base64Encoded":true,"data":"aGVsbG8=","eof":false}}""", "hello", false)]
    [InlineData("""{"id":5,"result":{"data":"aGVsbG8=","eof":true,"base64Encoded":true},"sessionId":"S"}""", "hello", true)]
    [InlineData("""{"id":5,"result":{"base64Encoded":true,"data":"aGVs\u0062G8\u003d","eof":false}}""", "hello", false)]
    [InlineData("""{"id":5,"result":{"data":"aGVs\/\/8=","eof":false}}""", "aGVs//8=", false)]
    [InlineData("""{"id":5,"result":{"data":"hello","eof":false}}""", "hello", false)]
    [InlineData("""{"id":5,"result":{"base64Encoded":false,"data":"{\"a\":\"\u003Cb>\"}\n","eof":false}}""", "{\"a\":\"<b>\"}\n", false)]
    [InlineData("""{"id":5,"result":{"base64Encoded":false,"data":"","eof":true}}""", "", true)]
    [InlineData("""{"id":5,"result":{"base64Encoded":true,"data":"","eof":true}}""", "", true)]
    [InlineData(""" { "sessionId" : "S" , "result" : { "new" : [ { "data" : "x" } ] , "eof" : false , "a\"b" : 1.5e3 , "data" : "hello" } , "id" : 5 } """, "hello", false)]
    public void An_answer_is_read_in_whatever_order_and_layout_it_comes(string message, string expected, bool eof)
    {
        Assert.Equal(expected, Encoding.UTF8.GetString(Decode(message, out var end)));
        Assert.Equal(eof, end);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":5}""")]
    [InlineData("""{"id":5,"result":null}""")]
    [InlineData("""{"id":5,"result":[]}""")]
    [InlineData("""{"id":5,"result":{}}""")]
    [InlineData("""{"id":5,"result":{"data":"x"}}""")]
    [InlineData("""{"id":5,"result":{"eof":true}}""")]
    [InlineData("""{"id":5,"result":{"data":5,"eof":true}}""")]
    [InlineData("""{"id":5,"result":{"data":null,"eof":true}}""")]
    [InlineData("""{"id":5,"result":{"data":"x","eof":"true"}}""")]
    [InlineData("""{"id":5,"result":{"data":"x","eof":truth}}""")]
    [InlineData("""{"id":5,"result":{"data":"x","eof":false}""")]
    [InlineData("""{"id":5,"result":{"data":"x","eof":false}} x""")]
    [InlineData("""{"id":5,"result":{"data":"x","eof":false},}""")]
    [InlineData("""{"id":5,"result":{"data":"x,"eof":false}}""")]
    [InlineData("""{"id":5,"result":{"data":"\q","eof":false}}""")]
    [InlineData("""{"id":5,"result":{"base64Encoded":true,"data":"!!!!","eof":false}}""")]
    [InlineData("""{"id":5,"result":{"base64Encoded":true,"data":"aGVsbG8","eof":false}}""")]
    [InlineData("""{"id":5,"result":{"base64Encoded":true,"data":"aGVsbG8=aGVs","eof":false}}""")]
    [InlineData("""{"id":5,"result":{"data":"!!!!","base64Encoded":true,"eof":false}}""")]
    [InlineData("""{"id":5,"result":{"base64Encoded":true,"data":"aGVs""")]
    [InlineData("""{"id":5,"result":{"base64Encoded":1,"data":"","eof":true}}""")]
    [InlineData("""{"id":5,"result":{"x":[,"data":"","eof":true}}""")]
    [InlineData("""{"id":5,"error":5}""")]
    public void What_is_no_answer_is_garbage(string message)
    {
        var error = Assert.Throws<CdpFatalException>(() => Decode(message, out _));
        Assert.Equal(CdpBreakKind.Garbage, error.Break.Kind);
    }

    [Fact]
    public void An_error_is_the_browsers_own()
    {
        var error = Assert.Throws<CdpErrorException>(() => Decode("""{"id":5,"error":{"code":-32602,"message":"Invalid stream handle"}}""", out _));
        Assert.Equal((-32602, "Invalid stream handle", "IO.read"), (error.Code, error.Message, error.Method));
    }

    [Fact]
    public void A_character_split_between_two_answers_is_put_together()
    {
        byte[] bytes =
        [
            .. Decode("""{"id":5,"result":{"data":"a\uD83D","eof":false}}""", out _),
            .. Decode("""{"id":6,"result":{"data":"","eof":false}}""", out _),
            .. Decode("""{"id":7,"result":{"data":"\uDE00\uD83D","eof":false}}""", out _),
            .. _decoder.Finish().ToArray(),
            .. _decoder.Finish().ToArray(),
        ];
        Assert.Equal("a😀\uFFFD", Encoding.UTF8.GetString(bytes));
    }

    private byte[] Decode(string message, out bool eof) => _decoder.Decode(Encoding.UTF8.GetBytes(message), out eof).ToArray();
}
