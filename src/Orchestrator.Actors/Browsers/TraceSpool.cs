using System.Security.Cryptography;
using Orchestrator.Cdp.Traces;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Browsers;

/// <summary>
/// One browser's trace on its way to disk: hashed while it is written, beside its final name until it is whole.
/// </summary>
public sealed class TraceSpool : ITraceSink, IAsyncDisposable
{
    /// <summary>The end of a file's name while it grows.</summary>
    public const string GrowingSuffix = WholeFile.GrowingSuffix;

    /// <summary>The end of a file's name when its trace was cut off.</summary>
    public const string PartialSuffix = WholeFile.PartialSuffix;

    private readonly string _folder;
    private readonly string _name;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Action<long>? _progress;
    private FileStream? _file;
    private string? _sha256;
    private bool _isNamed;
    private long _bytes;

    /// <param name="sessionFolder">The session's folder; the trace goes to its <c>browsers</c> folder, which must exist.</param>
    /// <param name="fileName">The final name.</param>
    /// <param name="progress">Told the bytes on disk so far, after each write.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public TraceSpool(string sessionFolder, string fileName, Action<long>? progress = null)
    {
        _progress = progress;
        _folder = Path.Combine(sessionFolder, RecordedSessions.BrowsersFolder);
        _name = fileName;
        // Made now, so that a folder which takes no files is found out before anything is sent, and opened when bytes come:
        // while thousands of browsers record, none of them keeps a file open that is empty.
        Open(FileMode.CreateNew).Dispose();
    }

    /// <summary>On disk so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    private string Growing => Path.Combine(_folder, _name + GrowingSuffix);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await _writing.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(_isNamed || _sha256 is not null, this);
            var file = _file ??= Open(FileMode.Open);
            // As good as WriteAsync, which on Linux does the same on another thread; whoever writes is on no actor's.
            file.Write(bytes.Span);
            _hash.AppendData(bytes.Span);
            var written = Interlocked.Add(ref _bytes, bytes.Length);
            _progress?.Invoke(written);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The trace is whole: synced to disk, then given its final name.</summary>
    public Task<TraceFile> CompleteAsync() => CloseAsync(_name, isWhole: true);

    /// <summary>The trace was cut off: what came is kept under a name that says so; null when nothing came.</summary>
    public async Task<TraceFile?> KeepPartialAsync()
    {
        if (Bytes > 0) return await CloseAsync(_name + PartialSuffix, isWhole: false);
        await DisposeAsync();
        return null;
    }

    /// <summary>Drops what was written and not closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        try
        {
            if (_isNamed) return;
            _isNamed = true;
            if (_file is not null) await _file.DisposeAsync();
            _file = null;
            File.Delete(Growing);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task<TraceFile> CloseAsync(string finalName, bool isWhole)
    {
        await _writing.WaitAsync();
        try
        {
            ObjectDisposedException.ThrowIf(_isNamed, this);
            if (_sha256 is null)
            {
                var file = _file ??= Open(FileMode.Open);
                // A write that failed half way left bytes that were never counted or hashed.
                if (file.Length != _bytes) file.SetLength(_bytes);
                file.Flush(flushToDisk: true);
                await file.DisposeAsync();
                _file = null;
                _sha256 = Convert.ToHexStringLower(_hash.GetHashAndReset());
            }

            // Who could not get one name may still get another.
            File.Move(Growing, Path.Combine(_folder, finalName), overwrite: true);
            _isNamed = true;
            return new TraceFile($"{RecordedSessions.BrowsersFolder}/{finalName}", _bytes, _sha256!, isWhole);
        }
        finally
        {
            _writing.Release();
        }
    }

    // Writes come in pieces of a mebibyte or are gathered by the collector: a second buffer would only copy them.
    private FileStream Open(FileMode mode) =>
        new(Growing, new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 });
}
