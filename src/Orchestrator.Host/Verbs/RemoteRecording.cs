using Orchestrator.Host.Api;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Remote;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Verbs;

/// <summary><c>record --server</c>: the session runs on the nodes of a cluster, and looks as if it ran here.</summary>
internal static class RemoteRecording
{
    private const int LargestFile = 1 << 20;

    /// <param name="server">Null: an error was added.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(ServerAddress? server, RecordOptions options, bool json, UsageErrors errors, Surroundings surroundings)
    {
        var machine = surroundings.Machine;
        RecordPlanner.CheckForCluster(options, machine, errors, out var notes);
        // The session's name is the server's to give; whether there is room for a folder shows under any.
        var folder = FolderRules.ReadOutput(options.Output, SessionIds.New(surroundings.Time, surroundings.Random), machine, errors);
        if (errors.Any || server is null || folder is null) return ExitCode.Usage;

        foreach (var note in notes) await surroundings.Error.WriteLineAsync($"note: {note}");
        var body = SessionRequest.Write(options, path => machine.ReadFile(path, LargestFile).Bytes);
        await using var client = new ClusterClient(server, surroundings.Time);
        return await Asking.AnswerAsync(async () =>
        {
            if (await RecordAsync(client, body, options.Output is null ? null : folder, errors, surroundings) is not var (document, to)) return errors.Any ? ExitCode.Usage : ExitCode.Aborted;
            return await FetchAsync(client, document, to, json, surroundings);
        }, surroundings);
    }

    /// <summary>Runs the session; null when it was refused, with errors added, or stopped before it could begin.</summary>
    /// <param name="named">The folder that was asked for; null: one named like the session.</param>
    private static async Task<(SessionDocument Document, string Folder)?> RecordAsync(ClusterClient client, byte[] body, string? named, UsageErrors errors, Surroundings surroundings)
    {
        await using var display = SessionDisplays.Open(surroundings);
        using var stop = new StopRequests(display.Say);
        using var signals = stop.Listen();
        var session = new RemoteSession(client, surroundings.Time, display);
        SessionAccepted accepted;
        try
        {
            accepted = await session.OpenAsync(body, stop.End, stop.Abort);
        }
        catch (ServerRefusalException refusal) when (Asking.IsUsage(refusal.Problem))
        {
            if (refusal.Problem.Errors is [_, ..] all) foreach (var error in all) errors.Add(error.InOptions());
            else errors.Add(refusal.Message);
            return null;
        }
        catch (OperationCanceledException) when (stop.End.IsCancellationRequested)
        {
            display.Say($"stopped before {client.Server.Url} had answered; should it have heard, 'orchestrator sessions list --server {client.Server.Url}' shows the session");
            return null;
        }

        var folder = named ?? Path.GetFullPath($"session-{accepted.SessionId}", surroundings.Machine.WorkingFolder);
        display.Say($"session {accepted.SessionId}: {Figures.Count(accepted.Browsers, "browser")} of {client.Server.Url}, to {folder}");
        try
        {
            return (await session.FollowAsync(accepted.SessionId, stop), folder);
        }
        catch (ServerUnavailableException gone)
        {
            throw new ServerUnavailableException($"{gone.Message}; session {accepted.SessionId} goes on without this command, and 'orchestrator sessions show {accepted.SessionId} --server {client.Server.Url}' tells what became of it", gone);
        }
    }

    private static async Task<int> FetchAsync(ClusterClient client, SessionDocument document, string folder, bool json, Surroundings surroundings)
    {
        using var interruption = new Interruption();
        try
        {
            var (here, problems) = await new SessionDownload(client, surroundings).RunAsync(document, folder, interruption.Token);
            foreach (var problem in problems) await surroundings.Error.WriteLineAsync($"error: {problem}");
            var code = await RecordVerb.TellAsync(here, json, surroundings);
            return problems.Count > 0 ? ExitCode.Failed : code;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await surroundings.Error.WriteLineAsync($"given up; what came whole is in {folder}, and all of it is kept by {client.Server.Url} as session {document.SessionId}");
            return ExitCode.Aborted;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            await surroundings.Error.WriteLineAsync($"error: {folder}: {unwritable.Message}; session {document.SessionId} ended {Figures.Outcome(document.Outcome)}, and is kept by {client.Server.Url}");
            return ExitCode.Failed;
        }
    }
}
