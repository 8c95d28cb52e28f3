using AwesomeAssertions;
using PkgForge.Server.Builds.Roots;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>Entries of the kernel's for emulators, as <c>/proc/sys/fs/binfmt_misc/qemu-aarch64</c> shows them.</summary>
public sealed class MachineArchitectureTests
{
    private const string Rest = "offset 0\nmagic 7f454c460201010000000000000000000200b700\n";

    [Theory]
    [InlineData("enabled", "POCF", null)]
    [InlineData("enabled", "F", null)]
    [InlineData("disabled", "POCF", "entry is not enabled")]
    [InlineData("enabled", "POC", "entry has not the flag F")]
    [InlineData("enabled", "", "entry has not the flag F")]
    public void An_emulator_is_of_use_when_it_is_enabled_and_open(string state, string flags, string? lack)
    {
        var said = MachineArchitecture.EntryLacks("entry", $"{state}\nflags: {flags}\n{Rest}");

        if (lack is null)
            said.Should().BeNull();
        else
            said.Should().StartWith(lack);
    }
}
