using System.CommandLine;
using System.Text;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Remote;
using Orchestrator.Host.Views;

namespace Orchestrator.Host.Verbs;

/// <summary><c>sessions list | show ID | events ID</c>: the history, from the journal.</summary>
internal sealed class SessionsVerb : Command, IHelpTopic
{
    public SessionsVerb(CommonOptions common) : base("sessions", "Shows the history of sessions, from the journal.")
    {
        Add(new List(common));
        Add(new Show(common));
        Add(new Events(common));
    }

    public IReadOnlyList<OptionGroup> Groups => [];
    public IReadOnlyList<string> Notes => [];

    public IReadOnlyList<Example> Examples =>
    [
        new("orchestrator sessions list", "Every session, oldest first."),
        new("orchestrator sessions show 20261123-1245", "One session, by its id or how that begins."),
        new("orchestrator sessions list --server http://127.0.0.1:8080", "The sessions of a cluster, asked of one of its nodes."),
    ];

    private sealed class List(CommonOptions common) : JournalVerb("list", "Lists every session, oldest first.", common)
    {
        public override IReadOnlyList<Example> Examples => [new("orchestrator sessions list --json", "The list as a JSON array.")];

        protected override async Task<int> ShowAsync(ParseResult line, ISessionHistory? journal, Surroundings surroundings, bool json)
        {
            var sessions = journal is null ? [] : await journal.ListAsync(CancellationToken.None);
            if (json) await surroundings.Out.WriteLineAsync(History.Json(sessions));
            else if (sessions.Count == 0) await surroundings.Out.WriteLineAsync("no sessions yet; 'orchestrator record' makes one");
            else History.WriteTable(sessions, surroundings.Time, surroundings.OutConsole());
            return ExitCode.Complete;
        }
    }

    private sealed class Show(CommonOptions common) : OneSessionVerb("show", "Tells all that is known of one session.", common)
    {
        public override IReadOnlyList<Example> Examples => [new("orchestrator sessions show 20261123-124501-x7k2", "What became of each browser, with files and hashes.")];

        protected override async Task ShowAsync(string sessionId, ISessionHistory journal, Surroundings surroundings, bool json)
        {
            var document = await journal.ReadAsync(sessionId, CancellationToken.None)
                ?? throw new InvalidDataException($"The journal lists session {sessionId} and has no events of it.");
            if (json) await surroundings.Out.WriteLineAsync(Encoding.UTF8.GetString(document.ToUtf8()));
            else SessionReport.WriteStory(document, surroundings.Time, surroundings.OutConsole());
        }
    }

    private sealed class Events(CommonOptions common) : OneSessionVerb("events", "Prints one session's events as the journal has them, one a line.", common)
    {
        public override IReadOnlyList<Example> Examples => [new("orchestrator sessions events 20261123-124501-x7k2", "Number, instant, name and body of each event.")];

        protected override async Task ShowAsync(string sessionId, ISessionHistory journal, Surroundings surroundings, bool json)
        {
            var entries = await journal.ReadEventsAsync(sessionId, CancellationToken.None);
            if (json) await surroundings.Out.WriteLineAsync(History.Json(entries));
            else foreach (var entry in entries) await surroundings.Out.WriteLineAsync(History.Line(entry));
        }
    }

    /// <summary>Opens the journal, if there is one, or asks a cluster for its own.</summary>
    private abstract class JournalVerb : Verb
    {
        private readonly CommonOptions _common;
        private readonly ServerOptions _server = new();

        protected JournalVerb(string name, string description, CommonOptions common) : base(name, description)
        {
            _common = common;
            AddOptions(_server.Group);
        }

        public sealed override async Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings)
        {
            var configuration = _common.ReadConfiguration(line, errors, surroundings);
            var json = line.GetValue(_common.Json);
            var server = _server.Read(line, _common, errors, surroundings.Machine, out var isRemote);
            if (isRemote) return errors.Any || server is null ? ExitCode.Usage : await AskAsync(line, server, surroundings, json);
            var folder = _common.DataFolder(line, errors, surroundings.Machine);
            if (folder is not null && surroundings.Machine.Look(folder) is FileKind.File or FileKind.Executable) errors.Add("--data", folder, "is a file; name a folder");
            if (errors.Any) return ExitCode.Usage;

            // To look at nothing makes no folder and no journal.
            if (surroundings.Machine.Look(folder!) is FileKind.Missing or FileKind.EmptyFolder) return await ShowAsync(line, null, surroundings, json);
            await using var journal = await surroundings.OpenSessions(folder!, configuration!, CancellationToken.None);
            Recovered.Tell(journal, surroundings.Error.WriteLine);
            return await ShowAsync(line, journal, surroundings, json);
        }

        private async Task<int> AskAsync(ParseResult line, ServerAddress server, Surroundings surroundings, bool json)
        {
            await using var client = new ClusterClient(server, surroundings.Time);
            return await Asking.AnswerAsync(() => ShowAsync(line, client, surroundings, json), surroundings);
        }

        /// <param name="journal">Null when nothing was recorded here yet.</param>
        protected abstract Task<int> ShowAsync(ParseResult line, ISessionHistory? journal, Surroundings surroundings, bool json);
    }

    /// <summary>Shows one session, named by its id or by how that begins.</summary>
    private abstract class OneSessionVerb : JournalVerb
    {
        private readonly Argument<string> _id = new("id") { HelpName = "ID", Description = "The session's id, or how it begins where no other does" };

        protected OneSessionVerb(string name, string description, CommonOptions common) : base(name, description, common) => Add(_id);

        protected abstract Task ShowAsync(string sessionId, ISessionHistory journal, Surroundings surroundings, bool json);

        protected sealed override async Task<int> ShowAsync(ParseResult line, ISessionHistory? journal, Surroundings surroundings, bool json)
        {
            var wanted = line.GetRequiredValue(_id);
            var found = journal is null || wanted.Length == 0 ? [] : await journal.FindAsync(wanted, CancellationToken.None);
            switch (found)
            {
                case []:
                    await surroundings.Error.WriteLineAsync($"error: there is no session {UsageErrors.Shown(wanted)}; 'orchestrator sessions list' shows those that there are");
                    return ExitCode.Failed;
                case [var session]:
                    await ShowAsync(session.SessionId, journal!, surroundings, json);
                    return ExitCode.Complete;
                default:
                    await surroundings.Error.WriteLineAsync($"error: {UsageErrors.Shown(wanted)} begins the ids of {found.Count} sessions: {string.Join(", ", found.Select(session => session.SessionId))}");
                    return ExitCode.Failed;
            }
        }
    }
}
