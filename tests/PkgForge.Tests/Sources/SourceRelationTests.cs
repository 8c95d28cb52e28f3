using AwesomeAssertions;
using Xunit;

namespace PkgForge.Tests.Sources;

public sealed class SourceRelationTests : IDisposable
{
    private readonly DscSet set = new();

    public void Dispose() => set.Dispose();

    [Fact]
    public void A_dsc_makes_what_its_package_list_says_for_the_architecture_and_without_a_profile()
    {
        set.Set("Binary", "liba-dev, liba1, liba-doc, liba-udeb, a-hurd")
            .Set(
                "Package-List",
                "\n liba-dev deb libdevel optional arch=any"
                    + "\n liba1 deb libs optional arch=linux-any"
                    + "\n liba-doc deb doc optional arch=all profile=!nodoc,!stage1"
                    + "\n liba-udeb udeb debian-installer optional arch=any profile=stage1+!noudeb"
                    + "\n liba-cross deb devel optional arch=any profile=stage1,!noudeb"
                    + "\n a-hurd deb devel optional arch=hurd-any,i386"
                    + "\n not enough"
            );

        Made("amd64").Should().Equal("liba-dev", "liba1", "liba-doc", "liba-udeb");
        Made("hurd-i386").Should().Equal("liba-dev", "liba-doc", "liba-udeb", "a-hurd");
    }

    [Fact]
    public void A_dsc_without_a_package_list_makes_what_the_field_binary_says()
    {
        set.Set("Binary", "liba-dev,\n liba1");

        Made("amd64").Should().Equal("liba-dev", "liba1");
    }

    [Fact]
    public void A_dsc_needs_what_all_three_fields_say_and_conflicts_are_no_needs()
    {
        set.Set("Build-Depends", "a:native (>= 2) | b [i386] | c <!nocheck>, d [i386], e <stage1>")
            .Set("Build-Depends-Indep", "f")
            .Set("Build-Depends-Arch", "g")
            .Set("Build-Conflicts", "h");

        Needs("amd64")
            .Should()
            .BeEquivalentTo(
                (string[][])
                    [
                        ["a", "c"],
                        ["g"],
                        ["f"],
                    ],
                o => o.WithStrictOrdering()
            );
        Needs("i386")
            .Should()
            .BeEquivalentTo(
                (string[][])
                    [
                        ["a", "b", "c"],
                        ["d"],
                        ["g"],
                        ["f"],
                    ]
            );
    }

    [Fact]
    public void A_field_that_cannot_be_read_is_left_out_and_named()
    {
        set.Set("Build-Depends", "a b").Set("Build-Depends-Indep", "f");
        var complaints = new List<string>();
        var source = set.Source();
        source.Validate().IsValid.Should().BeTrue();

        source
            .Relations("amd64", complaints.Add)
            .Needs.Should()
            .BeEquivalentTo(
                (string[][])
                    [
                        ["f"],
                    ]
            );
        complaints.Should().Equal("Build-Depends is not well formed at character 3: 'b'");
    }

    private IEnumerable<string> Made(string architecture) => Relations(architecture).Makes;

    private IEnumerable<IReadOnlyList<string>> Needs(string architecture) => Relations(architecture).Needs;

    private PkgForge.Sources.SourceRelations Relations(string architecture)
    {
        var source = set.Source();
        source.Validate().IsValid.Should().BeTrue();
        return source.Relations(architecture, complaint => Assert.Fail(complaint));
    }
}
