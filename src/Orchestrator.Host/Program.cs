using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;

return await OrchestratorCommandLine.RunAsync(args, Surroundings.OfThisProcess());
