using System.Diagnostics;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>A shell script that plays a browser.</summary>
internal static class ShellProgram
{
    /// <summary>
    /// Written by another process: while this one writes it, a process that another test starts may hold the file open
    /// for a moment, and the system runs no file that somebody writes.
    /// </summary>
    public static async Task<string> WriteAsync(string path, string script)
    {
        var start = new ProcessStartInfo("install") { RedirectStandardInput = true };
        foreach (var argument in (string[])["-m", "755", "/dev/stdin", path]) start.ArgumentList.Add(argument);
        using var install = Process.Start(start)!;
        await install.StandardInput.WriteAsync($"#!/bin/sh\n{script}\n");
        install.StandardInput.Close();
        await install.WaitForExitAsync().Soon();
        Assert.Equal(0, install.ExitCode);
        return path;
    }

    /// <summary>Tells its process id in a file, which is there when it is whole.</summary>
    public static string TellPid(string file) => $"echo $$ > '{file}.part'; mv '{file}.part' '{file}'";
}
