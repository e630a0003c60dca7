using System.CommandLine;
using System.Text;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Remote;

namespace Orchestrator.Host.CommandLine;

/// <summary>The options of verbs that can ask a cluster instead of working in this process.</summary>
internal sealed class ServerOptions
{
    public const string ServerVariable = "ORCHESTRATOR_SERVER";
    public const string TokenVariable = "ORCHESTRATOR_TOKEN";

    private const int LargestToken = 4096;

    private readonly Option<string?> _server = OptionShapes.Value("--server", "URL", $"Ask this node of a cluster, as in http://127.0.0.1:8080 (default: ${ServerVariable}; without it: this process)");
    private readonly Option<string?> _tokenFile = OptionShapes.Value("--token-file", "FILE", $"File with the cluster's token (default: ${TokenVariable})");

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
        var token = ReadToken(line, errors, machine);
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0, UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" }) return new ServerAddress(url, token);
        errors.Add(typed is null ? ServerVariable : "--server", text, "not the address of a node; write http://HOST:PORT or https://HOST:PORT");
        return null;
    }

    private string? ReadToken(ParseResult line, UsageErrors errors, IMachine machine)
    {
        var path = line.Typed(_tokenFile);
        var token = machine.Variable(TokenVariable);
        if (path is not null)
        {
            var file = machine.ReadFile(path, LargestToken);
            if (file.Problem is not null)
            {
                errors.Add("--token-file", path, file.Problem);
                return null;
            }

            token = Encoding.UTF8.GetString(file.Bytes).Trim();
        }

        // It is not shown: it is a secret.
        if (token is null || (token.Length > 0 && token.All(character => character is > ' ' and < '\x7f'))) return token;
        errors.Add(path is null ? $"{TokenVariable} is no token; it is visible ASCII characters without blanks" : $"--token-file {UsageErrors.Shown(path)}: holds no token; that is one line of visible ASCII characters without blanks");
        return null;
    }
}
