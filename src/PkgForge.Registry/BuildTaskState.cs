namespace PkgForge.Registry;

/// <summary>
/// The state of a task: one job on one platform. The numbers are the rows of table <c>state</c>.
/// docs/states.md draws the transitions.
/// </summary>
public enum BuildTaskState
{
    /// <summary>Waiting. A builder's claim or the user's cancel moves it on. A crash changes nothing: no process owns it.</summary>
    NeedsBuild = 11,

    /// <summary>
    /// A builder holds its lease and moves it on. If that builder dies, its lease expires, and whoever notices closes the
    /// attempt as lost and puts the task back to <see cref="NeedsBuild"/>.
    /// </summary>
    Building = 12,

    /// <summary>Final: a retry leaves it. Its products are registered.</summary>
    Success = 13,

    /// <summary>Final until a user retries it.</summary>
    Fail = 14,

    /// <summary>Final until a user retries it.</summary>
    Cancelled = 15,
}
