using AwesomeAssertions;
using PkgForge.Records;
using PkgForge.Server.Builds.Debian;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class DebianSetTests
{
    // As apt 2.6 prints it.
    private const string Printed = """
        Reading package lists...
        'http://deb.debian.org/debian/pool/main/t/two/two_2%3a1.0-1_all.deb' two_2%3a1.0-1_all.deb 200 SHA256:bb
        'file:/pkgforge/main/pool/one_1.0_amd64.deb' one_1.0_amd64.deb 100 SHA256:aa
        'file:/pkgforge/main/pool/old_1.0_amd64.deb' old_1.0_amd64.deb 100 MD5Sum:cc
        """;

    [Fact]
    public void A_set_tells_of_where_its_packages_come_from_only_which_the_farm_has_built() =>
        DebianSet
            .Of(Printed)
            .Split('\n')
            .Should()
            .Equal(
                "old_1.0_amd64.deb 100 MD5Sum:cc farm",
                "one_1.0_amd64.deb 100 SHA256:aa farm",
                "two_2%3a1.0-1_all.deb 200 SHA256:bb"
            );

    [Fact]
    public void What_does_not_lie_in_the_root_is_fetched_by_its_digest() =>
        DebianSet
            .Downloads(Printed)
            .Should()
            .Equal(
                (
                    "http://deb.debian.org/debian/pool/main/t/two/two_2%3a1.0-1_all.deb",
                    "two_2%3a1.0-1_all.deb",
                    "SHA256:bb"
                )
            );

    [Theory]
    [InlineData("'http://x/a.deb' ../a.deb 1 SHA256:aa")]
    [InlineData("'http://x/a.deb' -o 1 SHA256:aa")]
    [InlineData("'http://x/a.deb' a.deb 1 ")]
    [InlineData("'http://x/a.deb")]
    public void What_is_no_package_of_apt_is_not_fetched(string line) =>
        FluentActions
            .Enumerating(() => DebianSet.Downloads(line))
            .Should()
            .Throw<FarmFaultException>()
            .WithMessage("apt names a package by*expected its URI*");

    [Theory]
    [InlineData("one", "1.0", "amd64", "sha256:aa")]
    [InlineData("two", "2:1.0-1", "all", "sha256:bb")]
    [InlineData("old", "1.0", "amd64", null)]
    [InlineData("three", "1.0", "amd64", null)]
    public void A_package_of_a_set_has_the_digest_of_its_file(
        string name,
        string version,
        string arch,
        string? digest
    ) =>
        DebianSet
            .Digests(DebianSet.Of(Printed))
            .GetValueOrDefault(DebianSet.FileOf(new(name, version, arch, null)))
            .Should()
            .Be(digest);

    [Theory]
    [InlineData("gcc", "4:12.2.0-3", "amd64", true)]
    [InlineData("libstdc++6", "12.2.0-14+deb12u1", "all", true)]
    [InlineData("-o", "1", "all", false)]
    [InlineData("./evil.deb", "1", "all", false)]
    [InlineData("^build-essential", "1", "all", false)]
    [InlineData("?essential", "1", "all", false)]
    [InlineData("a/stable", "1", "all", false)]
    [InlineData("aa", "=1", "all", false)]
    [InlineData("aa", "1 bb", "all", false)]
    [InlineData("aa", "1", "-all", false)]
    [InlineData("aa", "1", "*", false)]
    public void Only_what_apt_takes_for_a_package_passes(string name, string version, string arch, bool plain) =>
        DebianSet.IsPlain(new RecordedPackage(name, version, arch, null)).Should().Be(plain);

    [Theory]
    [InlineData("amd64", "gcc:amd64=4:12.2.0-3")]
    [InlineData("all", "gcc=4:12.2.0-3")]
    public void A_package_is_asked_for_in_just_its_version(string arch, string word) =>
        DebianSet.Exactly(new("gcc", "4:12.2.0-3", arch, null)).Should().Be(word);

    [Fact]
    public void What_apt_would_remove_belongs_to_the_set()
    {
        const string Played = """
            Reading package lists...
            The following packages will be REMOVED:
              tzdata
            Remv tzdata [2024a-0+deb12u1]
            Inst m4 (1.4.19-3 Debian:12.5/stable [amd64])
            Conf m4 (1.4.19-3 Debian:12.5/stable [amd64])
            """;
        DebianSet.WithRemovals("m4_1 2 SHA256:3", Played).Should().Be("m4_1 2 SHA256:3\nwithout tzdata");
        DebianSet.WithRemovals("", Played).Should().Be("without tzdata");
        DebianSet.WithRemovals("m4_1 2 SHA256:3", "Nothing").Should().Be("m4_1 2 SHA256:3");
        DebianSet.Digests("m4_1 2 SHA256:3\nwithout tzdata").Should().ContainSingle();
    }
}
