using System.Globalization;

namespace PkgForge.Server.Builds.Roots;

/// <summary>What a session's group may use.</summary>
/// <param name="Memory">Bytes; 0 for no limit.</param>
/// <param name="Processes">Processes and threads.</param>
public sealed record GroupLimits(long Memory, int Processes);

/// <summary>
/// The place in the tree of control groups in which this process may make groups: its own group, if that has been
/// delegated to its user. One heir for each version of the kernel's interface.
/// </summary>
public abstract class ControlGroups
{
    /// <summary>What the farm itself runs in a session beside the build: the first process, <c>nsenter</c>, <c>unshare</c>, shells.</summary>
    private const int OwnProcesses = 16;

    private static readonly Lazy<ControlGroups?> Found = new(() => Find(OwnGroup.Read()));
    private static int made;

    /// <summary>The place of this process; null when no group with a controller of use is delegated to its user.</summary>
    public static ControlGroups? OfThisProcess => Found.Value;

    /// <summary>True when the memory of a group can be limited.</summary>
    public abstract bool LimitsMemory { get; }

    /// <summary>True when the processes of a group can be limited.</summary>
    public abstract bool LimitsProcesses { get; }

    /// <summary>True when groups share the machine's processors equally, however many processes each has.</summary>
    public abstract bool SharesProcessors { get; }

    /// <summary>Version of the interface.</summary>
    public abstract int Version { get; }

    /// <summary>The directories in which groups are made.</summary>
    public abstract IReadOnlyList<string> Places { get; }

    /// <summary>What limits memory and processes of builds, as a person is told.</summary>
    public static string Describe(ControlGroups? groups) =>
        groups is null
            ? "no control group is delegated to this builder: memory cannot be limited; processes are, by RLIMIT_NPROC"
            : $"control groups, version {groups.Version}, in {string.Join(" and ", groups.Places)}: memory "
                + $"{(groups.LimitsMemory ? "is limited by them" : "cannot be limited")}, processes by "
                + $"{(groups.LimitsProcesses ? "them" : "RLIMIT_NPROC")}; processors are shared "
                + (groups.SharesProcessors ? "equally between builds" : "by processes");

    /// <summary>Makes a group with its limits.</summary>
    /// <param name="owner">The builder's own directory: no two builders that run have the same.</param>
    /// <param name="limits">What it may use.</param>
    /// <exception cref="FarmFaultException">The kernel refused.</exception>
    public ControlGroup Make(string owner, GroupLimits limits) =>
        MakeNamed(Prefix(owner) + Number(Interlocked.Increment(ref made)), limits);

    /// <summary>The same, under a given name.</summary>
    internal ControlGroup MakeNamed(string name, GroupLimits limits)
    {
        var group = new ControlGroup([.. Places.Select(place => $"{place}/{name}")]);
        try
        {
            foreach (var directory in group.Directories)
                Directory.CreateDirectory(directory);
            Limit(group, limits with { Processes = limits.Processes + OwnProcesses });
            return group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FarmFaultException($"the control group {group.Directories[0]} could not be made: {e.Message}", e);
        }
    }

    /// <summary>Removes the groups that a builder which was killed has left; its processes have died with it.</summary>
    public async Task CleanAsync(string owner)
    {
        foreach (var place in Places)
        {
            foreach (var directory in Directory.GetDirectories(place, $"{Prefix(owner)}*"))
            {
                var left = new ControlGroup([directory]);
                left.Kill();
                await left.RemoveAsync();
            }
        }
    }

    /// <summary>Sets the limits of a group that was made.</summary>
    protected abstract void Limit(ControlGroup group, GroupLimits limits);

    /// <summary>A number as the kernel reads it.</summary>
    protected static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>True when this user may make groups there, found out by trying.</summary>
    internal static bool MayMakeIn(string directory)
    {
        var probe = $"{directory}/pkgforge@probe@{Path.GetRandomFileName()}";
        try
        {
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static ControlGroups? Find(OwnGroup own) =>
        // A controller is in one version only: where an old hierarchy has one of these, the new one does not.
        (own.Of("memory") ?? own.Of("pids"))
            is not null
            ? ControlGroupsV1.Open(own)
        : own.Unified is { } unified ? ControlGroupsV2.Open(unified, Environment.ProcessId)
        : null;

    // Beside the name, which a person looks for, the whole path: two farms of a machine may have builders of one name.
    private static string Prefix(string owner) => $"pkgforge@{Path.GetFileName(owner)}@{Digest.OfText(owner)[..8]}@";
}
