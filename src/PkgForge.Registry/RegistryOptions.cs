namespace PkgForge.Registry;

/// <summary>Where the registry is, and its times.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// <c>sqlite:PATH</c>, or <c>postgres:CONNECTION STRING</c> with the keywords of Npgsql
    /// (<c>postgres:Host=db;Database=pkgforge;Username=pkgforge_admin</c>).
    /// </summary>
    public required string Connection { get; init; }

    /// <summary>How long a claimed task is its builder's without a heartbeat. Default 30 s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For so long after the start of a PostgreSQL server no lease counts as expired: builders could not be heard while it was away. Null, the
    /// default, for as long as <see cref="Lease"/>.
    /// </summary>
    public TimeSpan? AfterRestart { get; init; }

    /// <summary>How long a builder's name is held without a sign of life. Default 5 min: a waiting builder gives one every 2.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a task that a builder failed by a farm fault is left to another one, where another one runs. Default 90 s.</summary>
    public TimeSpan OthersFirst { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a builder's refusal of a task is remembered. Default 1 h.</summary>
    public TimeSpan RefusalTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A farm fault within this time of its claim is a fast one. Default 1 min.</summary>
    public TimeSpan FastFault { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After so many fast faults in a row a builder is put in quarantine. Default 3.</summary>
    public int MaxFastFaults { get; init; } = 3;

    /// <summary>How long a builder in quarantine waits for its first canary; each that fails doubles the time, up to a day. Default 10 min.</summary>
    public TimeSpan Canary { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>In this time what a submitter has used loses half its weight. Default 1 d.</summary>
    public TimeSpan UsageHalfLife { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How old the order of lanes may be that a claim goes by. Under load many claims share one; otherwise each works it out. Default 20 ms.
    /// </summary>
    public TimeSpan OrderAge { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>After so many farm faults and lost attempts a task is not put back again but fails. Default 3.</summary>
    public int MaxFaults { get; init; } = 3;

    /// <summary>How long one statement may take, and how long a lost database is tried again before the caller is told. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one statement may take, where that is not <see cref="Timeout"/>; infinite for no limit. For PostgreSQL.</summary>
    public TimeSpan? StatementTime { get; init; }
}
