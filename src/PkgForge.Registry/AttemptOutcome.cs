namespace PkgForge.Registry;

/// <summary>What one try at a task came to.</summary>
public enum AttemptOutcome
{
    /// <summary>It is being built now.</summary>
    Running = 0,

    /// <summary>Every source was built, checked and published.</summary>
    Success = 1,

    /// <summary>The package failed; the attempt carries the cause.</summary>
    Fail = 2,

    /// <summary>The user asked, and the build was stopped.</summary>
    Cancelled = 3,

    /// <summary>The builder was stopped in good order and put the task back. Does not count as a fault.</summary>
    Interrupted = 4,

    /// <summary>The builder vanished: its lease expired, or its next process found the task still its own. A farm fault.</summary>
    Lost = 5,

    /// <summary>The farm failed (no disk, no root, mirror unreachable), and said so. The package is not to blame.</summary>
    FarmFault = 6,
}
