using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Formats;

public sealed class ProtoWallClockTests
{
    private static readonly ProtoRecording Recording = ProtoRecording.OfBrowser(12_000_000, 12_010_000, 1_500);

    [Fact]
    public void Of_a_block_that_ends_anywhere_the_whole_packets_are_taken()
    {
        var trace = Recording.Bytes;
        for (var length = 0; length <= trace.Length; length++)
        {
            var whole = 0;
            foreach (var packet in Recording.Packets.TakeWhile(packet => whole + packet.Length <= length)) whole += packet.Length;
            Assert.True(ProtoWallClock.TryBlankAll(trace.AsSpan(0, length).ToArray(), out var taken));
            Assert.Equal(whole, taken);
        }
    }

    [Theory]
    [InlineData(50)]
    [InlineData(133)]
    public void What_has_to_be_unpacked_is_left_to_others(int compressed) =>
        Assert.False(ProtoWallClock.TryBlankAll(Proto.Message((1, Proto.Message((8, 1))), (1, Proto.Message((compressed, "x")))), out _));

    [Theory]
    [InlineData("78 01")]
    [InlineData("0a 02 0a 05")]
    [InlineData("0a 01 08")]
    [InlineData("0a 02 0b 0c")]
    [InlineData("0a ff ff ff ff 0f")]
    [InlineData("0a ff ff ff ff ff ff ff ff ff ff 01")]
    public void Bytes_that_are_no_packets_are_left_to_others(string hex) =>
        Assert.False(ProtoWallClock.TryBlankAll(Convert.FromHexString(hex.Replace(" ", "")), out _));

    [Fact]
    public void A_reading_whose_tag_is_longer_than_it_has_to_be_is_blanked_too()
    {
        // clocks { clock_id: 1 timestamp: 5 }, its tag in two bytes.
        byte[] trace = Proto.Message((1, Proto.Message((6, new byte[] { 0x8a, 0x00, 4, 8, 1, 16, 5 }))));
        Assert.True(ProtoWallClock.TryBlankAll(trace, out _));
        Assert.Equal([0xfa, 0x00, 4, 8, 1, 16, 5], trace[^7..]);
    }
}
