using System.Runtime.InteropServices;

namespace Orchestrator.Host.Hosting;

/// <summary>
/// What a person's or a system's wish to stop means: the first ends the window and keeps everything, the second gives
/// the session up, the third is left to the system, which ends the process.
/// </summary>
internal sealed class StopRequests(Action<string> say) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _abort = new();
    private int _requests;

    /// <summary>Cancelled by the first request.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Cancelled by the second.</summary>
    public CancellationToken Abort => _abort.Token;

    /// <summary>Hears SIGINT, SIGTERM and SIGHUP until it is disposed.</summary>
    public IDisposable Listen() => new Signals(this);

    /// <returns>True when the request was understood here; false: the system may do what it does by default.</returns>
    public bool Request(string name)
    {
        switch (Interlocked.Increment(ref _requests))
        {
            case 1:
                _end.Cancel();
                say($"{name}: the session ends now, what was recorded is flushed and kept; once more to give it up");
                return true;
            case 2:
                _abort.Cancel();
                say($"{name}: the session is given up; once more to end this process as it stands");
                return true;
            default:
                return false;
        }
    }

    public void Dispose()
    {
        _end.Dispose();
        _abort.Dispose();
    }

    private sealed class Signals : IDisposable
    {
        private readonly PosixSignalRegistration[] _registrations;

        public Signals(StopRequests requests) =>
            _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
                .Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = requests.Request(signal.ToString())))];

        public void Dispose()
        {
            foreach (var registration in _registrations) registration.Dispose();
        }
    }
}
