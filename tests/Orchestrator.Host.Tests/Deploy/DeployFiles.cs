using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Host.Tests.Deploy;

/// <summary>The files of deploy/ and what the documents quote, read as far as the tests need it: no engine that would run them is at hand.</summary>
internal static partial class DeployFiles
{
    public const string Compose = "deploy/compose.yaml";
    public const string Dockerfile = "deploy/Dockerfile";
    public const string LocalCluster = "deploy/local-cluster.sh";
    public const string StatefulSet = "deploy/kubernetes/nodes.yaml";
    public const string Unit = "deploy/systemd/orchestrator-node.service";
    public const string UnitEnvironment = "deploy/systemd/node.env";

    /// <summary>The settings that a deployment gives its nodes, and where that deployment says how long a stop may take.</summary>
    public static readonly (string Settings, string Deployment)[] Settings =
    [
        ("deploy/compose.conf", Compose),
        ("deploy/kubernetes/node.conf", StatefulSet),
        ("deploy/systemd/node.conf", Unit),
    ];

    public static string Folder { get; } = FindFolder();

    public static string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    /// <summary>Every file of deploy/ that is part of the repository, by its path in it.</summary>
    public static IEnumerable<string> All() => Directory.GetFiles(Path.Combine(Folder, "deploy"), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Folder, file))
        .Where(file => !file.StartsWith("deploy/secrets", StringComparison.Ordinal) && !file.StartsWith("deploy/.", StringComparison.Ordinal));

    /// <summary>Every command line that runs a node, with the file it is in; what the file's own language fills in is filled in.</summary>
    public static IReadOnlyList<(string File, string[] Arguments)> NodeCommands() =>
    [
        .. Dockerfiles(), .. Sequences(Compose), .. Sequences(StatefulSet), .. Units(), .. Scripts(),
        .. Quoted("README.md"), .. Directory.GetFiles(Path.Combine(Folder, "docs"), "*.md").SelectMany(file => Quoted(Path.GetRelativePath(Folder, file))),
    ];

    /// <summary>What follows an option in a command line, once for each time that it is there.</summary>
    public static IReadOnlyList<string> Values(string[] arguments, string option) =>
    [
        .. arguments.Where(argument => argument.StartsWith(option + "=", StringComparison.Ordinal)).Select(argument => argument[(option.Length + 1)..]),
        .. arguments.Index().Where(argument => argument.Item == option && argument.Index + 1 < arguments.Length).Select(argument => arguments[argument.Index + 1]),
    ];

    private static IEnumerable<(string, string[])> Dockerfiles() =>
        from Match command in ExecForm().Matches(Read(Dockerfile)) select (Dockerfile, JsonSerializer.Deserialize<string[]>(command.Groups[1].Value)!);

    private static IEnumerable<(string, string[])> Sequences(string file) =>
        from Match sequence in YamlSequence().Matches(Read(file))
        select (file, ListItem().Matches(sequence.Value).Select(item => item.Groups[1].Value.Replace("$(POD_NAME)", "orchestrator-0", StringComparison.Ordinal)).ToArray());

    private static IEnumerable<(string, string[])> Units()
    {
        var environment = Read(UnitEnvironment).Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        environment["STATE_DIRECTORY"] = "/var/lib/orchestrator";
        environment["CREDENTIALS_DIRECTORY"] = "/run/credentials/orchestrator-node.service";
        foreach (Match command in ExecStart().Matches(Read(Unit)))
            yield return (Unit, Variable().Replace(command.Groups[1].Value, name => environment[name.Groups[1].Value]).Split(' '));
    }

    /// <summary>The script puts its command together; each part is one here.</summary>
    private static IEnumerable<(string, string[])> Scripts() =>
        from Match part in ScriptPart().Matches(Read(LocalCluster))
        select (LocalCluster, ShellWord().Matches(part.Groups[1].Value).Select(word => Variable().Replace(word.Value.Trim('"'), "1")).Where(word => !word.Contains("[@]", StringComparison.Ordinal)).Prepend("node").ToArray());

    private static IEnumerable<(string, string[])> Quoted(string file) =>
        from Match command in QuotedCommand().Matches(Read(file).Replace("\\\n", " ", StringComparison.Ordinal))
        select (file, command.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string FindFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("""^CMD (\["node".*\])$""", RegexOptions.Multiline)]
    private static partial Regex ExecForm();

    [GeneratedRegex(@"^ *- node\n(?: *- --.*\n)+", RegexOptions.Multiline)]
    private static partial Regex YamlSequence();

    [GeneratedRegex(@"^ *- (.*)$", RegexOptions.Multiline)]
    private static partial Regex ListItem();

    [GeneratedRegex(@"^ExecStart=\S+/orchestrator (node .*)$", RegexOptions.Multiline)]
    private static partial Regex ExecStart();

    [GeneratedRegex(@"\$\{?([A-Za-z_]\w*|\d)(?:\[[^]]*\])?\}?")]
    private static partial Regex Variable();

    [GeneratedRegex("""(?:"\$orchestrator" node|(?:seeds\+?|storage|role)=\()( ?--(?:[^\n)]|\\\n)*)""")]
    private static partial Regex ScriptPart();

    [GeneratedRegex("""(?:"[^"]*"|[^\s"\\])+""")]
    private static partial Regex ShellWord();

    [GeneratedRegex(@"^ *orchestrator (node(?: [^#\n]*)?)", RegexOptions.Multiline)]
    private static partial Regex QuotedCommand();
}
