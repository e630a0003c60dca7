using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Api;

/// <summary><c>/api/sessions</c>: open one, read of them, mark, end and give up.</summary>
internal sealed class SessionEndpoints(INodeServices services, NodeHttpOptions options)
{
    private const string GivenUp = "given up on request";
    private const int LongestReason = 1000;

    private readonly Lock _random = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/sessions", (RequestDelegate)OpenAsync);
        routes.MapGet("/api/sessions", (RequestDelegate)ListAsync);
        routes.MapGet("/api/sessions/{id}", (RequestDelegate)ReadAsync);
        routes.MapGet("/api/sessions/{id}/journal", (RequestDelegate)JournalAsync);
        routes.MapPost("/api/sessions/{id}/markers", (RequestDelegate)MarkAsync);
        routes.MapPost("/api/sessions/{id}/end", (RequestDelegate)EndAsync);
        routes.MapPost("/api/sessions/{id}/abort", (RequestDelegate)AbortAsync);
    }

    /// <summary>The session's document.</summary>
    /// <exception cref="ProblemException">There is no such session.</exception>
    public static async Task<SessionDocument> DocumentAsync(INodeServices services, string sessionId, CancellationToken cancellationToken) =>
        await services.ReadSessionAsync(sessionId, cancellationToken) ?? throw new ProblemException(Problem.NoSession(sessionId));

    private async Task OpenAsync(HttpContext context)
    {
        var errors = new UsageErrors();
        var asked = SessionRequest.Read(await Answers.BodyAsync(context), errors, out var contents);
        var cluster = await services.StatusAsync(context.RequestAborted);
        var id = NewId();
        var folder = Path.Combine(services.SessionsFolder, id);
        var plan = RecordPlanner.PlanForCluster(asked, id, folder, new RequestMachine(options.Machine, contents), cluster, errors, out var notes);
        if (plan is null) throw new ProblemException(Problem.Of(errors));
        CheckRoom(id, folder);
        await services.OpenAsync(plan, context.RequestAborted);
        context.Response.Headers.Location = $"/api/sessions/{id}";
        await Answers.JsonAsync(context, new SessionAccepted(id, plan.Targets.Count, [.. notes.Select(RecordFields.InFields)]), ApiJson.Default.SessionAccepted, StatusCodes.Status202Accepted);
    }

    private void CheckRoom(string id, string folder)
    {
        var problems = new UsageErrors();
        FolderRules.ReadOutput(folder, id, options.Machine, problems);
        if (problems.All is [var problem, ..]) throw new ProblemException(new Problem("No room", StatusCodes.Status507InsufficientStorage, $"The session's folder on node {services.NodeName}, {folder}: {problem.Problem}"));
    }

    private async Task ListAsync(HttpContext context) =>
        await Answers.JsonAsync(context, Encoding.UTF8.GetBytes(History.Json(await services.ListSessionsAsync(context.RequestAborted))));

    private async Task ReadAsync(HttpContext context) =>
        await Answers.JsonAsync(context, (await DocumentAsync(services, Answers.SessionId(context), context.RequestAborted)).ToUtf8());

    private async Task JournalAsync(HttpContext context)
    {
        var id = Answers.SessionId(context);
        var entries = await services.ReadEventsAsync(id, context.RequestAborted);
        if (entries.Count == 0) throw new ProblemException(Problem.NoSession(id));
        await Answers.JsonAsync(context, Encoding.UTF8.GetBytes(History.Json(entries)));
    }

    private async Task MarkAsync(HttpContext context)
    {
        var id = Answers.SessionId(context);
        var label = (await Answers.BodyAsync(context, ApiJson.Default.MarkerRequest)).Label ?? "";
        if (WindowMoments.LabelProblem(label) is { } problem)
            throw new ProblemException(new Problem("The request is not in order", StatusCodes.Status400BadRequest, Errors: [new FieldProblem("label", problem)]));
        await OfOpenAsync(context, id, () => services.MarkAsync(id, label, context.RequestAborted));
    }

    private async Task EndAsync(HttpContext context)
    {
        var id = Answers.SessionId(context);
        await OfOpenAsync(context, id, () => services.EndAsync(id, context.RequestAborted));
    }

    private async Task AbortAsync(HttpContext context)
    {
        var id = Answers.SessionId(context);
        var reason = context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0
            ? (await Answers.BodyAsync(context, ApiJson.Default.AbortRequest)).Reason
            : null;
        if (reason?.Length > LongestReason || reason?.Any(char.IsControl) is true)
            throw new ProblemException(new Problem("The request is not in order", StatusCodes.Status400BadRequest, Errors: [new FieldProblem("reason", $"is longer than {LongestReason} characters, or has control characters in it")]));
        await OfOpenAsync(context, id, () => services.AbortAsync(id, string.IsNullOrWhiteSpace(reason) ? GivenUp : reason, context.RequestAborted));
    }

    private async Task OfOpenAsync(HttpContext context, string id, Func<Task> act)
    {
        try
        {
            await act();
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        catch (SessionNotOpenException)
        {
            await DocumentAsync(services, id, context.RequestAborted);
            throw;
        }
    }

    private string NewId()
    {
        lock (_random) return SessionIds.New(options.Time, options.Random);
    }
}
