using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Tracing.Sessions;

/// <summary>
/// The state of a session, from its journal alone: <see cref="Apply"/> is the only way it changes, and reads no clock.
/// What may happen next is decided in <see cref="SessionDecisions"/>.
/// </summary>
public sealed record TraceSession
{
    private ImmutableDictionary<string, int> _places = ImmutableDictionary<string, int>.Empty;

    private TraceSession() { }

    public required SessionPlan Plan { get; init; }
    public required Timeline Timeline { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>In the order of the plan.</summary>
    public required ImmutableList<SessionBrowser> Browsers { get; init; }

    /// <summary>The latest term of a coordinator that ran it; null where there is no cluster.</summary>
    public long? Epoch { get; init; }

    /// <summary>The node on which the session's folder is.</summary>
    public required string FolderNode { get; init; }

    /// <summary>True: somebody asked for the window to end early.</summary>
    public bool IsEndRequested { get; init; }

    /// <summary>Set when the session was given up; the first time counts.</summary>
    public SessionEvent.GivenUp? GivenUp { get; init; }

    public ImmutableList<string> Notes { get; init; } = [];

    public SessionEvent.WindowOpened? WindowOpened { get; init; }
    public SessionEvent.WindowClosed? WindowClosed { get; init; }
    public ImmutableList<SessionEvent.MarkerPlaced> Markers { get; init; } = [];

    /// <summary>How each browser's clock lay to the time line, by browser; empty before that is known.</summary>
    public IReadOnlyDictionary<string, ClockFacts> Clocks { get; init; } = ImmutableDictionary<string, ClockFacts>.Empty;

    /// <summary>How each node's clock lay to the time line, by node; empty before that is known.</summary>
    public IReadOnlyDictionary<string, ClockFacts> NodeClocks { get; init; } = ImmutableDictionary<string, ClockFacts>.Empty;

    /// <summary>What was made of the traces; null before that, and where nothing was to be made.</summary>
    public SessionEvent.TracesMerged? Merged { get; init; }

    /// <summary>Null while the session is open.</summary>
    public SessionEvent.Ended? End { get; init; }

    public bool IsOpen => End is null;

    /// <summary>The browsers that have no outcome yet.</summary>
    public IEnumerable<SessionBrowser> Outstanding => Browsers.Where(browser => browser.Report is null);

    /// <summary>The browser of this name; null when the plan has none.</summary>
    public SessionBrowser? Find(string name) => _places.TryGetValue(name, out var place) ? Browsers[place] : null;

    /// <summary>The state after <paramref name="happened"/>; null before a session's first event.</summary>
    /// <exception cref="InvalidOperationException">The journal is no session: its first event is not <c>Opened</c>, or an event names a browser that the plan does not have.</exception>
    public static TraceSession Apply(TraceSession? session, SessionEvent happened)
    {
        if (happened is SessionEvent.Opened opened)
        {
            return new TraceSession
            {
                Plan = opened.Plan,
                Timeline = opened.Timeline,
                OpenedAt = opened.At,
                Epoch = opened.Epoch,
                FolderNode = opened.Timeline.Node,
                Browsers = [.. opened.Plan.Targets.Select(target => new SessionBrowser(target, Ready: null, Report: null))],
                _places = opened.Plan.Targets.Index().ToImmutableDictionary(target => target.Item.Name, target => target.Index, StringComparer.Ordinal),
            };
        }

        if (session is null) throw new InvalidOperationException($"A session begins with Opened, not with {happened.GetType().Name}.");
        return happened switch
        {
            SessionEvent.BrowserReady ready => session.With(ready.Browser, browser => browser with { Ready = ready }),
            SessionEvent.BrowserEnded ended => session.With(ended.Report.Browser, browser => browser with { Report = browser.Report ?? ended.Report }),
            SessionEvent.TakenOver taken => session with
            {
                Epoch = taken.Epoch,
                FolderNode = taken.Node,
                Plan = session.Plan with { OutputFolder = taken.Folder },
                Notes = session.Notes.Add($"The coordinator on {taken.Node} went on with it from {taken.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC (epoch {taken.Epoch.ToString(CultureInfo.InvariantCulture)})."),
            },
            SessionEvent.EndRequested => session with { IsEndRequested = true },
            SessionEvent.GivenUp givenUp => session with { GivenUp = session.GivenUp ?? givenUp },
            SessionEvent.Noted noted => session with { Notes = session.Notes.Add(noted.Text) },
            SessionEvent.WindowOpened window => session with { WindowOpened = window },
            SessionEvent.MarkerPlaced marker => session with { Markers = session.Markers.Add(marker) },
            SessionEvent.WindowClosed window => session with { WindowClosed = window },
            SessionEvent.ClocksAligned aligned => session with { Clocks = aligned.Clocks, NodeClocks = aligned.Nodes ?? session.NodeClocks },
            SessionEvent.TracesMerged merged => session with { Merged = merged },
            SessionEvent.Ended end => session with { End = session.End ?? end },
            _ => throw new InvalidOperationException($"A session knows no {happened.GetType().Name}."),
        };
    }

    private TraceSession With(string name, Func<SessionBrowser, SessionBrowser> change)
    {
        if (!_places.TryGetValue(name, out var place)) throw new InvalidOperationException($"Session {Plan.SessionId} has no browser '{name}'.");
        return this with { Browsers = Browsers.SetItem(place, change(Browsers[place])) };
    }
}

/// <param name="Ready">What it is; null until it is connected.</param>
/// <param name="Report">How it ended; null until it has.</param>
public sealed record SessionBrowser(BrowserTarget Target, SessionEvent.BrowserReady? Ready, BrowserReport? Report);
