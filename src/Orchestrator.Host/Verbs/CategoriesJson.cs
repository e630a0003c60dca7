using System.Text.Json.Serialization;

namespace Orchestrator.Host.Verbs;

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class CategoriesJson : JsonSerializerContext;
