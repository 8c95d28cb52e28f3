using AwesomeAssertions;
using PkgForge.Server.Builds.Roots;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class OwnGroupTests
{
    private const string V1Mounts = """
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
        39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """;

    [Fact]
    public void Each_controller_of_version_1_has_its_own_group()
    {
        var own = OwnGroup.Parse("8:pids:/\n4:memory:/farm/b1\n1:cpu,cpuacct:/x\n0::/init\n", V1Mounts);

        own.Of("memory").Should().Be("/sys/fs/cgroup/memory/farm/b1");
        own.Of("pids").Should().Be("/sys/fs/cgroup/pids");
        own.Of("cpuacct").Should().Be("/sys/fs/cgroup/cpu,cpuacct/x");
        own.Unified.Should().Be("/sys/fs/cgroup/unified/init");
    }

    [Fact]
    public void In_version_2_there_is_one_group()
    {
        var own = OwnGroup.Parse(
            "0::/system.slice/pkgforge-buildd@b1.service\n",
            "30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
        );

        own.Unified.Should().Be("/sys/fs/cgroup/system.slice/pkgforge-buildd@b1.service");
        own.Of("memory").Should().BeNull();
    }

    [Theory]
    [InlineData("/docker/abc", "/docker/abc", "/sys/fs/cgroup")]
    [InlineData("/docker/abc", "/docker/abc/farm", "/sys/fs/cgroup/farm")]
    [InlineData("/docker/abc", "/docker/abcdef", null)]
    [InlineData("/", "/../../elsewhere", null)]
    public void In_a_container_only_what_is_mounted_there_is_found(string root, string path, string? expected) =>
        OwnGroup
            .Parse($"0::{path}\n", $"30 24 0:26 {root} /sys/fs/cgroup rw - cgroup2 cgroup rw\n")
            .Unified.Should()
            .Be(expected);

    [Fact]
    public void Without_mounts_there_is_none() => OwnGroup.Parse("0::/a\n4:memory:/b\n", "").Unified.Should().BeNull();
}
