using Akka.Configuration;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Hosting;

namespace Orchestrator.Actors.Tests.Configuration;

public sealed class OrchestratorSettingsTests
{
    [Fact]
    public void The_reference_has_no_errors_and_every_setting()
    {
        var settings = OrchestratorSettings.Read(ReferenceConfiguration.Settings(), out var errors);

        Assert.Empty(errors);
        Assert.Equal(
            new OrchestratorSettings
            {
                NodeName = Environment.MachineName,
                StartLead = TimeSpan.FromMilliseconds(100),
                EndLead = TimeSpan.FromMilliseconds(50),
                SpinLead = TimeSpan.FromMilliseconds(3),
                BurstMarkers = 5,
                BurstMostMarkers = 40,
                BurstNarrowEnough = TimeSpan.FromMicroseconds(250),
                BurstBudget = TimeSpan.FromSeconds(1),
                ProgressInterval = TimeSpan.FromMilliseconds(200),
                NodeGrace = TimeSpan.FromMinutes(1),
                NodeReturn = TimeSpan.FromSeconds(20),
                ClockInterval = TimeSpan.FromSeconds(1),
                SpoolRetention = TimeSpan.FromHours(24),
                DrainTimeout = TimeSpan.FromMinutes(1),
                ParallelTransfers = 4,
                SharedFolder = "",
                Seeds = "",
                Insecure = false,
                ReadSizeBytes = 1 << 20,
                ReadsInFlight = 4,
                MaxMessageBytes = 256 << 20,
                Tls = null,
            },
            settings);
        var keys = ReferenceConfiguration.Settings().GetConfig("orchestrator").AsEnumerable().Select(setting => setting.Key);
        Assert.Equal(typeof(OrchestratorSettings).GetProperties().Length, keys.Count());
    }

    [Fact]
    public void What_the_user_sets_wins_and_the_rest_stays()
    {
        var user = LocalOrchestrator.ReadConfiguration("orchestrator { node-name = \"mine\", read-size = 64KiB, start-lead = 2s }", out var errors);
        Assert.Empty(errors);

        var settings = OrchestratorSettings.Read(ReferenceConfiguration.Local(user, "j.db"), out errors);
        Assert.Empty(errors);
        Assert.Equal(("mine", 64 << 10, TimeSpan.FromSeconds(2)), (settings.NodeName, settings.ReadSizeBytes, settings.StartLead));
        Assert.Equal((4, TimeSpan.FromMilliseconds(50)), (settings.ReadsInFlight, settings.EndLead));
    }

    [Fact]
    public void Every_error_is_named_at_once()
    {
        LocalOrchestrator.ReadConfiguration(
            """
            orchestrator {
              start-leed = 1s
              start-lead = soon
              end-lead = 2m
              spin-lead = -1ms
              burst-markers = many
              reads-in-flight = 65
              read-size = lots
              max-message-size = 1KiB
              zzz { inner = 1 }
            }
            """,
            out var errors);

        Assert.Equal(
            [
                "orchestrator.burst-markers: 'many' is not a whole number.",
                "orchestrator.end-lead: 00:02:00 is out of range; from 00:00:00 to 00:01:00 is allowed.",
                "orchestrator.max-message-size: 1024 is out of range; from 1048576 to 1073741824 is allowed.",
                "orchestrator.read-size: 'lots' is not a size such as 1MiB.",
                "orchestrator.reads-in-flight: 65 is out of range; from 1 to 64 is allowed.",
                "orchestrator.spin-lead",
                "orchestrator.start-lead: 'soon' is not a duration such as 500ms, 5s or 2m.",
                "orchestrator.start-leed: there is no such setting",
                "orchestrator.zzz: there is no such setting",
            ],
            errors.Order(StringComparer.Ordinal).Select(error => error.Contains("spin-lead:", StringComparison.Ordinal) ? "orchestrator.spin-lead" : error.Split(';')[0] is var head && head.EndsWith("no such setting", StringComparison.Ordinal) ? head : error));
    }

    [Theory]
    [InlineData("orchestrator.read-size = 100GiB", "read-size")]
    [InlineData("orchestrator.reads-in-flight = 1.5", "reads-in-flight")]
    [InlineData("orchestrator.burst-budget = infinite", "burst-budget")]
    [InlineData("orchestrator.start-lead = []", "start-lead")]
    [InlineData("orchestrator.start-lead = \"\"", "start-lead")]
    [InlineData("orchestrator.progress-interval = 0ms", "progress-interval")]
    [InlineData("orchestrator.node-grace { a = 1 }", "node-grace")]
    [InlineData("orchestrator { reads-in-flight = 0", "reads-in-flight")]
    public void A_value_that_cannot_be_used_is_named_with_its_key(string hocon, string key)
    {
        LocalOrchestrator.ReadConfiguration(hocon, out var errors);
        Assert.StartsWith($"orchestrator.{key}: ", Assert.Single(errors));
    }

    [Theory]
    [InlineData("orchestrator = 5")]
    [InlineData("orchestrator = [1, 2]")]
    [InlineData("a = ${nothing.there}")]
    public void Text_that_cannot_be_read_is_one_error_and_no_exception(string hocon)
    {
        LocalOrchestrator.ReadConfiguration(hocon, out var errors);
        Assert.NotEmpty(Assert.Single(errors));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("# nothing but a comment")]
    [InlineData("akka.loglevel = DEBUG")]
    public void No_setting_at_all_is_no_error(string? hocon)
    {
        LocalOrchestrator.ReadConfiguration(hocon, out var errors);
        Assert.Empty(errors);
    }

    [Fact]
    public void Every_file_of_the_reference_is_part_of_the_assembly()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Orchestrator.sln"))) root = root.Parent ?? throw new InvalidOperationException("These tests run within the repository.");

        var files = Directory.GetFiles(Path.Combine(root.FullName, "hocon")).Select(file => $"hocon/{Path.GetFileName(file)}").Order();
        var assembly = typeof(ReferenceConfiguration).Assembly;
        Assert.Equal(files, assembly.GetManifestResourceNames().Where(name => name.StartsWith("hocon/", StringComparison.Ordinal)).Order());
        foreach (var name in files)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            Assert.False(ConfigurationFactory.ParseString(reader.ReadToEnd()).IsEmpty, name);
        }
    }

    [Fact]
    public void The_user_may_change_the_actors_and_not_where_the_journal_is()
    {
        var user = ConfigurationFactory.ParseString("akka.loglevel = DEBUG\nakka.persistence.journal.sql.connection-string = \"Data Source=elsewhere.db\"");
        var config = ReferenceConfiguration.Local(user, "/data/journal.db");

        Assert.Equal("DEBUG", config.GetString("akka.loglevel"));
        Assert.Equal("Data Source=/data/journal.db", config.GetString("akka.persistence.journal.sql.connection-string"));
        Assert.Equal("SQLite.MS", config.GetString("akka.persistence.journal.sql.provider-name"));
    }
}
