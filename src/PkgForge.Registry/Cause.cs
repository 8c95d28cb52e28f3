namespace PkgForge.Registry;

/// <summary>Why a package failed (DESIGN 4). Stored by its <see cref="CauseNames">name</see>.</summary>
public enum Cause
{
    Unknown,
    UnsatisfiableDependency,
    Patch,
    Configure,
    Compile,
    Test,
    Packaging,
    Check,
    Timeout,
    NoOutput,
    OutOfMemory,
    DiskFull,
    LogLimit,
}

/// <summary>The names of causes as users, logs and the registry see them: <c>unsatisfiable-dependency</c>, <c>no-output</c>.</summary>
public static class CauseNames
{
    private static readonly string[] Names =
    [
        "unknown",
        "unsatisfiable-dependency",
        "patch",
        "configure",
        "compile",
        "test",
        "packaging",
        "check",
        "timeout",
        "no-output",
        "out-of-memory",
        "disk-full",
        "log-limit",
    ];

    /// <summary>The name of a cause.</summary>
    public static string Name(this Cause cause) => Names[(int)cause];

    /// <summary>The cause of that name; <see cref="Cause.Unknown"/> for a name of a later version.</summary>
    public static Cause Parse(string name) => (Cause)Math.Max(0, Array.IndexOf(Names, name));
}
