using System.Runtime.InteropServices;

namespace Orchestrator.Host.Hosting;

/// <summary>Work that may be given up: the first SIGINT, SIGTERM or SIGHUP cancels it, the second is left to the system.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption() => _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
        .Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !_source.IsCancellationRequested;
            _source.Cancel();
        }))];

    public CancellationToken Token => _source.Token;

    /// <summary>Completes with the first request.</summary>
    public Task RequestedAsync()
    {
        var requested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _source.Token.Register(requested.SetResult);
        return requested.Task;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }
}
