using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Wire;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Wire;

/// <summary>What the journal holds can be read for ever: explicit manifests, plain JSON, extend only.</summary>
public sealed class SessionEventSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("wire", ReferenceConfiguration.Local(ConfigurationFactory.ParseString("akka.loglevel = OFF"), "none.db"));
    private readonly SerializerWithStringManifest _serializer;

    public SessionEventSerializerTests() =>
        _serializer = Assert.IsType<SessionEventSerializer>(_system.Serialization.FindSerializerForType(typeof(SessionEvent.Ended)));

    public void Dispose() => _system.Dispose();

    public static TheoryData<string> Manifests() => new(SessionEventSerializer.Manifests);

    public static TheoryData<string> GoldenFiles() => new(GoldenPaths().Select(path => Path.GetFileName(path)));

    [Fact]
    public void Every_event_that_a_session_has_is_sampled_here_and_has_a_manifest_of_its_own()
    {
        var kinds = typeof(SessionEvent).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(SessionEvent))).Select(type => type.Name).Order();
        Assert.Equal(kinds, SessionEventSamples.Full.Select(happened => happened.GetType().Name).Order());
        Assert.Equal(kinds, SessionEventSamples.Bare.Select(happened => happened.GetType().Name).Order());
        Assert.Equal(SessionEventSamples.Full.Count, SessionEventSamples.Full.Select(_serializer.Manifest).Distinct().Count());
        Assert.All(SessionEventSamples.Full, happened => Assert.Matches("^[a-z-]+/[0-9]+$", _serializer.Manifest(happened)));
    }

    [Fact]
    public void Every_event_comes_back_as_it_was_written()
    {
        foreach (var happened in SessionEventSamples.Full.Concat(SessionEventSamples.Bare))
        {
            var bytes = _serializer.ToBinary(happened);
            var back = _serializer.FromBinary(bytes, _serializer.Manifest(happened));
            Assert.IsType(happened.GetType(), back);
            Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(_serializer.ToBinary(back)));
        }

        // Values, not only the same text again.
        var ended = (SessionEvent.BrowserEnded)RoundTrip(SessionEventSamples.Full.OfType<SessionEvent.BrowserEnded>().Single());
        Assert.Equal(("a reason with \"quotes\" and ünicode", 0.84, 123_456_789_012), (ended.Report.Reason, ended.Report.BufferPeak, ended.Report.Trace!.Bytes));
        Assert.Equal(SessionEventSamples.Full.OfType<SessionEvent.BrowserEnded>().Single().Report.MemoryDumps, ended.Report.MemoryDumps);
        var opened = (SessionEvent.Opened)RoundTrip(SessionEventSamples.Full[0]);
        Assert.Equal(("60%", TimeSpan.FromMilliseconds(1500), TimeSpan.FromMinutes(2)), (opened.Plan.Require.ToString(), opened.Plan.Window.MarkEvery, opened.Plan.Timeouts.Flush));
        Assert.Equal("ReturnAsStream", opened.Plan.Tracing.Start.GetProperty("transferMode").GetString());
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Every_manifest_has_a_golden_file(string manifest) =>
        Assert.True(GoldenPaths().Any(path => ManifestOf(Path.GetFileName(path)) == manifest), $"Wire/journal has no {FileOf(manifest)}");

    [Theory]
    [MemberData(nameof(GoldenFiles))]
    public void Every_version_that_was_ever_written_can_be_read(string file)
    {
        var golden = File.ReadAllBytes(GoldenPaths().Single(path => Path.GetFileName(path) == file));
        var read = _serializer.FromBinary(golden, ManifestOf(file));

        Assert.IsAssignableFrom<SessionEvent>(read);
        using var written = JsonDocument.Parse(golden);
        AssertHolds(written.RootElement, JsonSerializer.SerializeToElement(read, read.GetType(), JsonSerializerOptions.Web), "$");
    }

    [Fact]
    public void A_field_that_a_newer_version_adds_is_no_reason_to_refuse_an_event()
    {
        var read = _serializer.FromBinary("{\"outcome\":\"complete\",\"reason\":null,\"at\":\"2026-03-04T05:06:07Z\",\"invented\":{\"later\":1}}"u8.ToArray(), "session-ended/1");
        Assert.Equal(SessionOutcome.Complete, Assert.IsType<SessionEvent.Ended>(read).Outcome);
    }

    [Theory]
    [InlineData("session-ended/2")]
    [InlineData("")]
    [InlineData("Orchestrator.Tracing.Sessions.SessionEvent+Ended")]
    public void A_manifest_that_is_not_known_is_named(string manifest)
    {
        var failure = Assert.Throws<SerializationException>(() => _serializer.FromBinary("{}"u8.ToArray(), manifest));
        Assert.Contains($"'{manifest}'", failure.Message);
        Assert.Contains("newer version", failure.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"outcome\":\"complete\"")]
    [InlineData("{\"outcome\":\"complete\"}")]
    [InlineData("{\"outcome\":\"splendid\",\"at\":\"2026-03-04T05:06:07Z\"}")]
    [InlineData("[]")]
    public void Bytes_that_are_no_such_event_are_told_with_the_manifest(string json)
    {
        var failure = Assert.Throws<SerializationException>(() => _serializer.FromBinary(Encoding.UTF8.GetBytes(json), "session-ended/1"));
        Assert.Contains("'session-ended/1'", failure.Message);
    }

    [Fact]
    public void What_is_no_session_event_is_not_written()
    {
        Assert.Throws<SerializationException>(() => _serializer.ToBinary("a text"));
        Assert.Throws<SerializationException>(() => _serializer.Manifest(42));
    }

    [Fact]
    public void The_journal_s_rows_name_the_serializer_by_the_number_that_they_have_always_had() => Assert.Equal(7401, _serializer.Identifier);

    [Fact]
    public void A_session_s_first_and_last_event_are_tagged_and_no_other()
    {
        var tags = new SessionTags();
        var tagged = SessionEventSamples.Full.Where(happened => tags.ToJournal(happened) is Akka.Persistence.Journal.Tagged { Tags: var names } && names.Contains(SessionTags.Bounds));
        Assert.Equal(["Opened", "Ended"], tagged.Select(happened => happened.GetType().Name));
    }

    private object RoundTrip(SessionEvent happened) => _serializer.FromBinary(_serializer.ToBinary(happened), _serializer.Manifest(happened));

    private static string[] GoldenPaths() => Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Wire", "journal"), "*.json");

    private static string FileOf(string manifest) => manifest.Replace('/', '.') + ".json";

    private static string ManifestOf(string file) => Path.GetFileNameWithoutExtension(file).Replace('.', '/');

    /// <summary>Everything that was written is in what was read; more may be.</summary>
    private static void AssertHolds(JsonElement written, JsonElement read, string path)
    {
        switch (written.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var field in written.EnumerateObject())
                {
                    Assert.True(read.TryGetProperty(field.Name, out var found), $"{path}.{field.Name} was not read");
                    AssertHolds(field.Value, found, $"{path}.{field.Name}");
                }

                break;
            case JsonValueKind.Array:
                Assert.Equal(written.GetArrayLength(), read.GetArrayLength());
                foreach (var (index, item) in written.EnumerateArray().Index()) AssertHolds(item, read[index], $"{path}[{index}]");
                break;
            default:
                Assert.True(JsonElement.DeepEquals(written, read), $"{path} was {written}, read {read}");
                break;
        }
    }
}
