using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Api;

/// <summary>What went wrong with a request, as RFC 9457 has it.</summary>
/// <param name="Title">The kind of problem, in a few words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">This problem, and what to do; null where <paramref name="Errors"/> say it all.</param>
/// <param name="Errors">What is wrong with the body's fields: all of it.</param>
internal sealed record Problem(string Title, int Status, string? Detail = null, IReadOnlyList<FieldProblem>? Errors = null)
{
    public const string MediaType = "application/problem+json";

    public static Problem Of(UsageErrors errors) => new("The request is not in order", StatusCodes.Status400BadRequest, Errors: [.. errors.All.Select(FieldProblem.Of)]);

    public static Problem NoSession(string sessionId) => new("No such session", StatusCodes.Status404NotFound, $"There is no session {UsageErrors.Shown(sessionId)}; GET /api/sessions lists those that there are.");

    /// <summary>The answer to a request whose handling ended like this; null: nobody expected it.</summary>
    public static Problem? Of(Exception failure) => failure switch
    {
        ProblemException known => known.Problem,
        CoordinatorUnavailableException nobody => new("No coordinator", StatusCodes.Status503ServiceUnavailable, nobody.Message),
        AnswerMissingException missing => new("No answer", StatusCodes.Status504GatewayTimeout, missing.Message),
        SessionRefusedException refused => new("The session was refused", StatusCodes.Status409Conflict, refused.Message),
        SessionNotOpenException notOpen => new("The session is not open", StatusCodes.Status409Conflict, notOpen.Message),
        JournalUnavailableException journal => new("The journal is not available", StatusCodes.Status503ServiceUnavailable, journal.Message),
        BadHttpRequestException bad => new("The request is not in order", bad.StatusCode, bad.Message),
        _ => null,
    };

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = MediaType;
        if (Status is StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "2";
        if (Status is StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(this, ApiJson.Sentences.Problem), context.RequestAborted);
    }
}

/// <param name="Field">The body's field; null where it is about more than one.</param>
internal sealed record FieldProblem(string? Field, string Detail)
{
    private const int LongestField = 100;

    /// <summary>An error in a command line's words, in the API's.</summary>
    public static FieldProblem Of(UsageError error)
    {
        var field = error.Option is not { } option ? null : option.StartsWith("--", StringComparison.Ordinal) ? RecordFields.NameOf(option) : option[..Math.Min(option.Length, LongestField)];
        // A file is in the body under its field's name: there is no path to show.
        var value = error.Value is { } given && given != field ? $"{UsageErrors.Shown(given)}: " : "";
        return new FieldProblem(field, value + RecordFields.InFields(error.Problem));
    }

    /// <summary>The same in a command line's words.</summary>
    public string InOptions() => Field is null ? Detail
        : RecordFields.All.Any(known => known.Name == Field) ? $"{RecordFields.OptionOf(Field)} {Detail}"
        : $"{Field}: {Detail}";
}

/// <summary>Ends the handling of a request with this problem.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail ?? problem.Title)
{
    public Problem Problem => problem;
}
