using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace Orchestrator.Actors.Hosting;

/// <summary>Writes the actors' log to stderr, a line an event: stdout belongs to the commands' own output.</summary>
public sealed class StderrLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    public StderrLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(log =>
        {
            Console.Error.WriteLine($"[{log.Timestamp:HH:mm:ss.fff} {log.LogLevel().ToString().Replace("Level", "", StringComparison.Ordinal)}] {log.Message} ({log.LogSource})");
            if (log.Cause is { } cause) Console.Error.WriteLine($"    {cause.GetType().Name}: {cause.Message}");
        });
    }
}
