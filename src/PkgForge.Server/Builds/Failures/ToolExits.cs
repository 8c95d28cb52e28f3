using PkgForge.Registry;

namespace PkgForge.Server.Builds.Failures;

/// <summary>Whose fault it is when a driven tool fails.</summary>
internal enum Blame
{
    /// <summary>The package's: the outcome is final.</summary>
    Package,

    /// <summary>The farm's: the task is tried again.</summary>
    Farm,

    /// <summary>What the tool says last decides: it has one exit code for both.</summary>
    Words,
}

/// <summary>One row of the table of a tool's exits.</summary>
/// <param name="Code">The exit code; null for all that no row before it has.</param>
/// <param name="Stage">Where the tool was, in its own word; null wherever it was.</param>
/// <param name="Blame">Whose fault that is.</param>
/// <param name="Cause">The cause when it is the package's, where the log tells none.</param>
/// <param name="Means">What it means, for a person.</param>
internal sealed record ToolExit(int? Code, string? Stage, Blame Blame, Cause Cause, string Means)
{
    /// <summary>The row of an exit: the first that fits. Every table ends with one that always does.</summary>
    public static ToolExit Find(IEnumerable<ToolExit> table, int code, string stage) =>
        table.First(row => (row.Code ?? code) == code && (row.Stage ?? stage) == stage);
}
