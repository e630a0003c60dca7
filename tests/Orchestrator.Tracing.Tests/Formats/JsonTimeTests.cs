using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Tests.Formats;

public sealed class JsonTimeTests
{
    // 100 days, where a double of microseconds still has steps of a nanosecond, and ten years, where it has none.
    private const long MostUptime = 3650L * 24 * 3600 * 1_000_000_000;

    [Property]
    public Property Whatever_is_written_is_read_back_to_the_nanosecond() => Prop.ForAll(
        Gen.Choose(int.MinValue, int.MaxValue).Two().Select(two => ((long)two.Item1 << 31 ^ two.Item2) % MostUptime).ToArbitrary(),
        nanos =>
        {
            Span<byte> text = stackalloc byte[JsonTime.MostBytes];
            var micros = JsonTime.TryReadMicros(text[..JsonTime.WriteMicros(nanos, text)], out var read) && read == nanos;
            return micros && JsonTime.TryReadSeconds(text[..JsonTime.WriteSeconds(nanos, text)], out read) && read == nanos;
        });

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.001")]
    [InlineData(-1, "-0.001")]
    [InlineData(1_500, "1.5")]
    [InlineData(8_640_000_000_000_001, "8640000000000.001")]
    [InlineData(120_000, "120")]
    public void Microseconds_are_written_with_no_digit_more_than_needed(long nanos, string expected)
    {
        Span<byte> text = stackalloc byte[JsonTime.MostBytes];
        Assert.Equal(expected, Encoding.ASCII.GetString(text[..JsonTime.WriteMicros(nanos, text)]));
    }

    [Theory]
    [InlineData("12", 12_000)]
    [InlineData("\"12\"", 12_000)]
    [InlineData("12.0005", 12_001)]
    [InlineData("12.00049", 12_000)]
    [InlineData("-0.5", -500)]
    [InlineData("1.2e3", 1_200_000)]
    [InlineData("5E-1", 500)]
    public void Every_way_to_write_a_number_is_read(string text, long nanos)
    {
        Assert.True(JsonTime.TryReadMicros(JsonTimeTests.Utf8(text), out var read));
        Assert.Equal(nanos, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("true")]
    [InlineData("\"\"")]
    [InlineData("1e300")]
    [InlineData("99999999999999999999999")]
    [InlineData("9223372036854775807")]
    public void What_is_no_instant_is_not_taken_for_one(string text) => Assert.False(JsonTime.TryReadMicros(Utf8(text), out _));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
