using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Tests.Wire;

/// <summary>What nodes of one protocol version say to each other, whatever their releases: recorded messages of earlier ones must stay readable.</summary>
public sealed class WireSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("wire", ReferenceConfiguration.Local(ConfigurationFactory.ParseString("akka.loglevel = OFF"), "none.db"));
    private readonly SerializerWithStringManifest _serializer;

    public WireSerializerTests() =>
        _serializer = Assert.IsType<WireSerializer>(_system.Serialization.FindSerializerForType(typeof(NodeProtocol.Start)));

    public void Dispose() => _system.Dispose();

    public static TheoryData<string> Recorded() => new(RecordedPaths().Select(path => Path.GetFileName(path)));

    [Fact]
    public void Every_message_that_there_is_is_sampled_here_and_is_found_by_this_serializer()
    {
        var kinds = typeof(IWireMessage).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IWireMessage)) && !type.IsAbstract).Select(type => type.FullName).Order();
        Assert.Equal(kinds, WireSamples.All.Select(message => message.GetType().FullName).Order());
        Assert.All(WireSamples.All, message => Assert.IsType<WireSerializer>(_system.Serialization.FindSerializerFor(message)));
        Assert.Equal(WireSerializer.Manifests.Order(), WireSamples.All.Select(_serializer.Manifest).Order());
    }

    [Fact]
    public void Every_message_comes_back_as_it_was_sent()
    {
        foreach (var message in WireSamples.All)
        {
            var bytes = _serializer.ToBinary(message);
            var back = _serializer.FromBinary(bytes, _serializer.Manifest(message));
            Assert.IsType(message.GetType(), back);
            Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(_serializer.ToBinary(back)));
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Every_message_that_was_ever_recorded_is_understood(string file)
    {
        var recorded = File.ReadAllBytes(RecordedPaths().Single(path => Path.GetFileName(path) == file));
        var read = _serializer.FromBinary(recorded, ManifestOf(file));

        // What was said is kept: today's release says all of it, and maybe more.
        using var before = System.Text.Json.JsonDocument.Parse(recorded);
        using var now = System.Text.Json.JsonDocument.Parse(_serializer.ToBinary(read));
        AssertHolds(before.RootElement, now.RootElement, "$");
    }

    [Fact]
    public void Every_manifest_has_a_recorded_message() =>
        Assert.Equal(WireSerializer.Manifests.Order(), RecordedPaths().Select(path => ManifestOf(Path.GetFileName(path))).Order());

    [Fact]
    public void A_field_that_a_newer_release_adds_is_overlooked() =>
        Assert.Equal(5, ((NodeProtocol.Fenced)_serializer.FromBinary("{\"node\":\"n\",\"epoch\":5,\"invented\":[1]}"u8.ToArray(), "fenced/1")).Epoch);

    [Fact]
    public void A_field_that_an_older_release_did_not_have_is_empty_and_not_absent()
    {
        var offer = ((ClusterProtocol.Register)_serializer.FromBinary(
            """{"offer":{"name":"n","address":"h:1","roles":["browsers"],"version":"0.1.0","protocol":1,"clock":{"clock":"monotonic","node":"n","utcAtZero":"2026-03-04T05:06:07Z"}},"actor":"a","clock":"c"}"""u8.ToArray(), "register/1")).Offer;
        Assert.Empty(offer.Offers);
        Assert.Empty(offer.Spools);
    }

    [Theory]
    [InlineData("start/2")]
    [InlineData("")]
    public void A_message_of_a_newer_protocol_is_named(string manifest) =>
        Assert.Contains($"'{manifest}'", Assert.Throws<SerializationException>(() => _serializer.FromBinary("{}"u8.ToArray(), manifest)).Message);

    private static void AssertHolds(System.Text.Json.JsonElement wanted, System.Text.Json.JsonElement found, string path)
    {
        Assert.Equal(wanted.ValueKind, found.ValueKind);
        switch (wanted.ValueKind)
        {
            case System.Text.Json.JsonValueKind.Object:
                foreach (var property in wanted.EnumerateObject())
                {
                    Assert.True(found.TryGetProperty(property.Name, out var same), $"{path}.{property.Name} is gone");
                    AssertHolds(property.Value, same, $"{path}.{property.Name}");
                }

                break;
            case System.Text.Json.JsonValueKind.Array:
                Assert.Equal(wanted.GetArrayLength(), found.GetArrayLength());
                foreach (var (one, same) in wanted.EnumerateArray().Zip(found.EnumerateArray())) AssertHolds(one, same, path + "[]");
                break;
            default:
                Assert.Equal(wanted.GetRawText(), found.GetRawText());
                break;
        }
    }

    private static IEnumerable<string> RecordedPaths() => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Wire", "messages"), "*.json");

    private static string ManifestOf(string file)
    {
        var parts = file.Split('.');
        return $"{parts[0]}/{parts[1]}";
    }
}
