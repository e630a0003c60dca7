using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Folders;

namespace Orchestrator.Host.Verbs;

/// <summary><c>categories --attach E</c>: what a browser can trace.</summary>
internal sealed class CategoriesVerb : Verb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Just after launch the list can be empty.
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(200);

    private readonly CommonOptions _common;
    private readonly Option<string?> _attach = OptionShapes.Value("--attach", "ENDPOINT", "The browser that is asked: http://HOST:PORT, ws://HOST:PORT/devtools/browser/ID or …/page/ID");

    private readonly Option<string?> _descriptor = OptionShapes.Value("--descriptor", "FILE", "Also writes what the browser tells of its categories in full, a perfetto.protos.TrackEventDescriptor, to this new file");

    public CategoriesVerb(CommonOptions common) : base("categories", "Lists a browser's tracing categories, sorted, one a line.")
    {
        _common = common;
        _attach.Required = true;
        AddOptions(new OptionGroup("Browser", [_attach]), new OptionGroup("Output", [_descriptor]));
    }

    public override IReadOnlyList<Example> Examples =>
        [new("orchestrator categories --attach http://localhost:9222", "The categories of the browser that listens there.")];

    public override async Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings)
    {
        _common.ReadConfiguration(line, errors, surroundings);
        CdpEndpointAddress? address = null;
        if (line.Typed(_attach) is { } text && !CdpEndpoint.TryParse(text, out address, out var problem)) errors.Add("--attach", text, problem);
        var descriptorFile = line.Typed(_descriptor) is { } file ? NewFile(file, surroundings.Machine, errors) : null;
        if (errors.Any) return ExitCode.Usage;

        using var patience = new CancellationTokenSource(Patience, surroundings.Time);
        try
        {
            var categories = await AskAsync(address!, descriptorFile, surroundings.Time, patience.Token);
            if (line.GetValue(_common.Json)) await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(categories, CategoriesJson.Default.IReadOnlyListString));
            else foreach (var category in categories) await surroundings.Out.WriteLineAsync(category);
            return ExitCode.Complete;
        }
        catch (CdpException unreachable)
        {
            await surroundings.Error.WriteLineAsync($"error: {unreachable.Message}");
        }
        catch (IOException unwritable)
        {
            await surroundings.Error.WriteLineAsync($"error: {descriptorFile} could not be written: {unwritable.Message}");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            await surroundings.Error.WriteLineAsync($"error: {address} named no categories within {Patience.TotalSeconds:0} seconds");
        }

        return ExitCode.Failed;
    }

    private static async Task<IReadOnlyList<string>> AskAsync(CdpEndpointAddress address, string? descriptorFile, TimeProvider time, CancellationToken cancellationToken)
    {
        var endpoint = await CdpEndpoint.ResolveAsync(address, http: null, cancellationToken);
        await using var connection = await CdpConnection.ConnectAsync(endpoint.WebSocketUrl, time, options: null, cancellationToken);
        while (true)
        {
            var answer = await connection.CallAsync(TracingDomain.GetCategories, ct: cancellationToken);
            if (answer.Result.Categories.Count > 0)
            {
                if (descriptorFile is not null) await WriteDescriptorAsync(connection, descriptorFile, cancellationToken);
                return [.. answer.Result.Categories.Order(StringComparer.Ordinal)];
            }

            await Task.Delay(AskAgainAfter, time, cancellationToken);
        }
    }

    private static async Task WriteDescriptorAsync(CdpConnection connection, string file, CancellationToken cancellationToken)
    {
        var answer = await connection.CallAsync(TracingDomain.GetTrackEventDescriptor, ct: cancellationToken);
        await WholeFile.WriteAsync(file, Convert.FromBase64String(answer.Result.Descriptor), cancellationToken);
    }

    /// <summary>The absolute path of a file that is not there yet and can be made; null with an error added.</summary>
    private static string? NewFile(string text, IMachine machine, UsageErrors errors)
    {
        var file = string.IsNullOrWhiteSpace(text) ? null : Path.GetFullPath(text, machine.WorkingFolder);
        var problem = file is null ? "is empty; name a new file"
            : machine.Look(file) is not FileKind.Missing ? "is there already; name a new file"
            : machine.WhyNotWritable(Path.GetDirectoryName(file) ?? file) is { } why ? $"cannot be written: {why}"
            : null;
        if (problem is not null) errors.Add("--descriptor", text, problem);
        return problem is null ? file : null;
    }
}
