namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// Version 1: each controller has a tree of its own, and a group is a directory in each. Groups are made in those that
/// this process is in, and never elsewhere: a limit that somebody has set for the builder goes on to count.
/// </summary>
internal sealed class ControlGroupsV1 : ControlGroups
{
    private readonly string? memory;
    private readonly string? processes;
    private readonly string? processors;

    private ControlGroupsV1(OwnGroup own) =>
        (memory, processes, processors) = (
            Delegated(own.Of("memory")),
            Delegated(own.Of("pids")),
            Delegated(own.Of("cpu"))
        );

    public override bool LimitsMemory => memory is not null;

    public override bool LimitsProcesses => processes is not null;

    public override bool SharesProcessors => processors is not null;

    public override int Version => 1;

    public override IReadOnlyList<string> Places =>
        [.. new[] { memory, processes, processors }.OfType<string>().Distinct()];

    /// <summary>The groups of a process; null when neither is delegated to its user.</summary>
    public static ControlGroupsV1? Open(OwnGroup own)
    {
        var found = new ControlGroupsV1(own);
        return found.LimitsMemory || found.LimitsProcesses ? found : null;
    }

    protected override void Limit(ControlGroup group, GroupLimits limits)
    {
        foreach (var directory in group.Directories)
        {
            GroupFile.WriteIfThere($"{directory}/pids.max", Number(limits.Processes));
            if (limits.Memory > 0 && Path.GetDirectoryName(directory) == memory)
                LimitMemory(directory, limits.Memory);
        }
    }

    // Memory and swap together may not be less than memory, so that one is set first.
    private static void LimitMemory(string directory, long bytes)
    {
        GroupFile.Write($"{directory}/memory.limit_in_bytes", Number(bytes));
        GroupFile.WriteIfThere($"{directory}/memory.memsw.limit_in_bytes", Number(bytes));
    }

    private static string? Delegated(string? directory) =>
        directory is not null && MayMakeIn(directory) ? directory : null;
}
