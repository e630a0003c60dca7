using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Orchestrator.Host.CommandLine;

namespace Orchestrator.Host.Api;

/// <summary>The forms that answers have.</summary>
internal static partial class Answers
{
    /// <summary>Whatever ends a request without an answer is told as a problem; what nobody expected is told here as well.</summary>
    public static async Task EveryFailureIsAProblemAsync(HttpContext context, RequestDelegate next, Action<string> say)
    {
        try
        {
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null } response)
                await new Problem(Title(response.StatusCode), response.StatusCode).WriteAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer.
        }
        catch (Exception failure)
        {
            var known = Problem.Of(failure);
            if (known is null) say($"{context.Request.Method} {UsageErrors.Shown(context.Request.Path)}: {failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")}");
            if (context.Response.HasStarted)
            {
                // Half an answer must not look like a whole one.
                context.Abort();
                return;
            }

            context.Response.Clear();
            await (known ?? new Problem("Internal error", StatusCodes.Status500InternalServerError, "The node's log says more.")).WriteAsync(context);
        }
    }

    public static Task JsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        JsonAsync(context, JsonSerializer.SerializeToUtf8Bytes(value, type), status);

    public static async Task JsonAsync(HttpContext context, ReadOnlyMemory<byte> utf8, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = utf8.Length;
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(utf8, context.RequestAborted);
    }

    /// <summary>A file with ranges, and a strong tag by which a download that broke goes on; false when there is none.</summary>
    public static async Task<bool> FileAsync(HttpContext context, string path, string contentType)
    {
        if (new FileInfo(path) is not { Exists: true, LinkTarget: null } file) return false;
        // Files get their names by a rename when they are whole: another file is another instant.
        var tag = new EntityTagHeaderValue($"\"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}\"");
        await TypedResults.PhysicalFile(file.FullName, contentType, lastModified: file.LastWriteTimeUtc, entityTag: tag, enableRangeProcessing: true).ExecuteAsync(context);
        return true;
    }

    /// <summary>The body of a small JSON request.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static async Task<byte[]> BodyAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            throw new ProblemException(new Problem("Not JSON", StatusCodes.Status415UnsupportedMediaType, "Send the body as Content-Type: application/json."));
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    /// <inheritdoc cref="BodyAsync(HttpContext)"/>
    public static async Task<T> BodyAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        var bytes = await BodyAsync(context);
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("null is no object.");
        }
        catch (JsonException wrong)
        {
            throw new ProblemException(new Problem("The request is not in order", StatusCodes.Status400BadRequest, Planning.TraceConfigFile.Sentence(wrong)));
        }
    }

    /// <summary>The session's id in the path.</summary>
    /// <exception cref="ProblemException">No session can be called this.</exception>
    public static string SessionId(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        return IdForm().IsMatch(id) ? id : throw new ProblemException(Problem.NoSession(id));
    }

    private static string Title(int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is nothing here",
        StatusCodes.Status405MethodNotAllowed => "Not with this method",
        StatusCodes.Status416RangeNotSatisfiable => "No such range",
        _ => "The request is not in order",
    };

    [GeneratedRegex(@"^[A-Za-z0-9-]{1,100}\z")]
    private static partial Regex IdForm();
}
