namespace Orchestrator.Actors.Configuration;

/// <summary>The <c>orchestrator.tls</c> block: where a node's certificate, its key, and the certificates of its authority are (PEM files).</summary>
public sealed record TlsSettings(string Certificate, string Key, string Ca)
{
    internal const string Path = "orchestrator.tls";

    /// <summary>Null when no file is named: no TLS. The files themselves are read by <see cref="Security.NodeIdentity.Load"/>.</summary>
    internal static TlsSettings? Read(SettingsBlock block)
    {
        var files = new TlsSettings(block.Text("certificate"), block.Text("key"), block.Text("ca"));
        (string Key, string File)[] named = [("certificate", files.Certificate), ("key", files.Key), ("ca", files.Ca)];
        if (named.All(one => one.File.Length == 0)) return null;
        foreach (var (key, _) in named.Where(one => one.File.Length == 0))
            block.Complain(key, "is empty, and other files of this block are named: name all three, or none to go without TLS");
        return files;
    }
}
