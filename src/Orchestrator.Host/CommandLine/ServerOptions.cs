using System.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Remote;

namespace Orchestrator.Host.CommandLine;

/// <summary>The options of verbs that can ask a cluster instead of working in this process.</summary>
internal sealed class ServerOptions
{
    public const string ServerVariable = "ORCHESTRATOR_SERVER";

    private readonly Option<string?> _server = OptionShapes.Value("--server", "URL", $"Ask this node of a cluster, as in http://127.0.0.1:8080 (default: ${ServerVariable}; without it: this process)");
    private readonly Option<string?> _tokenFile = OptionShapes.Value("--token-file", "FILE", $"File with the cluster's token (default: ${Tokens.Variable})");

    public OptionGroup Group => new("Cluster", [_server, _tokenFile]);

    /// <summary>The server to ask; null: none was named, or errors were added.</summary>
    /// <param name="isNamed">True: what was asked for is meant for a server.</param>
    public ServerAddress? Read(ParseResult line, CommonOptions common, UsageErrors errors, IMachine machine, out bool isNamed)
    {
        var typed = line.Typed(_server);
        var text = typed ?? machine.Variable(ServerVariable);
        isNamed = text is not null;
        if (text is null)
        {
            if (line.Typed(_tokenFile) is { } useless) errors.Add("--token-file", useless, "there is no server to send it to; add --server URL, or leave it out");
            return null;
        }

        if (line.Typed(common.Data) is { } data) errors.Add("--data", data, "the journal is the cluster's own, wherever its nodes have it; leave it out");
        var token = Tokens.Read(line.Typed(_tokenFile), errors, machine);
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0, UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" }) return new ServerAddress(url, token);
        errors.Add(typed is null ? ServerVariable : "--server", text, "not the address of a node; write http://HOST:PORT or https://HOST:PORT");
        return null;
    }
}
