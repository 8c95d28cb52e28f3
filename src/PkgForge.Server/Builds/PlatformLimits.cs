namespace PkgForge.Server.Builds;

/// <summary>The limits that a section names; what it does not name is null, and stays as it is elsewhere.</summary>
public sealed record PlatformLimits
{
    /// <summary>See <see cref="BuildLimits.Time"/>.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>See <see cref="BuildLimits.Silence"/>.</summary>
    public TimeSpan? Silence { get; init; }

    /// <summary>See <see cref="BuildLimits.Log"/>.</summary>
    public long? Log { get; init; }

    /// <summary>See <see cref="BuildLimits.Root"/>.</summary>
    public long? Root { get; init; }

    /// <summary>See <see cref="BuildLimits.Top"/>.</summary>
    public TopPlace? Top { get; init; }

    /// <summary>See <see cref="BuildLimits.Memory"/>.</summary>
    public long? Memory { get; init; }

    /// <summary>See <see cref="BuildLimits.Processes"/>.</summary>
    public int? Processes { get; init; }

    /// <summary>See <see cref="BuildLimits.Parallel"/>.</summary>
    public int? Parallel { get; init; }

    /// <summary>See <see cref="BuildLimits.SideBySide"/>.</summary>
    public int? SideBySide { get; init; }

    /// <summary>These limits, and for the rest those of <paramref name="general"/>.</summary>
    public BuildLimits Over(BuildLimits general) =>
        general with
        {
            Time = Time ?? general.Time,
            Silence = Silence ?? general.Silence,
            Log = Log ?? general.Log,
            Root = Root ?? general.Root,
            Top = Top ?? general.Top,
            Memory = Memory ?? general.Memory,
            Processes = Processes ?? general.Processes,
            Parallel = Parallel ?? general.Parallel,
            SideBySide = SideBySide ?? general.SideBySide,
        };
}
