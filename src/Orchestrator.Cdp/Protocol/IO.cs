namespace Orchestrator.Cdp.Protocol;

/// <summary>The IO domain: streams. Traces are read with <see cref="Traces.TraceStream"/>, which makes no strings.</summary>
/// <remarks>https://chromedevtools.github.io/devtools-protocol/tot/IO/</remarks>
public static class IODomain
{
    /// <summary>Reads a chunk as a string: for small streams.</summary>
    public static readonly CdpCommand<IOReadParams, IOReadResult> Read = new("IO.read", CdpJsonContext.Default.IOReadParams, CdpJsonContext.Default.IOReadResult);

    /// <summary>Closes the stream, its storage is gone.</summary>
    public static readonly CdpCommand<IOCloseParams, CdpNothing> Close = new("IO.close", CdpJsonContext.Default.IOCloseParams, CdpJsonContext.Default.CdpNothing);
}

/// <param name="Handle">Such as the stream of <see cref="TracingComplete"/>.</param>
/// <param name="Offset">In bytes; null: where the last read ended.</param>
/// <param name="Size">In bytes; null: as the browser likes, about 10 MB in Chromium.</param>
public sealed record IOReadParams(string Handle, int? Offset = null, int? Size = null);

/// <param name="Base64Encoded">The data are bytes in base64; else text.</param>
/// <param name="Eof">There is nothing behind them.</param>
public sealed record IOReadResult(string Data, bool Eof, bool? Base64Encoded = null);

public sealed record IOCloseParams(string Handle);
