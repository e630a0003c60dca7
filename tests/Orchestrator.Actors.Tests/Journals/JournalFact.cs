using Orchestrator.Actors.Tests.Support;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>A test of every journal: skipped, with the reason, for the one that cannot be had here.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Orchestrator.Actors.Tests.Journals." + nameof(JournalFactDiscoverer), "Orchestrator.Actors.Tests")]
internal sealed class JournalFactAttribute : FactAttribute;

/// <summary>An attribute does not know in which of the derived classes its test is run; this does.</summary>
public sealed class JournalFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        Postgres.Missing is { } reason && testMethod.TestClass.Class.ToRuntimeType() == typeof(PostgresJournalTests)
            ? new XunitSkippedDataRowTestCase(
                DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod, reason)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
}
