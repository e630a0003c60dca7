using System.Globalization;

namespace Orchestrator.Host.Planning;

/// <summary>Names of sessions: sorted by name they are sorted by time, and a person can read them out.</summary>
internal static class SessionIds
{
    // Without those that look like another.
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Such as <c>20261123-124501-x7k2</c>: UTC and four random letters.</summary>
    public static string New(TimeProvider time, Random random) =>
        time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + "-" + new string(random.GetItems<char>(Letters, 4));
}
