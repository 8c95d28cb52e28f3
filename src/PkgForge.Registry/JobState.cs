namespace PkgForge.Registry;

/// <summary>
/// The state of a job. The registry derives it from the job's tasks, in the transaction that changes a task; nothing
/// else ever sets it (DESIGN 3.4). The numbers are the rows of table <c>state</c>.
/// </summary>
public enum JobState
{
    /// <summary>Submitted, not yet registered. Never stored: the job lies in the spool only.</summary>
    Incoming = 1,

    /// <summary>Final. Incoming rejected it; the row carries the reason.</summary>
    Invalid = 2,

    /// <summary>All tasks need to be built. A claim moves it on.</summary>
    Registered = 3,

    /// <summary>At least one task has been claimed, and at least one can still change. The last task's end moves it on.</summary>
    Building = 4,

    /// <summary>Final until a retry. Every task that was not cancelled succeeded.</summary>
    Successful = 5,

    /// <summary>Final until a retry. Every task that was not cancelled failed.</summary>
    Failed = 6,

    /// <summary>Final until a retry. Some tasks succeeded, some failed.</summary>
    PartiallyFailed = 7,

    /// <summary>Final until a retry. All tasks were cancelled.</summary>
    Cancelled = 8,
}
