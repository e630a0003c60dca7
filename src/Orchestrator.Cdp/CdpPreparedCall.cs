namespace Orchestrator.Cdp;

/// <summary>A frame that is ready: encoded when it was prepared, sent when <see cref="SendAsync"/> is called. For a fan-out at one instant.</summary>
public sealed class CdpPreparedCall<TResult>
{
    internal CdpPreparedCall()
    {
    }

    /// <summary>Sends the frame and waits for the answer. Can be called once.</summary>
    /// <inheritdoc cref="CdpConnection.CallAsync{TParams,TResult}(CdpCommand{TParams,TResult},TParams,string?,CancellationToken)" path="/exception"/>
    /// <exception cref="InvalidOperationException">It has been sent before.</exception>
    public Task<CdpReply<TResult>> SendAsync(CancellationToken ct = default) => throw new NotImplementedException();
}
