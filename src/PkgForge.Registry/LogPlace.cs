namespace PkgForge.Registry;

/// <summary>The place of a line in the log of an attempt.</summary>
/// <param name="Offset">Bytes before the line; at least 0.</param>
/// <param name="Line">Its number, counted from 1.</param>
public sealed record LogPlace(long Offset, long Line)
{
    /// <summary>The place, if two numbers are one.</summary>
    public static LogPlace? Of(long? offset, long? line) =>
        offset is >= 0 and var bytes && line is >= 1 and var number ? new(bytes, number) : null;
}
