using AwesomeAssertions;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds.Sbuild;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class SbuildConfigurationTests
{
    [Fact]
    public void Buckets_are_repositories_of_the_platform_and_mounted_where_sources_list_says()
    {
        Text(DriverSettings.Bucket)
            .Should()
            .Contain("'deb [trusted=yes] file:/pkgforge/main bookworm main'")
            .And.Contain("{ directory => '/buckets/main/bookworm-amd64', mountpoint => '/pkgforge/main' }");
    }

    [Fact]
    public void The_architecture_and_the_parallel_jobs_are_the_platforms() =>
        Text([])
            .Should()
            .Contain("$host_arch = 'amd64';")
            .And.Contain("$build_arch = 'amd64';")
            .And.Contain("'DEB_BUILD_OPTIONS' => 'parallel=3'");

    [Fact]
    public void Earlier_products_of_the_job_are_extra_packages_where_there_are_any()
    {
        Text([]).Should().Contain("$extra_packages = [  ];");
        SbuildConfiguration
            .Text(DriverSettings.Sbuild, "/s/pkgforge", "/s/base.tar", [], "/work/products")
            .Should()
            .Contain("$extra_packages = [ '/work/products' ];");
    }

    [Theory]
    [InlineData("/a'; system 'id'; '")]
    [InlineData("/a\\")]
    [InlineData("/a\\'; exec 'id'; #")]
    [InlineData("/@{[`id`]}$(id)`id`")]
    public void No_directory_is_a_program(string directory)
    {
        var text = Text([new RepositoryReference("main", directory, "1")]);

        var line = text.Split('\n').Single(l => l.StartsWith("$unshare_bind_mounts", StringComparison.Ordinal));
        Strings(line).Should().Contain(directory, "Perl reads it as this text, and as nothing else");
    }

    /// <summary>The quoted strings of a line as Perl reads them; fails where one does not end.</summary>
    private static List<string> Strings(string line)
    {
        var found = new List<string>();
        for (var i = line.IndexOf('\''); i >= 0; i = line.IndexOf('\'', i + 1))
        {
            var text = "";
            for (i++; line[i] != '\''; i++)
                text += line[i] == '\\' ? line[++i] : line[i];
            found.Add(text);
        }
        return found;
    }

    private static string Text(IReadOnlyList<RepositoryReference> repositories) =>
        SbuildConfiguration.Text(DriverSettings.Sbuild, "/s/pkgforge", "/s/base.tar", repositories, null);
}
