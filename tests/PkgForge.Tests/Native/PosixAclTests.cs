using AwesomeAssertions;
using PkgForge.Native;
using PkgForge.Tests.Spool;
using Xunit;

namespace PkgForge.Tests.Native;

public sealed class PosixAclTests : IDisposable
{
    private const uint Farm = 12345;

    private readonly SpoolFixture farm = new();

    public void Dispose() => farm.Dispose();

    [Fact]
    public void The_format_is_the_kernels()
    {
        var bytes = PosixAcl.Encode([new(AclTag.User, 6, 0x01020304), new(AclTag.Owner, 7)]);

        Convert.ToHexStringLower(bytes).Should().Be("02000000" + "01000700ffffffff" + "0200060004030201");
    }

    [Fact]
    public void A_list_of_another_version_is_refused() =>
        FluentActions.Invoking(() => PosixAcl.Decode([1, 0, 0, 0])).Should().Throw<InvalidDataException>();

    [Fact]
    public void What_a_submitter_makes_in_incoming_is_the_farms_too_and_nobody_elses()
    {
        var incoming = farm.Spool.Incoming.Path;
        Assert.SkipUnless(PosixAcl.TrySetDefault(incoming, PosixAcl.OwnerAnd(Farm)), "no access control lists here");

        farm.Submit();

        PosixAcl.ReadDefault(incoming).Should().BeEquivalentTo(PosixAcl.OwnerAnd(Farm));
        PosixAcl.ReadDefault(incoming + "/job-1").Should().BeEquivalentTo(PosixAcl.OwnerAnd(Farm));
        // The mask shows as the group's bits; the group itself has no rights (the entry of the list is 0).
        Convert.ToString((int)FileSystem.Status(incoming + "/job-1/a.dsc")!.Mode, 8).Should().Be("640");
    }

    [Fact]
    public void A_removed_list_is_gone_and_can_be_removed_again()
    {
        Assert.SkipUnless(PosixAcl.TrySetDefault(farm.Home, PosixAcl.OwnerAnd(Farm)), "no access control lists here");

        PosixAcl.RemoveDefault(farm.Home);
        PosixAcl.RemoveDefault(farm.Home);

        PosixAcl.ReadDefault(farm.Home).Should().BeNull();
    }

    [Fact]
    public void A_list_that_the_kernel_refuses_is_an_error()
    {
        var set = () => PosixAcl.TrySetDefault(farm.Home, [new(AclTag.User, 7, Farm)]);

        set.Should().Throw<PosixException>();
    }
}
