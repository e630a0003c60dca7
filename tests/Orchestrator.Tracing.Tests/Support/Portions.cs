namespace Orchestrator.Tracing.Tests.Support;

/// <summary>A stream that delivers no more than so many bytes at a time.</summary>
internal sealed class Portions(byte[] bytes, int most) : MemoryStream(bytes, writable: false)
{
    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(most, buffer.Length)]);
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(most, count));
}
