using System.Text;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.CommandLine;

/// <summary>The cluster's token: from a file, or from the environment; never from the command line, which others can read.</summary>
internal static class Tokens
{
    public const string Variable = "ORCHESTRATOR_TOKEN";

    private const int Largest = 4096;

    /// <param name="path">Of <c>--token-file</c>; null: the environment's.</param>
    /// <returns>Null: there is none, or an error was added.</returns>
    public static string? Read(string? path, UsageErrors errors, IMachine machine)
    {
        var token = machine.Variable(Variable);
        if (path is not null)
        {
            var file = machine.ReadFile(path, Largest);
            if (file.Problem is not null)
            {
                errors.Add("--token-file", path, file.Problem);
                return null;
            }

            token = Encoding.UTF8.GetString(file.Bytes).Trim();
        }

        // It is not shown: it is a secret.
        if (token is null || (token.Length > 0 && token.All(character => character is > ' ' and < '\x7f'))) return token;
        errors.Add(path is null ? $"{Variable} is no token; it is visible ASCII characters without blanks" : $"--token-file {UsageErrors.Shown(path)}: holds no token; that is one line of visible ASCII characters without blanks");
        return null;
    }
}
