using System.Diagnostics;

namespace Orchestrator.TestKit.Tests;

/// <summary>The package as a user gets it: alone, in a project that knows nothing else of ours.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly string[] Projects = ["Orchestrator.Cdp", "Orchestrator.Tracing", "Orchestrator.Actors", "Orchestrator.TestKit"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-package-");

    // One that no cache of packages has seen.
    private readonly string _version = $"0.1.0-test-{Guid.NewGuid():n}";

    [Fact]
    public async Task A_project_that_takes_the_package_rehearses_a_session()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = root.Parent!.Name;
        while (!File.Exists(Path.Combine(root.FullName, "Orchestrator.sln"))) root = root.Parent!;
        foreach (var project in Projects)
        {
            await DotnetAsync("pack", Path.Combine(root.FullName, "src", project), "--no-build", "--configuration", configuration,
                "--output", _folder.FullName, $"-p:Version={_version}");
        }

        var user = _folder.CreateSubdirectory("user");
        await File.WriteAllTextAsync(Path.Combine(user.FullName, "User.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{_folder.FullName}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Orchestrator.TestKit" Version="{_version}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(user.FullName, "Program.cs"), """
            using Orchestrator.TestKit.Simulations;

            var result = Scenario.Of(5).OnNodes(2).Dying(0.5).Record(TimeSpan.FromSeconds(30));
            Console.WriteLine($"rehearsed: {result}");
            Console.WriteLine(result.Journal);
            """);
        await DotnetAsync("build", user.FullName);

        var said = await DotnetAsync("run", "--no-build", "--project", user.FullName);

        Assert.Contains("rehearsed: default, seed 1: Partial; ", said);
        Assert.DoesNotContain("broken:", said);
        // Another process has other hash codes, and other addresses of everything.
        Assert.Equal(said, await DotnetAsync("run", "--no-build", "--project", user.FullName));
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var project in Projects)
        {
            var cached = Path.Combine(cache, project.ToLowerInvariant(), _version);
            if (!Directory.Exists(cached)) continue;
            Directory.Delete(cached, recursive: true);
            if (!Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(cached)!).Any()) Directory.Delete(Path.GetDirectoryName(cached)!);
        }
    }

    private static async Task<string> DotnetAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the test's own build was told is not meant for a user's.
        foreach (var own in new[] { "CI", "MSBUILD_EXE_PATH", "MSBuildSDKsPath", "MSBuildExtensionsPath" }) start.Environment.Remove(own);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            var said = await output + await error;
            Assert.True(process.ExitCode == 0, said);
            return said;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
