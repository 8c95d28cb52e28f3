using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Builds.Mock;
using PkgForge.Server.Processes;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>The command lines of mock, checked against the list of options of the version that they are written for: mock itself cannot be had everywhere.</summary>
public sealed class MockCommandTests
{
    private const string Srpm = "/s/build/x-1-1.src.rpm";

    private static readonly string[] Common =
    [
        "--configdir",
        "/s/pkgforge/etc/mock",
        "--root",
        "pkgforge",
        "--isolation",
        "simple",
        "--no-bootstrap-image",
        "--no-cleanup-after",
        "--resultdir",
        "/s/pkgforge/results",
        "--config-opts",
        "basedir=/s/pkgforge/roots",
        "--config-opts",
        "cache_topdir=/s/pkgforge/cache",
        "--config-opts",
        "print_main_output=True",
    ];

    private static MockCommand Generated { get; } = new("/s/pkgforge", "/s/pkgforge/etc/mock", "pkgforge");

    [Fact]
    public void The_command_lines_are_these()
    {
        Generated.Initialise().Arguments.Should().Equal([.. Common, "--init"]);
        Generated.InstallDependencies(Srpm, []).Arguments.Should().Equal([.. Common, "--installdeps", Srpm]);
        Generated
            .Rebuild(Srpm, ["file:///b"])
            .Arguments.Should()
            .Equal([.. Common, "--addrepo", "file:///b", "--no-clean", "--offline", "--rebuild", Srpm]);
    }

    [Fact]
    public void The_user_of_the_build_is_named_as_mocks_own_wrapper_names_him() =>
        Generated.Initialise().Environment.Should().Contain("SUDO_UID", "2001");

    public static TheoryData<string> Lines => ["init", "installdeps", "rebuild", "site"];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Every_word_is_an_option_that_mock_knows_or_its_value_or_the_source(string which)
    {
        var command = which switch
        {
            "init" => Generated.Initialise(),
            "installdeps" => Generated.InstallDependencies(Srpm, []),
            "rebuild" => Generated.Rebuild(Srpm, []),
            _ => new MockCommand("/s", "/etc/mock", "f43-main-x86_64").Rebuild(Srpm, ["file:///a", "file:///b"]),
        };

        Left(command).Should().BeEquivalentTo(which == "init" ? (string[])[] : [Srpm]);
    }

    [Theory]
    [InlineData("f43", "x86_64", "main", "f43-main-x86_64")]
    [InlineData("el9", "i686", "a.b_c-d", "el9-a.b_c-d-i686")]
    public void A_sites_configuration_is_named_by_platform_bucket_and_architecture(
        string name,
        string architecture,
        string bucket,
        string expected
    ) => MockBuilder.SiteName(new(name, architecture), bucket).Should().Be(expected);

    [Theory]
    [InlineData("f43", "x86_64", "../main")]
    [InlineData("f43", "x86_64", "")]
    [InlineData("f43", "x86_64", "a b")]
    [InlineData("f43", "x86_64", "--init")]
    [InlineData("--init", "x86_64", "main")]
    [InlineData("/etc/f43", "x86_64", "main")]
    [InlineData("f43", "x86.cfg", "main")]
    public void A_name_that_is_none_reaches_no_command_line(string name, string architecture, string bucket)
    {
        var make = () => MockBuilder.SiteName(new PlatformKey(name, architecture), bucket);
        make.Should().Throw<FarmFaultException>();
    }

    /// <summary>What is left of a command line when all options are taken out with their values.</summary>
    private static List<string> Left(Command command)
    {
        var options = Checkout
            .Read("tests/PkgForge.Tests/Builds/mock-6.7-options.txt")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(' '))
            .SelectMany(words => words[..^1].Select(word => (word, int.Parse(words[^1]))))
            .ToDictionary(option => option.word, option => option.Item2);
        var left = new List<string>();
        for (var i = 0; i < command.Arguments.Count; i++)
        {
            if (command.Arguments[i].StartsWith('-'))
                i += options[command.Arguments[i]];
            else
                left.Add(command.Arguments[i]);
        }
        return left;
    }
}
