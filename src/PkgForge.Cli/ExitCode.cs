namespace PkgForge.Cli;

/// <summary>What the exit codes mean (DESIGN 10), on every command.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The job or the check failed.</summary>
    public const int Failed = 1;

    /// <summary>The words of the command are wrong.</summary>
    public const int Usage = 2;

    /// <summary>The configuration is wrong.</summary>
    public const int Configuration = 3;

    /// <summary>The farm or the registry cannot be reached.</summary>
    public const int Unreachable = 4;

    /// <summary>Refused: this user may not.</summary>
    public const int Refused = 5;
}
