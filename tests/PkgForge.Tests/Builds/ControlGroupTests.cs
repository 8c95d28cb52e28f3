using AwesomeAssertions;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>A group of the kernel's own, wherever these tests may make one.</summary>
public sealed class ControlGroupTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Trees => ["unified", "memory", "pids"];

    [Theory]
    [MemberData(nameof(Trees))]
    public async Task A_command_runs_in_the_group_and_the_group_goes_when_it_has_ended(string tree)
    {
        var group = Make(tree);
        var output = new CapturedOutput();
        await Tool.RunAsync(group.Join(new("cat", "/proc/self/cgroup")), output, cancel: Cancel);
        await group.RemoveAsync();

        output.Text.Should().Contain(Path.GetFileName(group.Directories[0]));
        group.Directories.Where(Directory.Exists).Should().BeEmpty();
    }

    [Fact]
    public async Task What_runs_in_a_group_of_version_2_is_killed_with_it()
    {
        var group = Make("unified");
        Assert.SkipUnless(File.Exists($"{group.Directories[0]}/cgroup.kill"), "the kernel has no cgroup.kill");
        var sleeping = Tool.RunAsync(
            group.Join(new("sh", "-c", "sleep 300 & sleep 300")),
            new CapturedOutput(),
            cancel: Cancel
        );
        while (GroupFile.Lines($"{group.Directories[0]}/cgroup.procs").Count < 2)
            await Task.Delay(10, Cancel);
        group.Kill();

        (await sleeping).Succeeded.Should().BeFalse();
        await group.RemoveAsync();
        group.Directories.Where(Directory.Exists).Should().BeEmpty();
    }

    private static ControlGroup Make(string tree)
    {
        var own = OwnGroup.Read();
        var place = tree == "unified" ? own.Unified : own.Of(tree);
        Assert.SkipUnless(place is not null && ControlGroups.MayMakeIn(place), $"no group of {tree} is this user's");
        var directory = $"{place}/pkgforge-test-{Environment.ProcessId}-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(directory);
        return new([directory]);
    }
}
