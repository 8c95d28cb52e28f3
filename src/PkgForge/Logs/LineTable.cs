using System.Runtime.InteropServices;

namespace PkgForge.Logs;

/// <summary>A stage of a build, as the farm's own line in the log announces it.</summary>
/// <param name="Line">The number of that line, from 1.</param>
/// <param name="Text">What it says, without the mark and the time.</param>
public sealed record LogStage(long Line, string Text);

/// <summary>A place in a log where a line begins.</summary>
/// <param name="Offset">Of the line's first byte.</param>
/// <param name="Line">The line's number, from 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LineMark(long Offset, long Line);

/// <summary>Where the lines of a log are, as far as it was read.</summary>
/// <param name="Bytes">How far.</param>
/// <param name="Whole">Lines that have ended.</param>
/// <param name="End">Where the last of them ends.</param>
/// <param name="Marks">Places of lines, in their order; the first is that of line 1.</param>
/// <param name="Stages">The farm's own lines.</param>
public sealed record LineTable(
    long Bytes,
    long Whole,
    long End,
    IReadOnlyList<LineMark> Marks,
    IReadOnlyList<LogStage> Stages
);
