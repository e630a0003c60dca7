using System.Text;

namespace Orchestrator.TestKit.Browsers;

/// <summary>
/// The browser's side of one connection, whatever the way in. What is sent here travels like what the browser sends: behind it, and
/// as long as its conditions say.
/// </summary>
public abstract class SimulatedConnection
{
    private static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>();

    private TaskCompletionSource? _closed;

    private protected SimulatedConnection(SimulatedBrowser browser, string path, IReadOnlyDictionary<string, string>? headers)
    {
        Browser = browser;
        Path = path;
        Headers = headers ?? NoHeaders;
    }

    public SimulatedBrowser Browser { get; }

    /// <summary>Such as <c>/devtools/browser/ID</c>.</summary>
    public string Path { get; }

    /// <summary>The handshake's headers; none in memory.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Completes when the connection is gone, whoever ended it.</summary>
    public Task Closed
    {
        get
        {
            using (Browser.Agenda.Enter())
                return IsOpen ? (_closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    // All of these are the browser's, under its lock.

    internal bool IsOpen { get; private set; } = true;

    /// <summary>When the last message arrives that is on its way here, and there; when the last command is carried out.</summary>
    internal long LastThere, LastBack, LastCarriedOut;

    /// <summary>Commands that have arrived and wait for their time.</summary>
    internal int Waiting;

    /// <summary>What was sent last was a part of a message, with more to come.</summary>
    internal bool IsWithinMessage;

    /// <summary>Messages that are on their way to the client.</summary>
    internal int OnTheirWay;

    /// <summary>Messages that the client has not taken yet.</summary>
    internal int Untaken;

    /// <summary>What a recording's events come from, while they go out here.</summary>
    internal EventPump? Pump;

    /// <summary>It is a page's, and has asked for its events.</summary>
    internal bool HearsPage;

    internal ScriptLane? Lane;

    internal bool IsPage => Path.StartsWith("/devtools/page/", StringComparison.Ordinal);

    /// <summary>Sends one message; completes when it has left.</summary>
    public Task SendAsync(string message) => SendAsync(Encoding.UTF8.GetBytes(message));

    /// <inheritdoc cref="SendAsync(string)"/>
    public Task SendAsync(ReadOnlyMemory<byte> message) => SendPartAsync(message, endOfMessage: true);

    /// <summary>Sends one frame of a message that may have several.</summary>
    public Task SendPartAsync(ReadOnlyMemory<byte> part, bool endOfMessage) => SendAsync(Frame.Copy(part.Span) with { EndsMessage = endOfMessage });

    /// <param name="parameters">An object in JSON.</param>
    public Task SendEventAsync(string method, string parameters = "{}", string? sessionId = null) =>
        SendAsync($"{{\"method\":\"{method}\",\"params\":{parameters}{(sessionId is null ? "" : $",\"sessionId\":\"{sessionId}\"")}}}");

    // RFC 6455, 5.5: a control frame has 125 bytes, and two of them are the code.
    private const int MostReasonBytes = 123;

    /// <summary>Closes with the handshake's first half, when all that was sent before has gone.</summary>
    /// <exception cref="ArgumentException">The reason is longer than 123 bytes of UTF-8.</exception>
    public Task CloseAsync(string? reason = null)
    {
        var bytes = Encoding.UTF8.GetBytes(reason ?? "");
        if (bytes.Length > MostReasonBytes) throw new ArgumentException($"A close frame has room for {MostReasonBytes} bytes of reason.", nameof(reason));
        return SendAsync(new Frame(FrameKind.Close, bytes, 0, bytes.Length, false, true, null));
    }

    /// <summary>Resets the connection at once; what is on its way is lost.</summary>
    public void Drop()
    {
        using (Browser.Agenda.Enter()) Cut();
    }

    /// <summary>It is gone. Under the browser's lock.</summary>
    internal void Ended()
    {
        IsOpen = false;
        Pump = null;
        _closed?.TrySetResult();
    }

    internal Task SendAsync(Frame frame)
    {
        var sent = TellsWhenSent ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        using (Browser.Agenda.Enter())
        {
            if (IsOpen) Browser.Post(this, frame with { Sent = sent });
            else frame.Release();
            if (!IsOpen) sent?.TrySetResult();
        }

        return sent?.Task ?? Task.CompletedTask;
    }

    /// <summary>Whether somebody can see that a message has left; in memory it has at once.</summary>
    private protected virtual bool TellsWhenSent => false;

    /// <summary>The frame's way back is over. Under the browser's lock.</summary>
    internal abstract void Deliver(in Frame frame);

    /// <summary>Ends the connection here and now. Under the browser's lock.</summary>
    internal abstract void Cut();
}
