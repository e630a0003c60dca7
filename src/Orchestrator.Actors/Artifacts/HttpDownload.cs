using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Artifacts;

/// <summary>How long a download goes on trying.</summary>
/// <param name="Attempts">Requests in a row that bring nothing new, until it is given up; at least 1.</param>
/// <param name="Silence">A connection on which nothing comes for so long counts as broken.</param>
/// <param name="Total">A file that is not whole after this long, of 49 days at most, is given up.</param>
public sealed record DownloadPatience(int Attempts, TimeSpan Silence, TimeSpan Total)
{
    /// <summary>For networks as they are.</summary>
    public static DownloadPatience Default { get; } = new(8, TimeSpan.FromSeconds(30), TimeSpan.FromHours(1));
}

/// <summary>A file could not be downloaded; the message says why, in lower case and without a full stop.</summary>
public sealed class DownloadFailedException(string reason, Exception? cause = null) : Exception(reason, cause);

/// <summary>
/// Downloads a file of known length: hashed while it comes, and under its name only when it is whole. A connection that breaks is made
/// again, and the file goes on where it stood, as long as the server says that it still is the same file.
/// </summary>
/// <param name="http">Its time-out must be infinite or long: silence is told here.</param>
public sealed class HttpDownload(HttpClient http, TimeProvider time, DownloadPatience patience)
{
    private const int BufferBytes = 128 << 10;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <param name="path">Its folder must exist. What is there under this name is replaced.</param>
    /// <param name="bytes">The file's length; a file of another length is refused.</param>
    /// <param name="sha256">Lower-case hex; null: not known, and not checked.</param>
    /// <param name="progress">Told how many bytes of the file are there; goes back when the file has to begin anew.</param>
    /// <exception cref="DownloadFailedException">It could not be had whole. Nothing is left of it.</exception>
    /// <exception cref="IOException">It could not be written. Nothing is left of it.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public async Task FetchAsync(Uri from, string path, long bytes, string? sha256, Action<long>? progress, CancellationToken cancellationToken)
    {
        // Not on the caller's stack: opening and syncing files takes its time.
        await Task.Yield();
        using var total = new CancellationTokenSource(patience.Total, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total.Token);
        try
        {
            await WholeFile.WriteAsync(path, async file =>
            {
                using var arriving = new ArrivingFile(file, bytes, progress);
                await ReceiveAsync(from, arriving, either.Token);
                if (sha256 is not null && arriving.Sha256() is var found && found != sha256)
                    throw new DownloadFailedException($"its SHA-256 is {found}, announced was {sha256}: the bytes are not those that were recorded");
                either.Token.ThrowIfCancellationRequested();
            });
        }
        catch (OperationCanceledException) when (total.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DownloadFailedException($"it is not whole after {Durations.Format(patience.Total)}");
        }
    }

    private async Task ReceiveAsync(Uri from, ArrivingFile file, CancellationToken cancellationToken)
    {
        string? version = null;
        var fruitless = 0;
        var furthest = 0L;
        while (true)
        {
            string problem;
            Exception? cause = null;
            try
            {
                using var silence = new CancellationTokenSource(patience.Silence, time);
                using var request = Request(from, file.Received, version);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
                using var response = await ConnectionAsync(() => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token), silence, cancellationToken);
                version = Accept(response, file, version);
                await using var content = await ConnectionAsync(() => response.Content.ReadAsStreamAsync(either.Token), silence, cancellationToken);
                await ReadAsync(content, file, silence, either.Token, cancellationToken);
                if (file.IsWhole) return;
                problem = string.Create(CultureInfo.InvariantCulture, $"the connection ended after {file.Received} of {file.Announced} bytes");
            }
            catch (BrokenConnectionException broken)
            {
                (problem, cause) = (broken.Message, broken.InnerException);
            }

            // All that was announced is there; how the connection ended after that does not matter.
            if (file is { IsWhole: true, Announced: > 0 }) return;
            fruitless = file.Received > furthest ? 0 : fruitless + 1;
            furthest = Math.Max(furthest, file.Received);
            if (fruitless >= patience.Attempts)
                throw new DownloadFailedException($"{problem}; given up after {patience.Attempts} attempts that brought nothing", cause);
            await Task.Delay(Pause(fruitless), time, cancellationToken);
        }
    }

    private static HttpRequestMessage Request(Uri from, long received, string? version)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, from);
        request.Headers.AcceptEncoding.Clear();
        if (received == 0 || version is null) return request;
        request.Headers.Range = new RangeHeaderValue(received, null);
        request.Headers.IfRange = new RangeConditionHeaderValue(EntityTagHeaderValue.Parse(version));
        return request;
    }

    /// <summary>Puts the file to where the answer begins.</summary>
    /// <returns>The version that the server has; null when it does not say, so that a broken connection begins anew.</returns>
    private static string? Accept(HttpResponseMessage response, ArrivingFile file, string? version)
    {
        var status = (int)response.StatusCode;
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                file.BeginAnew();
                CheckLength(response.Content.Headers.ContentLength, file);
                break;
            case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange is { } range && range.From == file.Received && version is not null && response.Headers.ETag?.ToString() == version:
                CheckLength(range.Length, file);
                break;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable:
                // It is another file by now, or a server that knows ranges only half.
                file.BeginAnew();
                throw new BrokenConnectionException($"the server has no continuation of it (HTTP {status})", null);
            case HttpStatusCode.NotFound:
                throw new DownloadFailedException("it is not there (HTTP 404)");
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                throw new DownloadFailedException($"the server does not hand it out (HTTP {status}): is the token the same on both sides?");
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                throw new BrokenConnectionException($"the server cannot hand it out now (HTTP {status})", null);
            default:
                throw new DownloadFailedException($"the server answers HTTP {status}");
        }

        return response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : null;
    }

    private static void CheckLength(long? length, ArrivingFile file)
    {
        if (length is { } told && told != file.Announced)
            throw new DownloadFailedException(string.Create(CultureInfo.InvariantCulture, $"it has {told} bytes there, announced were {file.Announced}"));
    }

    private async Task ReadAsync(Stream content, ArrivingFile file, CancellationTokenSource silence, CancellationToken either, CancellationToken cancellationToken)
    {
        // One buffer is filled while the other is hashed and written.
        var (filling, filled) = (new byte[BufferBytes], new byte[BufferBytes]);
        var next = NextAsync(filling);
        while (await next is var read and > 0)
        {
            (filling, filled) = (filled, filling);
            next = NextAsync(filling);
            try
            {
                file.Append(filled.AsSpan(0, read));
            }
            catch
            {
                // Nobody may be reading into a buffer of ours any more when this is over.
                await silence.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }

        Task<int> NextAsync(byte[] buffer)
        {
            silence.CancelAfter(patience.Silence);
            return ConnectionAsync(() => content.ReadAsync(buffer, either).AsTask(), silence, cancellationToken);
        }
    }

    /// <summary>What goes wrong in here is the connection's fault: all else, such as a full disk, is not tried again.</summary>
    private async Task<T> ConnectionAsync<T>(Func<Task<T>> use, CancellationTokenSource silence, CancellationToken cancellationToken)
    {
        try
        {
            return await use();
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BrokenConnectionException($"nothing came for {Durations.Format(patience.Silence)}", null);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new BrokenConnectionException($"the connection broke: {broken.Message.TrimEnd('.')}", broken);
        }
    }

    private static TimeSpan Pause(int fruitless)
    {
        var pause = FirstPause * Math.Pow(2, fruitless);
        return pause < LongestPause ? pause : LongestPause;
    }

    private sealed class BrokenConnectionException(string reason, Exception? cause) : Exception(reason, cause);
}
