using System.Globalization;
using System.Security.Cryptography;

namespace Orchestrator.Actors.Artifacts;

/// <summary>A file that is written and hashed as it comes, up to the length that was announced.</summary>
internal sealed class ArrivingFile(FileStream file, long announced, Action<long>? progress) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Announced => announced;
    public long Received { get; private set; }
    public bool IsWhole => Received == announced;

    /// <exception cref="DownloadFailedException">These are more bytes than were announced.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (Received + bytes.Length > announced)
            throw new DownloadFailedException(string.Create(CultureInfo.InvariantCulture, $"more comes than the {announced} bytes that were announced"));
        file.Write(bytes);
        _hash.AppendData(bytes);
        Received += bytes.Length;
        progress?.Invoke(Received);
    }

    public void BeginAnew()
    {
        if (Received == 0) return;
        file.SetLength(0);
        file.Position = 0;
        _hash.GetHashAndReset();
        Received = 0;
        progress?.Invoke(0);
    }

    /// <summary>Of what has come, lower-case hex; to be asked for once.</summary>
    public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}
