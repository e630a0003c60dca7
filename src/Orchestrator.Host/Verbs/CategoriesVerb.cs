using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.Verbs;

/// <summary><c>categories --attach E</c>: what a browser can trace.</summary>
internal sealed class CategoriesVerb : Verb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Just after launch the list can be empty.
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(200);

    private readonly CommonOptions _common;
    private readonly Option<string?> _attach = OptionShapes.Value("--attach", "ENDPOINT", "The browser that is asked: http://HOST:PORT, ws://HOST:PORT/devtools/browser/ID or …/page/ID");

    public CategoriesVerb(CommonOptions common) : base("categories", "Lists a browser's tracing categories, sorted, one a line.")
    {
        _common = common;
        _attach.Required = true;
        AddOptions(new OptionGroup("Browser", [_attach]));
    }

    public override IReadOnlyList<Example> Examples =>
        [new("orchestrator categories --attach http://localhost:9222", "The categories of the browser that listens there.")];

    public override async Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings)
    {
        _common.ReadConfiguration(line, errors, surroundings);
        CdpEndpointAddress? address = null;
        if (line.Typed(_attach) is { } text && !CdpEndpoint.TryParse(text, out address, out var problem)) errors.Add("--attach", text, problem);
        if (errors.Any) return ExitCode.Usage;

        using var patience = new CancellationTokenSource(Patience, surroundings.Time);
        try
        {
            var categories = await AskAsync(address!, surroundings.Time, patience.Token);
            if (line.GetValue(_common.Json)) await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(categories, CategoriesJson.Default.IReadOnlyListString));
            else foreach (var category in categories) await surroundings.Out.WriteLineAsync(category);
            return ExitCode.Complete;
        }
        catch (CdpException unreachable)
        {
            await surroundings.Error.WriteLineAsync($"error: {unreachable.Message}");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            await surroundings.Error.WriteLineAsync($"error: {address} named no categories within {Patience.TotalSeconds:0} seconds");
        }

        return ExitCode.Failed;
    }

    private static async Task<IReadOnlyList<string>> AskAsync(CdpEndpointAddress address, TimeProvider time, CancellationToken cancellationToken)
    {
        var endpoint = await CdpEndpoint.ResolveAsync(address, http: null, cancellationToken);
        await using var connection = await CdpConnection.ConnectAsync(endpoint.WebSocketUrl, time, options: null, cancellationToken);
        while (true)
        {
            var answer = await connection.CallAsync(TracingDomain.GetCategories, ct: cancellationToken);
            if (answer.Result.Categories.Count > 0) return [.. answer.Result.Categories.Order(StringComparer.Ordinal)];
            await Task.Delay(AskAgainAfter, time, cancellationToken);
        }
    }
}
