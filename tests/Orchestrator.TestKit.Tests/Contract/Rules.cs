namespace Orchestrator.TestKit.Tests.Contract;

/// <summary>The rules of the contract, by name.</summary>
internal static class Rules
{
    private static readonly Dictionary<string, Func<ContractBrowser, Task>> s_all =
        new[] { OwnershipRules.All, CommandRules.All, RecordingRules.All, ConfigRules.All }.SelectMany(rules => rules).ToDictionary(rule => rule.Method.Name);

    private static readonly Dictionary<string, Func<ContractBrowser, Task>> s_last = DeathRules.All.ToDictionary(rule => rule.Method.Name);

    public static TheoryData<string> Names => [.. s_all.Keys];

    /// <summary>After these the browser is dead.</summary>
    public static TheoryData<string> LastNames => [.. s_last.Keys];

    public static Task HoldsAsync(string name, ContractBrowser browser) => (s_all.GetValueOrDefault(name) ?? s_last[name])(browser);
}
