using System.CommandLine;

namespace Orchestrator.Host.CommandLine;

/// <summary>
/// What was typed, whether or not the parser found it in order: it throws for a value that it has an error for, and the
/// rules are to see the rest of the command line all the same.
/// </summary>
internal static class TypedValues
{
    extension(ParseResult line)
    {
        /// <summary>The last value that was typed; null when there was none.</summary>
        public string? Typed(Option<string?> option) => line.GetResult(option) is { Tokens: [.., var last] } ? last.Value : null;

        public IReadOnlyList<string> Typed(Option<string[]> option) => line.GetResult(option) is { } result ? [.. result.Tokens.Select(token => token.Value)] : [];

        /// <summary>Null when it was not typed; a switch may be followed by <c>false</c>.</summary>
        public bool? Typed(Option<bool?> option) => line.GetResult(option) is { } result
            ? result.Tokens.Count == 0 || !bool.TryParse(result.Tokens[^1].Value, out var value) || value
            : null;
    }
}
