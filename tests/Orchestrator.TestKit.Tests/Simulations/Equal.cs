using System.Collections;
using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Simulations;

/// <summary>Compares scenarios by what they say: records compare their lists by identity.</summary>
internal static class Equal
{
    public static void Scenarios(Scenario expected, Scenario actual)
    {
        foreach (var property in typeof(Scenario).GetProperties().Where(property => property.CanWrite))
            Assert.Equal($"{property.Name}: {Told(property.GetValue(expected))}", $"{property.Name}: {Told(property.GetValue(actual))}");
    }

    private static string? Told(object? value) => value switch
    {
        string text => text,
        TraceContent.Generated content => $"{content.EventsPerSecond} {content.ArgumentBytes} {Told(content.Categories)}",
        IEnumerable many => $"[{string.Join(", ", many.Cast<object>().Select(Told))}]",
        _ => value?.ToString(),
    };
}
