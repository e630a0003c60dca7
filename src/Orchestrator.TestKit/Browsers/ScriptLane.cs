namespace Orchestrator.TestKit.Browsers;

/// <summary>The commands of one connection that a test's handlers answer: one after the other, outside of the browser's lock.</summary>
internal sealed class ScriptLane(SimulatedBrowser browser) : IAfterwards
{
    private readonly Queue<SimulatedRequest> _requests = new();

    /// <summary>Under the browser's lock.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Under the browser's lock.</summary>
    public void Add(SimulatedRequest request)
    {
        _requests.Enqueue(request);
        if (IsBusy) return;
        IsBusy = true;
        browser.Agenda.Afterwards(this);
    }

    public void Continue() => _ = RunAsync();

    private async Task RunAsync()
    {
        while (true)
        {
            SimulatedRequest? request;
            using (browser.Agenda.Enter())
            {
                if (!_requests.TryDequeue(out request))
                {
                    IsBusy = false;
                    return;
                }
            }

            if (AnswerOf(request) is not { } answer) continue;
            var performing = PerformAsync(answer, request);
            if (!answer.InBackground) await performing;
        }
    }

    /// <summary>A handler that throws is a test that is wrong: it shall not wait for an answer.</summary>
    private SimulatedAnswer? AnswerOf(SimulatedRequest request)
    {
        try
        {
            return browser.AnswerOf(request);
        }
        catch (Exception wrong)
        {
            browser.HandlerFailure ??= wrong;
            request.Connection.Drop();
            return null;
        }
    }

    /// <summary>Never throws.</summary>
    private async Task PerformAsync(SimulatedAnswer answer, SimulatedRequest request)
    {
        try
        {
            await answer.PerformAsync(request);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ObjectDisposedException or System.Net.WebSockets.WebSocketException)
        {
            // The connection went while the answer waited, or the task that it waited for was cancelled at the test's end.
        }
        catch (Exception wrong)
        {
            browser.HandlerFailure ??= wrong;
            request.Connection.Drop();
        }
    }
}
