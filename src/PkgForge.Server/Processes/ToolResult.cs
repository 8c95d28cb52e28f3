namespace PkgForge.Server.Processes;

/// <summary>Why a tool is no longer running.</summary>
public enum ToolEnd
{
    /// <summary>It ended by itself; the exit code says more.</summary>
    Exited,

    /// <summary>It ran longer than <see cref="ToolLimits.Time"/>, and was killed.</summary>
    TimedOut,

    /// <summary>It printed nothing for <see cref="ToolLimits.Silence"/>, and was killed.</summary>
    Silent,

    /// <summary>It printed more than the log may hold, and was killed.</summary>
    TooMuchOutput,
}

/// <summary>How a tool ended.</summary>
/// <param name="End">By itself, or killed for what.</param>
/// <param name="ExitCode">Its exit code; 128 + the signal's number when a signal ended it.</param>
public sealed record ToolResult(ToolEnd End, int ExitCode)
{
    /// <summary>It ended by itself with exit code 0.</summary>
    public bool Succeeded => End == ToolEnd.Exited && ExitCode == 0;
}

/// <summary>How long a tool may run, and how long it may say nothing.</summary>
public sealed record ToolLimits(TimeSpan Time, TimeSpan Silence)
{
    /// <summary>For the farm's own tools, which are quick: 30 minutes, and as long in silence.</summary>
    public static ToolLimits ForTools { get; } = new(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(30));
}
