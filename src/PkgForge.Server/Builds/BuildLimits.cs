using PkgForge.Records;

namespace PkgForge.Server.Builds;

/// <summary>What one build may use. Every limit that stops a build is a cause of its own (DESIGN 4).</summary>
public sealed record BuildLimits
{
    /// <summary>Time from the first step of a source to the last. Default 4 h.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Time without a byte of output. Default 1 h.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes in the attempt's log. Default 512 MiB.</summary>
    public long Log { get; init; } = 512L << 20;

    /// <summary>Bytes in the root's throw-away top: the source, the build tree and the products. Default 6 GiB.</summary>
    public long Root { get; init; } = 6L << 30;

    /// <summary>Where the root's throw-away top is. Default: in memory where that is large enough.</summary>
    public TopPlace Top { get; init; }

    /// <summary>
    /// Bytes of memory: what its processes hold and, where the top is in memory, what is written in the root, together. Default 0: as much as the
    /// machine has.
    /// </summary>
    public long Memory { get; init; }

    /// <summary>Processes and threads at once. Default 4096.</summary>
    public int Processes { get; init; } = 4096;

    /// <summary>Jobs that a build may run side by side (<c>parallel=</c>, <c>%_smp_ncpus_max</c>). Default: the cores of the machine.</summary>
    public int Parallel { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Sources of one job with <c>--order deps</c> that are built at once, if they do not need each other; they share <see cref="Parallel"/>, and each
    /// has all the other limits for itself but <see cref="Log"/>. Default: one for every four cores of the machine.
    /// </summary>
    public int SideBySide { get; init; } = Math.Max(1, Environment.ProcessorCount / CoresForOne);

    private const int CoresForOne = 4;

    /// <summary>These, but where one is as it is by default, that of others.</summary>
    public BuildLimits Over(BuildLimits others)
    {
        var usual = new BuildLimits();
        T Chosen<T>(Func<BuildLimits, T> limit) =>
            limit(EqualityComparer<T>.Default.Equals(limit(this), limit(usual)) ? others : this);
        return this with
        {
            Time = Chosen(limits => limits.Time),
            Silence = Chosen(limits => limits.Silence),
            Log = Chosen(limits => limits.Log),
            Root = Chosen(limits => limits.Root),
            Memory = Chosen(limits => limits.Memory),
            Processes = Chosen(limits => limits.Processes),
        };
    }

    /// <summary>Those of one of several builds that go on at once.</summary>
    public BuildLimits Share(int places) => this with { Parallel = Math.Max(1, Parallel / places) };

    /// <summary>As they stand in a record.</summary>
    public RecordedLimits Recorded() => new(Time, Silence, Log, Root, Memory, Processes, Parallel);

    /// <summary>The limits of a record.</summary>
    public static BuildLimits Of(RecordedLimits limits) =>
        new()
        {
            Time = limits.Time,
            Silence = limits.Silence,
            Log = limits.Log,
            Root = limits.Root,
            Memory = limits.Memory,
            Processes = limits.Processes,
            Parallel = limits.Parallel,
        };
}
