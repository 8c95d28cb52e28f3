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

    /// <summary>How long a builder's name is held without a sign of life. Default 90 s.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>After so many farm faults and lost attempts a task is not put back again but fails. Default 3.</summary>
    public int MaxFaults { get; init; } = 3;

    /// <summary>How long one statement may take, and how long a lost database is tried again before the caller is told. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
