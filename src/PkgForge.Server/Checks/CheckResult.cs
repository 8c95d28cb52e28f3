namespace PkgForge.Server.Checks;

/// <summary>How a check ended.</summary>
public enum CheckEnd
{
    /// <summary>There is nothing that it could look at.</summary>
    NotConcerned,

    /// <summary>It found no error.</summary>
    Passed,

    /// <summary>It found errors, or the products made it break a limit.</summary>
    Failed,

    /// <summary>The tool is missing or did not work: nothing is known of the products.</summary>
    Unusable,
}

/// <summary>What a check found.</summary>
/// <param name="End">Whether there was anything to check, and what came of it.</param>
/// <param name="Errors">Lines that report an error.</param>
/// <param name="Warnings">Lines that report a warning.</param>
/// <param name="Evidence">The first error, or what the tool last said when it did not work; null if nothing was.</param>
/// <param name="Message">One sentence for a person.</param>
public sealed record CheckResult(CheckEnd End, int Errors, int Warnings, string? Evidence, string Message)
{
    /// <summary>The first lines that report an error, the evidence among them. No more than a person reads.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];
}
