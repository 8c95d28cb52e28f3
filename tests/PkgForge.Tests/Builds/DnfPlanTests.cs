using AwesomeAssertions;
using PkgForge.Server.Builds.Rpm;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class DnfPlanTests
{
    private const string Printed = """
        Last metadata expiration check: 0:00:01 ago on Fri Nov 27 22:00:00 2026.
        Dependencies resolved.
        ================================================================================
         Package          Architecture   Version            Repository             Size
        ================================================================================
        Installing:
         greet-random     noarch         1.0-1.tiny12       pkgforge-main         6.2 k
        Installing dependencies:
         a-package-with-a-name-that-takes-a-whole-line-for-itself-and-nothing-else
                          x86_64         1:2.0-3            pkgforge-.job          12 M
         make             x86_64         4.3-1.tiny12       tiny                  600 k

        Transaction Summary
        ================================================================================
        Install  3 Packages

        Total size: 13 M

        """;

    [Fact]
    public void A_plan_is_the_table_however_its_lines_are_broken()
    {
        var plan = DnfPlan.Read(Printed);

        plan!
            .Text.Should()
            .Be(
                "Installing: greet-random noarch 1.0-1.tiny12 pkgforge-main 6.2 k Installing dependencies: "
                    + "a-package-with-a-name-that-takes-a-whole-line-for-itself-and-nothing-else x86_64 1:2.0-3 pkgforge-.job 12 M "
                    + "make x86_64 4.3-1.tiny12 tiny 600 k"
            );
        DnfPlan.Read(Printed.Replace("else\n                 ", "else")).Should().Be(plan);
        DnfPlan.Read(Printed.Replace("600 k", "601 k")).Should().NotBe(plan);
    }

    [Fact]
    public void It_tells_what_comes_out_of_the_farms_own_repositories() =>
        DnfPlan
            .Read(Printed)!
            .From("pkgforge-")
            .Should()
            .Equal(
                "greet-random-1.0-1.tiny12.noarch",
                "a-package-with-a-name-that-takes-a-whole-line-for-itself-and-nothing-else-1:2.0-3.x86_64"
            );

    [Theory]
    [InlineData("Dependencies resolved.\nNothing to do.\nComplete!\n")]
    [InlineData("Paquete  Arquitectura\n")]
    [InlineData("")]
    public void Without_a_table_there_is_no_plan(string printed) => DnfPlan.Read(printed).Should().BeNull();
}
