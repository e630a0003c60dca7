using System.Security.Cryptography;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Browsers;

public sealed class SessionFolderTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public SessionFolderTests() => SessionFolder.Create(_temp);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_trace_under_its_final_name_is_whole()
    {
        await File.WriteAllTextAsync(_temp.At("browsers", "b1.json"), "abc");
        Assert.Equal(new TraceFile("browsers/b1.json", 3, Hash("abc"), IsWhole: true), await SalvageAsync());
    }

    [Fact]
    public async Task A_trace_that_was_growing_is_partial()
    {
        await File.WriteAllTextAsync(_temp.At("browsers", "b1.json.part"), "ab");
        Assert.Equal(new TraceFile("browsers/b1.json.partial", 2, Hash("ab"), IsWhole: false), await SalvageAsync());
        Assert.Equal(["browsers/b1.json.partial"], _temp.Files());

        // Salvaged twice, as by a process that died in between, it is the same.
        Assert.Equal(new TraceFile("browsers/b1.json.partial", 2, Hash("ab"), IsWhole: false), await SalvageAsync());
    }

    [Fact]
    public async Task A_trace_of_which_nothing_had_come_is_none_and_leaves_no_file()
    {
        await File.WriteAllTextAsync(_temp.At("browsers", "b1.json.part"), "");
        Assert.Null(await SalvageAsync());
        Assert.Empty(_temp.Files());
    }

    [Fact]
    public async Task Where_there_is_no_file_or_no_folder_there_is_no_trace()
    {
        Assert.Null(await SalvageAsync());
        Directory.Delete(_temp.At("browsers"));
        Assert.Null(await SalvageAsync());
    }

    private Task<TraceFile?> SalvageAsync() => SessionFolder.SalvageAsync(_temp, "b1.json", CancellationToken.None);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
