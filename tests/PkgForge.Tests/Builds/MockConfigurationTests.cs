using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.Server.Builds.Mock;
using PkgForge.Server.Configuration;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed partial class MockConfigurationTests
{
    [Fact]
    public void The_recipe_makes_the_root_and_the_farms_repositories_stand_before_the_distributions()
    {
        var text = Text([("main", "file:///buckets/main/f43-x86_64")]);

        text.Should()
            .Contain("config_opts['chroot_setup_cmd'] = 'install rpm-build bash'")
            .And.Contain("config_opts['target_arch'] = 'x86_64'")
            .And.Contain("config_opts['package_manager'] = 'dnf4'")
            .And.Contain("config_opts['dnf4_command'] = '/usr/bin/dnf-3'");
        text.Should()
            .Contain(@"[base]\nname=base\nbaseurl=https://example.org/43/\ngpgkey=file:///etc/key\n")
            .And.Contain(@"[pkgforge-main]\nname=pkgforge-main\nbaseurl=file:///buckets/main/f43-x86_64\n")
            .And.Contain(@"gpgcheck=1\n")
            .And.Contain(@"priority=10\n");
    }

    [Fact]
    public void Every_key_is_one_that_mock_knows()
    {
        var known = Checkout.Read("tests/PkgForge.Tests/Builds/mock-6.7-keys.txt").Split('\n');

        foreach (Match key in Key().Matches(Text([])))
        {
            var path = string.Join('.', key.Groups["part"].Captures.Select(part => part.Value));
            // Macros are RPM's.
            known.Should().Contain(path.StartsWith("macros.", StringComparison.Ordinal) ? "macros" : path);
        }
    }

    [Theory]
    [InlineData("file:///a'+open('/etc/passwd').read()+'", @"baseurl=file:///a\'+open(\'/etc/passwd\').read()+\'\n")]
    [InlineData("file:///a\\", @"baseurl=file:///a\\\n")]
    public void No_directory_is_a_program(string url, string expected) =>
        Text([("main", url)]).Should().Contain(expected);

    [Theory]
    [InlineData("file:///{{x}}")]
    [InlineData("file:///{%x%}")]
    [InlineData("file:///{#x")]
    public void No_directory_is_a_template(string url)
    {
        var make = () => Text([("main", url)]);
        make.Should().Throw<ConfigurationException>().WithMessage("*f43-x86_64*template*");
    }

    private static string Text(IReadOnlyList<(string, string)> farm) =>
        MockConfiguration.Text(DriverSettings.Mock, farm, ("dnf4", "/usr/bin/dnf-3"));

    [GeneratedRegex(@"^config_opts(\['(?<part>[^']+)'\])+ = ", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Key();
}
