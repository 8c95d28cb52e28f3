namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// Version 2: one tree, in which a group either has processes or gives controllers to groups below it. This process
/// therefore moves into a leaf of its own first. That is what <c>Delegate=</c> of a systemd unit is for.
/// </summary>
internal sealed class ControlGroupsV2 : ControlGroups
{
    private const string Leaf = "daemon";

    private readonly string place;
    private readonly IReadOnlyList<string> controllers;

    private ControlGroupsV2(string place, IReadOnlyList<string> controllers) =>
        (this.place, this.controllers) = (place, controllers);

    public override bool LimitsMemory => controllers.Contains("memory");

    public override bool LimitsProcesses => controllers.Contains("pids");

    public override bool SharesProcessors => controllers.Contains("cpu");

    public override int Version => 2;

    public override IReadOnlyList<string> Places => [place];

    /// <summary>The place of a process; null when it has none, or shares its group with others.</summary>
    /// <param name="own">The directory of its group.</param>
    /// <param name="process">Its id.</param>
    public static ControlGroupsV2? Open(string own, int process)
    {
        var above = Path.GetDirectoryName(own)!;
        // It may be in the leaf already: by DelegateSubgroup= of a newer systemd, or because it has been here before.
        var top = Path.GetFileName(own) == Leaf && MayMakeIn(above) ? above : own;
        string[] there = [.. Words($"{top}/cgroup.controllers").Intersect(["memory", "pids", "cpu"])];
        if (there is [] or ["cpu"] || !MayMakeIn(top) || top == own && !MoveToLeaf(own, process))
            return null;
        return Give(top, there) ? new(top, there) : null;
    }

    protected override void Limit(ControlGroup group, GroupLimits limits)
    {
        var directory = group.Directories[0];
        if (LimitsProcesses)
            GroupFile.Write($"{directory}/pids.max", Number(limits.Processes));
        if (LimitsMemory && limits.Memory > 0)
        {
            GroupFile.Write($"{directory}/memory.max", Number(limits.Memory));
            GroupFile.WriteIfThere($"{directory}/memory.swap.max", "0");
            // A build that has lost one of its processes is no longer that build: all of it goes.
            GroupFile.WriteIfThere($"{directory}/memory.oom.group", "1");
        }
    }

    // Others in the group (a shell that has started the builder) are not this process' to move, and with them in it the
    // group gives no controllers.
    private static bool MoveToLeaf(string own, int process)
    {
        if (GroupFile.Lines($"{own}/cgroup.procs") is not [var only] || only != Number(process))
            return false;
        return Succeeds(() =>
        {
            Directory.CreateDirectory($"{own}/{Leaf}");
            GroupFile.Write($"{own}/{Leaf}/cgroup.procs", only);
        });
    }

    private static bool Give(string place, IEnumerable<string> controllers)
    {
        var file = $"{place}/cgroup.subtree_control";
        var more = controllers.Except(Words(file)).Select(controller => $"+{controller}").ToList();
        return more.Count == 0 || Succeeds(() => GroupFile.Write(file, string.Join(' ', more)));
    }

    private static IEnumerable<string> Words(string file) => GroupFile.Lines(file).SelectMany(line => line.Split(' '));

    private static bool Succeeds(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
