using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Clustering;

/// <summary>Which node launches which browsers. Pure.</summary>
public static class NodePlacement
{
    /// <summary>
    /// Gives every target a node: those that name one keep it, the others are spread so that the nodes are left with as even a number of free
    /// places as can be. Neighbours stay together.
    /// </summary>
    /// <param name="free">How many browsers each node may still launch, by its name; every node that takes any is here.</param>
    /// <returns>The targets in their order; null with the reason when they cannot be placed.</returns>
    public static IReadOnlyList<BrowserTarget>? Place(IReadOnlyList<BrowserTarget> targets, IReadOnlyDictionary<string, int> free, out string? problem)
    {
        problem = null;
        var unknown = targets.Select(target => target.Node).OfType<string>().Where(node => !free.ContainsKey(node)).Distinct(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            problem = $"there is no node {string.Join(", ", unknown)}; there are: {(free.Count == 0 ? "none" : string.Join(", ", free.Keys.Order(StringComparer.Ordinal)))}";
            return null;
        }

        var left = free.ToDictionary(StringComparer.Ordinal);
        foreach (var target in targets.Where(target => target is { IsLaunched: true, Node: not null })) left[target.Node!]--;
        var places = left.ToDictionary(node => node.Key, _ => 0, StringComparer.Ordinal);
        var wanted = targets.Count(target => target.Node is null);
        for (var placed = 0; placed < wanted; placed++)
        {
            var node = left.OrderByDescending(node => node.Value).ThenBy(node => places[node.Key]).ThenBy(node => node.Key, StringComparer.Ordinal).FirstOrDefault();
            if (node.Key is null || node.Value <= 0) break;
            left[node.Key]--;
            places[node.Key]++;
        }

        if (left.Values.Any(value => value < 0) || places.Values.Sum() < wanted)
        {
            var launched = targets.Count(target => target.IsLaunched);
            problem = $"{launched} browsers are to be launched, and {free.Values.Sum(value => Math.Max(0, value))} can be: {string.Join(", ", free.OrderBy(node => node.Key, StringComparer.Ordinal).Select(node => $"{node.Key} has {Math.Max(0, node.Value)} free"))}";
            return null;
        }

        var next = new Queue<string>(places.OrderBy(node => node.Key, StringComparer.Ordinal).SelectMany(node => Enumerable.Repeat(node.Key, node.Value)));
        return [.. targets.Select(target => target.Node is null ? target with { Node = next.Dequeue() } : target)];
    }
}
