using AwesomeAssertions;
using PkgForge.Server;
using PkgForge.Server.Builds.Roots;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>
/// What the backend of version 2 writes, and where: on plain files with the kernel's names. What the kernel does upon it
/// <c>MemoryLimitTests</c> tries on a machine that has it.
/// </summary>
public sealed class ControlGroupsV2Tests : IDisposable
{
    private const int Process = 4711;
    private const string Build = "pkgforge@b1@0@1";

    private readonly string top = Directory.CreateTempSubdirectory("pkgforge-test-").FullName;

    private string Unit => $"{top}/pkgforge-buildd@b1.service";

    public void Dispose() => Directory.Delete(top, recursive: true);

    [Fact]
    public void The_process_moves_into_a_leaf_and_its_group_gives_the_controllers()
    {
        MakeUnit();
        var groups = ControlGroupsV2.Open(Unit, Process)!;

        (groups.LimitsMemory, groups.LimitsProcesses).Should().Be((true, true));
        groups.Places.Should().Equal(Unit);
        Read("daemon/cgroup.procs").Should().Be("4711");
        groups.SharesProcessors.Should().BeTrue();
        Read("cgroup.subtree_control").Should().Be("+cpu +memory +pids");
    }

    [Fact]
    public void A_process_that_is_in_the_leaf_already_stays_there()
    {
        MakeUnit(process: "");
        File.WriteAllText($"{Unit}/cgroup.subtree_control", "cpu memory pids\n");
        var groups = ControlGroupsV2.Open($"{Unit}/daemon", Process)!;

        groups.Places.Should().Equal(Unit);
        Read("daemon/cgroup.procs").Should().BeEmpty();
        Read("cgroup.subtree_control").Should().Be("cpu memory pids\n", "they are given already");
    }

    [Fact]
    public void A_group_that_others_are_in_is_left_alone()
    {
        MakeUnit(process: "4711\n4712\n");

        ControlGroupsV2.Open(Unit, Process).Should().BeNull();
        Read("daemon/cgroup.procs").Should().BeEmpty();
        Read("cgroup.subtree_control").Should().BeEmpty();
    }

    [Fact]
    public void A_group_without_controllers_of_use_is_left_alone()
    {
        MakeUnit(controllers: "cpu hugetlb");

        ControlGroupsV2.Open(Unit, Process).Should().BeNull();
        Read("daemon/cgroup.procs").Should().BeEmpty();
    }

    [Fact]
    public void Where_only_processes_are_delegated_memory_cannot_be_limited()
    {
        MakeUnit(controllers: "pids");
        var groups = ControlGroupsV2.Open(Unit, Process)!;

        (groups.LimitsMemory, groups.LimitsProcesses).Should().Be((false, true));
        ControlGroups.Describe(groups).Should().Contain("version 2").And.Contain("memory cannot be limited");
    }

    [Fact]
    public void A_session_is_limited_as_a_whole_and_never_swaps()
    {
        MakeUnit();
        MakeGroup("memory.max", "memory.swap.max", "memory.oom.group", "pids.max");
        ControlGroupsV2.Open(Unit, Process)!.MakeNamed(Build, new(512 << 20, 200));

        Read($"{Build}/memory.max").Should().Be("536870912");
        Read($"{Build}/memory.swap.max").Should().Be("0");
        Read($"{Build}/memory.oom.group").Should().Be("1");
        Read($"{Build}/pids.max").Should().Be("216", "the farm has processes of its own in it");
    }

    [Fact]
    public void A_kernel_without_swap_does_without_its_limit()
    {
        MakeUnit();
        MakeGroup("memory.max", "pids.max");
        ControlGroupsV2.Open(Unit, Process)!.MakeNamed(Build, new(512 << 20, 200));

        Directory.GetFiles($"{Unit}/{Build}").Should().HaveCount(2);
    }

    [Fact]
    public void Without_a_limit_of_memory_none_is_set()
    {
        MakeUnit();
        MakeGroup("memory.max", "pids.max");
        ControlGroupsV2.Open(Unit, Process)!.MakeNamed(Build, new(0, 200));

        Read($"{Build}/memory.max").Should().BeEmpty();
    }

    [Fact]
    public void A_limit_that_cannot_be_set_is_a_fault_of_the_farm()
    {
        MakeUnit();
        MakeGroup("pids.max");
        var groups = ControlGroupsV2.Open(Unit, Process)!;

        groups.Invoking(g => g.MakeNamed(Build, new(512 << 20, 200))).Should().Throw<FarmFaultException>();
    }

    [Fact]
    public void What_the_kernel_has_killed_and_what_was_written_is_read()
    {
        MakeGroup();
        File.WriteAllText(
            $"{Unit}/{Build}/memory.events",
            "low 0\nhigh 0\nmax 17\noom 1\noom_kill 3\noom_group_kill 1\n"
        );
        File.WriteAllText($"{Unit}/{Build}/memory.stat", "anon 4096\nfile 999\nshmem 12582912\n");
        var group = new ControlGroup([$"{Unit}/{Build}"]);

        group.KilledForMemory.Should().Be(3);
        group.Written.Should().Be(12 << 20);
    }

    [Fact]
    public void A_session_is_killed_by_one_write()
    {
        MakeGroup("cgroup.kill");
        new ControlGroup([$"{Unit}/{Build}"]).Kill();

        Read($"{Build}/cgroup.kill").Should().Be("1");
    }

    private string Read(string name) => File.ReadAllText($"{Unit}/{name}");

    private void MakeUnit(string controllers = "cpu memory pids", string process = "4711\n")
    {
        Directory.CreateDirectory($"{Unit}/daemon");
        File.WriteAllText($"{Unit}/cgroup.controllers", $"{controllers}\n");
        File.WriteAllText($"{Unit}/cgroup.procs", process);
        File.WriteAllText($"{Unit}/cgroup.subtree_control", "");
        File.WriteAllText($"{Unit}/daemon/cgroup.procs", "");
    }

    /// <summary>The files that the kernel puts into a new group.</summary>
    private void MakeGroup(params string[] files)
    {
        Directory.CreateDirectory($"{Unit}/{Build}");
        foreach (var file in files)
            File.WriteAllText($"{Unit}/{Build}/{file}", "");
    }
}
