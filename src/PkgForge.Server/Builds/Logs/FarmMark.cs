namespace PkgForge.Server.Builds.Logs;

/// <summary>
/// Finds where what a build prints begins a line like one of the farm's, also where the line comes in pieces. A carriage return begins a line,
/// too: on a terminal it does.
/// </summary>
internal sealed class FarmMark
{
    private const int NoneBegun = -1;

    /// <summary>So much of <see cref="LogLine.Mark"/> is all that the line has so far; or it has begun otherwise.</summary>
    private int begun;

    /// <summary>The next bytes begin a line.</summary>
    public void StartLine() => begun = 0;

    /// <summary>The index of the last byte of the first mark that ends in these bytes; -1, and they are taken note of, when none does.</summary>
    public int EndIn(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; )
        {
            if (begun == NoneBegun)
            {
                var end = bytes[i..].IndexOfAny((byte)'\n', (byte)'\r');
                if (end < 0)
                    return -1;
                i += end + 1;
                begun = 0;
            }
            else if (bytes[i] != LogLine.Mark[begun])
                begun = NoneBegun;
            else if (++begun < LogLine.Mark.Length)
                i++;
            else
            {
                begun = NoneBegun;
                return i;
            }
        }
        return -1;
    }
}
