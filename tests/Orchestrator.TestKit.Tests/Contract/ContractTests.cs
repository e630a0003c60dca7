using Orchestrator.Cdp.Tests.Chromium;

namespace Orchestrator.TestKit.Tests.Contract;

/// <summary>What is said of the real browser: where the simulated one differs, the simulated one is wrong.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class ChromiumContractTests(ChromiumFixture fixture)
{
    public static TheoryData<string> Names => Rules.Names;

    public static TheoryData<string> LastNames => Rules.LastNames;

    [ChromiumTheory]
    [MemberData(nameof(Names))]
    public Task It_holds_for_Chromium(string rule) => Rules.HoldsAsync(rule, new RealBrowser(fixture.Browser));

    [ChromiumTheory]
    [MemberData(nameof(LastNames))]
    public async Task It_holds_for_a_Chromium_that_dies_of_it(string rule)
    {
        await using var browser = await ChromiumBrowser.LaunchAsync();
        await Rules.HoldsAsync(rule, new RealBrowser(browser));
    }
}

public sealed class ServedContractTests
{
    public static TheoryData<string> Names => [.. Rules.Names, .. Rules.LastNames];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_holds_for_the_simulated_browser_behind_a_server(string rule)
    {
        await using var browser = await ServedBrowser.StartAsync();
        await Rules.HoldsAsync(rule, browser);
    }
}

public sealed class InMemoryContractTests
{
    public static TheoryData<string> Names => [.. Rules.Names, .. Rules.LastNames];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_holds_for_the_simulated_browser_in_memory(string rule)
    {
        await using var browser = new InMemoryBrowser();
        await Rules.HoldsAsync(rule, browser);
    }
}
