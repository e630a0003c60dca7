using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.Cdp.Traces;

namespace Orchestrator.Cdp.Tests.Traces;

/// <summary>System.Text.Json is the oracle.</summary>
public sealed class JsonStringDecoderTests
{
    /// <summary>Pieces that a JSON string is made of, in every form that JSON allows for them.</summary>
    private static readonly Gen<string> s_piece = Gen.OneOf(
        Gen.Elements("\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0022", "\\u005C", "\\u003c", "\\u003C", "\\u0000", "\\u001f", "\\u007f", "\\u0080", "\\u00fc", "\\u07ff", "\\u0800", "\\u20AC", "\\uFFFF", "\\uD83D\\uDE00", "\\udbff\\udfff", "\\uD800\\uDC00"),
        Gen.Elements("a", "/", "ü", "€", "😀", "'", " ", "{", "}", "u", "\u007f"),
        Gen.Choose(0, 70).Select(n => new string('x', n)),
        Gen.Choose(0, 20).Select(n => string.Concat(Enumerable.Repeat("\\\"ü", n))));

    private static readonly Gen<string[]> s_pieces = Gen.ArrayOf(s_piece);

    [Property(MaxTest = 2000)]
    public Property A_string_is_what_the_oracle_reads() => Prop.ForAll(s_pieces.ToArbitrary(), pieces =>
    {
        var json = $"\"{string.Concat(pieces)}\"";
        return Decode(json, "").Text == JsonSerializer.Deserialize<string>(json);
    });

    [Property(MaxTest = 2000)]
    public Property A_string_cut_anywhere_between_its_pieces_is_the_same_text() => Prop.ForAll(
        s_pieces.ToArbitrary(),
        Gen.ArrayOf(Gen.Choose(1, 5)).ToArbitrary(),
        (pieces, cuts) =>
        {
            // Halves of pairs are pieces of their own here: a cut may come between them.
            var halves = pieces.SelectMany(p => p.Length == 12 && p.StartsWith("\\u", StringComparison.Ordinal) ? [p[..6], p[6..]] : new[] { p }).ToArray();
            var decoder = default(JsonStringDecoder);
            var text = new List<byte>();
            for (var (at, turn) = (0, 0); at < halves.Length; turn++)
            {
                var count = cuts.Length == 0 ? 1 : cuts[turn % cuts.Length];
                text.AddRange(Decode(ref decoder, $"\"{string.Concat(halves.Skip(at).Take(count))}\""));
                if (turn % 3 == 0)
                    text.AddRange(Decode(ref decoder, "\"\"")); // an empty part changes nothing
                at += count;
            }

            text.AddRange(Finish(ref decoder));
            return Encoding.UTF8.GetString([.. text]) == JsonSerializer.Deserialize<string>($"\"{string.Concat(pieces)}\"");
        });

    [Property(MaxTest = 2000)]
    public Property What_stands_behind_the_closing_quote_does_not_matter() => Prop.ForAll(s_pieces.ToArbitrary(), s_pieces.ToArbitrary(), (pieces, behind) =>
    {
        var json = $"\"{string.Concat(pieces)}\"";
        var (text, read) = Decode(json, string.Concat(behind) + "\"");
        return text == JsonSerializer.Deserialize<string>(json) && read == Encoding.UTF8.GetByteCount(json) - 1;
    });

    [Property(MaxTest = 2000)]
    public Property What_the_oracle_refuses_is_refused(string broken, byte lead)
    {
        // Arbitrary text between quotes, moved about so that it falls at each place within a block.
        var json = $"\"{new string('x', lead % 70)}{broken?.Replace("\"", "\\", StringComparison.Ordinal)}\"";
        return Check().ToProperty();

        bool Check()
        {
            if (!IsWellFormed(json))
                return true; // a lone surrogate of .NET, which is no UTF-8
            string? expected;
            try
            {
                expected = JsonSerializer.Deserialize<string>(json);
            }
            catch (JsonException)
            {
                expected = null;
            }

            return Decode(json, "").Text == expected;
        }
    }

    [Theory]
    [InlineData("\\")]
    [InlineData("\\x")]
    [InlineData("\\u")]
    [InlineData("\\u12")]
    [InlineData("\\u12g4")]
    [InlineData("\\u 123")]
    [InlineData("\\U0041")]
    [InlineData("\n")]
    [InlineData("\0")]
    [InlineData("\u001f")]
    public void What_is_no_string_is_refused_wherever_it_stands(string bad)
    {
        for (var lead = 0; lead < 70; lead++)
        {
            foreach (var trail in new[] { "", "y", new string('y', 100) })
                Assert.Null(Decode($"\"{new string('x', lead)}{bad}{trail}\"", "").Text);
        }
    }

    [Fact]
    public void A_string_that_does_not_end_is_refused()
    {
        for (var length = 0; length < 100; length++)
        {
            var decoder = default(JsonStringDecoder);
            var source = Encoding.UTF8.GetBytes(new string('x', length));
            Assert.Equal(-1, decoder.Decode(source, new byte[JsonStringDecoder.MaxDecodedBytes(length)], out var written));
            Assert.Equal(0, written);
        }
    }

    [Theory]
    [InlineData(@"\uD83D", "\uFFFD")]
    [InlineData(@"\uDE00", "\uFFFD")]
    [InlineData(@"\uDE00\uD83D", "\uFFFD\uFFFD")]
    [InlineData(@"\uD83Dx", "\uFFFDx")]
    [InlineData(@"\uD83D\n", "\uFFFD\n")]
    [InlineData(@"\uD83D\u0041", "\uFFFDA")]
    [InlineData(@"\uD83D\uD83D\uDE00", "\uFFFD😀")]
    public void Half_a_pair_that_stays_alone_is_a_replacement_character(string inside, string expected)
    {
        for (var lead = 0; lead < 40; lead++)
        {
            var before = new string('x', lead);
            Assert.Equal(before + expected, Decode($"\"{before}{inside}\"", "").Text);
            Assert.Equal(before + expected, Decode($"\"{before}{inside}\"", new string(' ', 100)).Text);
        }
    }

    [Theory]
    [InlineData(new[] { @"a\uD83D", @"\uDE00b" }, "a😀b")]
    [InlineData(new[] { @"a\uD83D", "", @"\uDE00b" }, "a😀b")]
    [InlineData(new[] { @"a\uD83D", "b" }, "a\uFFFDb")]
    [InlineData(new[] { @"a\uD83D", @"\u0041" }, "a\uFFFDA")]
    [InlineData(new[] { @"\uD83D", @"\uD83D", @"\uDE00" }, "\uFFFD😀")]
    [InlineData(new[] { @"\uD83D" }, "\uFFFD")]
    public void A_pair_split_between_two_strings_is_put_together(string[] strings, string expected)
    {
        var decoder = default(JsonStringDecoder);
        var bytes = strings.SelectMany(s => Decode(ref decoder, $"\"{s}\"")).ToList();
        bytes.AddRange(Finish(ref decoder));
        Assert.Equal(expected, Encoding.UTF8.GetString([.. bytes]));
    }

    [Fact]
    public void Bytes_that_stand_in_a_string_as_they_are_may_be_split_within_a_character()
    {
        var text = Encoding.UTF8.GetBytes("a€😀");
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var decoder = default(JsonStringDecoder);
            byte[] first = [.. text[..cut], (byte)'"'];
            byte[] second = [.. text[cut..], (byte)'"'];
            var output = new byte[100];
            decoder.Decode(first, output, out var one);
            decoder.Decode(second, output.AsSpan(one), out var two);
            Assert.Equal(text, output[..(one + two)]);
        }
    }

    [Fact]
    public void A_destination_that_is_too_small_is_an_error_of_the_caller()
    {
        var decoder = default(JsonStringDecoder);
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Decode("abc\""u8, new byte[JsonStringDecoder.MaxDecodedBytes(4) - 1], out _));
    }

    private static bool IsWellFormed(string text)
    {
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    /// <param name="json">With its quotes.</param>
    private static (string? Text, int Read) Decode(string json, string behind)
    {
        var decoder = default(JsonStringDecoder);
        var source = Encoding.UTF8.GetBytes(json + behind).AsSpan(1);
        var destination = new byte[JsonStringDecoder.MaxDecodedBytes(source.Length)];
        var read = decoder.Decode(source, destination, out var written);
        var tail = new byte[3];
        var left = decoder.Finish(tail);
        return (read < 0 ? null : Encoding.UTF8.GetString(destination.AsSpan(0, written)) + Encoding.UTF8.GetString(tail.AsSpan(0, left)), read);
    }

    private static byte[] Decode(ref JsonStringDecoder decoder, string json)
    {
        var source = Encoding.UTF8.GetBytes(json).AsSpan(1);
        var destination = new byte[JsonStringDecoder.MaxDecodedBytes(source.Length)];
        Assert.Equal(source.Length, decoder.Decode(source, destination, out var written));
        return destination[..written];
    }

    private static byte[] Finish(ref JsonStringDecoder decoder)
    {
        var tail = new byte[3];
        return tail[..decoder.Finish(tail)];
    }
}
