using System.Runtime.CompilerServices;

namespace Orchestrator.Tracing.Formats;

/// <summary>The bytes of one block of 64 that give JSON its shape, a bit each; all but the quotes outside of strings.</summary>
/// <param name="Rest">Outside of strings, and none of the others: numbers and literals, and blanks other than line feeds.</param>
internal readonly record struct JsonShape(ulong OpeningQuotes, ulong ClosingQuotes, ulong OpeningBrackets, ulong ClosingBrackets, ulong Colons, ulong Commas, ulong LineFeeds, ulong Rest);

/// <summary>
/// Checks, for 64 bytes in one go, that each may stand behind the one before it in JSON without blanks, as Chromium writes it. A line feed
/// may stand between a comma and an opening bracket, where Chromium parts its events. What is left to be checked after that is little
/// (<see cref="JsonCompactEvent"/>).
/// </summary>
internal struct JsonNeighbours
{
    // Of the block before; the first byte of all may be anything.
    private ulong _begun, _ended, _opened, _rest, _broken, _closedString;

    public static JsonNeighbours None => new() { _begun = ulong.MaxValue, _ended = ulong.MaxValue };

    /// <summary>The bits of the bytes that do not belong there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Misplaced(in JsonShape shape)
    {
        var begun = shape.OpeningBrackets | shape.Colons | shape.Commas;
        var ended = shape.ClosingQuotes | shape.Rest | shape.ClosingBrackets;
        var broken = shape.Commas | shape.LineFeeds;
        var behindBegin = Behind(begun, _begun);
        var behindEnd = Behind(ended, _ended);
        var behindBreak = Behind(broken, _broken);
        var misplaced = (shape.OpeningQuotes & ~behindBegin)
            | (shape.Rest & ~(behindBegin | Behind(shape.Rest, _rest)))
            | (shape.OpeningBrackets & ~(behindBegin | behindBreak))
            | (shape.ClosingBrackets & ~(behindEnd | Behind(shape.OpeningBrackets, _opened)))
            | (shape.Colons & ~Behind(shape.ClosingQuotes, _closedString))
            | (shape.Commas & ~behindEnd)
            | (shape.LineFeeds & ~behindBreak);
        (_begun, _ended, _opened, _rest, _broken, _closedString) = (begun, ended, shape.OpeningBrackets, shape.Rest, broken, shape.ClosingQuotes);
        return misplaced;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Behind(ulong bits, ulong before) => bits << 1 | before >> 63;
}
