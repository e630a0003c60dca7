using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Host.Tests.Support;

namespace Orchestrator.Host.Tests.Api;

public sealed class SpoolEndpointTests : IAsyncLifetime
{
    private const string Session = "20261123-124501-x7k2";
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 100).Select(number => (byte)number)];

    private ServedNode _node = null!;

    public async Task InitializeAsync()
    {
        _node = await ServedNode.StartAsync();
        _node.Folder.Write($"spools/{Session}/browsers/b1.pftrace", Bytes);
        _node.Folder.Write($"spools/{Session}/browsers/b2.pftrace.part", Bytes);
        _node.Folder.Write($"spools/{Session}/browsers/b3.pftrace.partial", Bytes);
        _node.Folder.Write("spools/secret", Bytes);
        _node.Folder.Write("secret", Bytes);
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("b1.pftrace")]
    [InlineData("b3.pftrace.partial")]
    public async Task A_file_has_its_length_and_a_strong_tag(string file)
    {
        using var answer = await _node.Http.GetAsync($"spools/{Session}/browsers/{file}");
        Assert.Equal(Bytes, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal((HttpStatusCode.OK, 100, "application/octet-stream"), (answer.StatusCode, answer.Content.Headers.ContentLength, answer.Content.Headers.ContentType!.ToString()));
        Assert.False(answer.Headers.ETag!.IsWeak);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task Head_tells_the_same_without_the_bytes()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"spools/{Session}/browsers/b1.pftrace");
        using var answer = await _node.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, 100), (answer.StatusCode, answer.Content.Headers.ContentLength));
        Assert.NotNull(answer.Headers.ETag);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("bytes=10-", true, HttpStatusCode.PartialContent, 10, 100)]
    [InlineData("bytes=10-19", true, HttpStatusCode.PartialContent, 10, 20)]
    [InlineData("bytes=-5", true, HttpStatusCode.PartialContent, 95, 100)]
    [InlineData("bytes=10-", false, HttpStatusCode.OK, 0, 100)]
    [InlineData("bytes=100-", true, HttpStatusCode.RequestedRangeNotSatisfiable, 0, 0)]
    public async Task Ranges_are_served_of_the_same_file_only(string range, bool isSame, HttpStatusCode status, int from, int to)
    {
        var tag = (await _node.Http.GetAsync($"spools/{Session}/browsers/b1.pftrace")).Headers.ETag!.ToString();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"spools/{Session}/browsers/b1.pftrace");
        request.Headers.TryAddWithoutValidation("Range", range);
        request.Headers.TryAddWithoutValidation("If-Range", isSame ? tag : "\"another\"");
        using var answer = await _node.Http.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        if (answer.IsSuccessStatusCode) Assert.Equal(Bytes[from..to], await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/spools/20261123-124501-x7k2/browsers/b2.pftrace.part")]
    [InlineData("/spools/20261123-124501-x7k2/browsers/b9.pftrace")]
    [InlineData("/spools/20261123-124501-x7k2/browsers")]
    [InlineData("/spools/20261123-124501-x7k2/")]
    [InlineData("/spools/20261123-124501-x7k2")]
    [InlineData("/spools/secret")]
    [InlineData("/spools/../secret")]
    [InlineData("/spools/20261123-124501-x7k2/../secret")]
    [InlineData("/spools/20261123-124501-x7k2/../../secret")]
    [InlineData("/spools/20261123-124501-x7k2/%2e%2e/secret")]
    [InlineData("/spools/20261123-124501-x7k2/%2e%2e%2fsecret")]
    [InlineData("/spools/20261123-124501-x7k2/..%2f..%2fsecret")]
    [InlineData("/spools/20261123-124501-x7k2/..%5c..%5csecret")]
    [InlineData("/spools/20261123-124501-x7k2/%252e%252e/secret")]
    [InlineData("/spools/%2e%2e/secret")]
    [InlineData("/spools/..%2fsecret/x")]
    [InlineData("/spools/20261123-124501-x7k2//etc/passwd")]
    [InlineData("/spools/20261123-124501-x7k2/%2fetc%2fpasswd")]
    [InlineData("/spools/20261123-124501-x7k2/browsers/b1.pftrace%00")]
    [InlineData("/spools/20261123-124501-x7k2/./browsers/../../secret")]
    public async Task Nothing_else_is_handed_out(string target)
    {
        // As it stands: HttpClient would tidy it up.
        var answer = await RawAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 40[04] ", answer);
        Assert.DoesNotContain("root:", answer);
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        File.CreateSymbolicLink(_node.Folder.In("spools", Session, "browsers", "link"), _node.Folder.In("secret"));
        Assert.Equal(HttpStatusCode.NotFound, (await _node.Http.GetAsync($"spools/{Session}/browsers/link")).StatusCode);
    }

    private async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_node.Address.Host, _node.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
