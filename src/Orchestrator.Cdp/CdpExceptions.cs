namespace Orchestrator.Cdp;

/// <summary>Whatever goes wrong between us and a browser.</summary>
public abstract class CdpException : Exception
{
    private protected CdpException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>An endpoint cannot be reached, is no DevTools endpoint, or answers what it should not; the message says which and names the endpoint.</summary>
public sealed class CdpEndpointException(string message, Exception? inner = null) : CdpException(message, inner);

/// <summary>The browser answered a command with an error; <see cref="Exception.Message"/> is the browser's own text.</summary>
/// <param name="method">The command that was refused, such as <c>Tracing.start</c>.</param>
/// <param name="code">The browser's code: -32000 for what its state forbids, -32602 for parameters it does not take, -32601 for a command it does not know, -32001 for a session it does not know.</param>
/// <param name="message">The browser's text.</param>
/// <param name="detail">The error's <c>data</c>, where the browser gave one.</param>
public sealed class CdpErrorException(string method, int code, string message, string? detail = null) : CdpException(message)
{
    /// <summary>The command that was refused, such as <c>Tracing.start</c>.</summary>
    public string Method { get; } = method;

    /// <summary>The browser's code: -32000 for what its state forbids, -32602 for parameters it does not take, -32601 for a command it does not know, -32001 for a session it does not know.</summary>
    public int Code { get; } = code;

    /// <summary>The error's <c>data</c>, where the browser gave one: which parameter is wrong, for instance.</summary>
    public string? Detail { get; } = detail;
}

/// <summary>The connection broke before the answer came; whether the browser carried the command out is not known.</summary>
public sealed class CdpBrokenException : CdpException
{
    /// <param name="method">What was waited for: a command's name, or what the caller was doing.</param>
    /// <param name="endpoint">Whom we were talking to.</param>
    /// <param name="reason">The first thing that broke the connection.</param>
    public CdpBrokenException(string method, string endpoint, CdpBreak reason)
        : base($"{method}: the connection to {endpoint} is broken: {reason.Reason}", reason.Cause)
    {
        Method = method;
        Break = reason;
    }

    /// <summary>What was waited for: a command's name, or what the caller was doing.</summary>
    public string Method { get; }

    /// <summary>The first thing that broke the connection.</summary>
    public CdpBreak Break { get; }
}

/// <summary>Why a connection is broken.</summary>
public enum CdpBreakKind
{
    /// <summary>The peer closed or reset it, or the network did.</summary>
    Closed,

    /// <summary>The peer sent what is not JSON, not CDP, or impossible, such as an answer to a question that nobody asked.</summary>
    Garbage,

    /// <summary>A message is larger than <see cref="CdpConnectionOptions.MaxMessageBytes"/>.</summary>
    Oversized,

    /// <summary>We closed it.</summary>
    Disposed,

    /// <summary>A handler of ours threw: the disk is full, for instance.</summary>
    Faulted,
}

/// <summary>The first thing that broke a connection.</summary>
/// <param name="Reason">A sentence for people, without the endpoint's name.</param>
/// <param name="Cause">The exception behind it, if there is one.</param>
public sealed record CdpBreak(CdpBreakKind Kind, string Reason, Exception? Cause = null);
