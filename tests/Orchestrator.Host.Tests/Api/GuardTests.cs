using System.Net;
using System.Text.Json;
using Orchestrator.Host.Tests.Support;

namespace Orchestrator.Host.Tests.Api;

public sealed class GuardTests
{
    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("LOCALHOST:8080", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("127.1.2.3:80", HttpStatusCode.OK)]
    [InlineData("[::1]:80", HttpStatusCode.OK)]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    [InlineData("localhost.evil.example", HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.BadRequest)]
    [InlineData("192.168.1.1", HttpStatusCode.BadRequest)]
    public async Task A_name_that_somebody_made_point_here_gets_no_answer(string host, HttpStatusCode status)
    {
        await using var node = await ServedNode.StartAsync();
        foreach (var path in (string[])["/api/sessions", "/spools/x/y", "/healthz"])
        {
            using var answer = await SendAsync(node, path, ("Host", host));
            Assert.Equal(status is HttpStatusCode.OK && path.StartsWith("/spools", StringComparison.Ordinal) ? HttpStatusCode.NotFound : status, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("https://localhost")]
    [InlineData("http://localhost:1")]
    public async Task Pages_of_other_origins_get_nothing_and_start_nothing(string origin)
    {
        await using var node = await ServedNode.StartAsync();
        using var answer = await SendAsync(node, "/api/sessions", ("Origin", origin), ("Host", "localhost"));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        using var post = new HttpRequestMessage(HttpMethod.Post, "/api/sessions") { Content = new StringContent("{}", null, "application/json"), Headers = { { "Origin", origin } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await node.Http.SendAsync(post)).StatusCode);
        Assert.Empty(node.Node.Opened);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task The_nodes_own_pages_may_ask()
    {
        await using var node = await ServedNode.StartAsync();
        using var answer = await SendAsync(node, "/api/sessions", ("Origin", node.Address.GetLeftPart(UriPartial.Authority)));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer secretsecret")]
    [InlineData("Basic secret")]
    [InlineData("secret")]
    public async Task Without_the_token_only_the_probes_answer(string? authorization)
    {
        await using var node = await ServedNode.StartAsync(token: "secret");
        (string, string)[] headers = authorization is null ? [] : [("Authorization", authorization)];
        foreach (var path in (string[])["/api/sessions", "/api/nodes", "/spools/x/y", "/api/sessions/x/events", "/nothing"])
        {
            using var answer = await SendAsync(node, path, headers);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
            Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(node, "/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(node, "/readyz")).StatusCode);
    }

    [Fact]
    public async Task With_the_token_everything_answers()
    {
        await using var node = await ServedNode.StartAsync(token: "secret");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(node, "/api/sessions", ("Authorization", "Bearer secret"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(node, "/api/sessions", ("Authorization", "bearer secret"))).StatusCode);
    }

    [Fact]
    public async Task What_nobody_expected_is_told_to_the_node_and_not_to_the_world()
    {
        await using var node = await ServedNode.StartAsync();
        node.Node.Coordinator = () => throw new InvalidOperationException("the inner workings");
        using var answer = await SendAsync(node, "/api/sessions");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("The node's log says more.", problem.GetProperty("detail").GetString());
        Assert.Equal("GET '/api/sessions': InvalidOperationException: the inner workings", Assert.Single(node.Said));
    }

    private static async Task<HttpResponseMessage> SendAsync(ServedNode node, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await node.Http.SendAsync(request);
    }
}
