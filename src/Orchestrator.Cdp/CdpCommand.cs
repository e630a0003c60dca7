using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Cdp;

/// <summary>A command of the protocol: its name and how its parameters and its result are written in JSON.</summary>
public sealed record CdpCommand<TParams, TResult>(string Method, JsonTypeInfo<TParams> Params, JsonTypeInfo<TResult> Result);

/// <summary>An event of the protocol: its name and how its parameters are written in JSON.</summary>
public sealed record CdpEvent<T>(string Method, JsonTypeInfo<T> Params);

/// <summary>The parameters of a command that has none, and the result of one that returns none: <c>{}</c>.</summary>
public sealed record CdpNothing
{
    public static CdpNothing Value { get; } = new();
}

/// <summary>A reply with its two instants, in ticks of <see cref="TimeProvider.GetTimestamp"/>.</summary>
/// <param name="SentAt">Taken immediately before the bytes were handed to the transport.</param>
/// <param name="AnsweredAt">Taken in the read loop when the last byte of the reply had been received.</param>
public readonly record struct CdpReply<T>(T Result, long SentAt, long AnsweredAt);
