using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Configuration;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Configuration;

public sealed class PresetsTests
{
    [Theory]
    [InlineData("debian", "bookworm", "amd64", "http://deb.debian.org/debian bookworm-updates main")]
    [InlineData("debian", "trixie", "arm64", "http://security.debian.org/debian-security trixie-security main")]
    [InlineData("ubuntu", "noble", "amd64", "http://security.ubuntu.com/ubuntu noble-security main universe")]
    [InlineData("ubuntu", "noble", "arm64", "http://ports.ubuntu.com/ubuntu-ports noble-updates main universe")]
    [InlineData(
        "fedora",
        "f43",
        "x86_64",
        "https://dl.fedoraproject.org/pub/fedora/linux/releases/43/Everything/x86_64/os/"
    )]
    [InlineData(
        "fedora",
        "rawhide",
        "aarch64",
        "https://dl.fedoraproject.org/pub/fedora/linux/development/rawhide/Everything/aarch64/os/"
    )]
    [InlineData("almalinux", "el8", "x86_64", "https://repo.almalinux.org/almalinux/8/PowerTools/x86_64/os/")]
    [InlineData("rocky", "rocky10", "x86_64", "https://dl.rockylinux.org/pub/rocky/10/CRB/x86_64/os/")]
    [InlineData("centos-stream", "c10s", "x86_64", "https://mirror.stream.centos.org/10-stream/AppStream/x86_64/os/")]
    public void A_preset_knows_the_release_by_the_platforms_name(
        string preset,
        string name,
        string arch,
        string repository
    )
    {
        var (recipe, error) = Presets.Find(preset, new(name, arch));

        error.Should().BeNull();
        recipe!.Repositories.Values.Should().Contain(repository);
        recipe.CheckSignatures.Should().BeTrue();
        (recipe.Format == PackageFormat.Rpm ? recipe.Keys : recipe.Keyrings).Should().ContainSingle();
    }

    [Fact]
    public void Every_preset_is_read_again_from_what_is_written_of_it()
    {
        foreach (
            var (preset, name) in new[]
            {
                ("debian", "sid"),
                ("ubuntu", "jammy"),
                ("fedora", "f43"),
                ("almalinux", "el9"),
                ("rocky", "el9"),
                ("centos-stream", "el9"),
            }
        )
        {
            var key = new PlatformKey(name, "x86_64");
            var recipe = Presets.Find(preset, key).Recipe!;
            var farm = new FarmConfiguration
            {
                Platforms = new Dictionary<PlatformKey, Server.Builds.PlatformRecipe> { [key] = recipe },
            };
            var written = ConfigurationFiles.Load(Write(BuilderSettings.Write(farm, key)!)).Platforms[key];
            written.Should().BeEquivalentTo(recipe with { Suite = recipe.Suite.Length > 0 ? recipe.Suite : name });
        }
    }

    [Theory]
    [InlineData("debian", "focal", "'debian' knows bullseye, bookworm, trixie, forky or sid")]
    [InlineData("fedora", "43a", "'fedora' knows f43")]
    [InlineData("suse", "15", "one of debian, ubuntu, fedora")]
    public void What_it_does_not_know_it_says(string preset, string name, string message) =>
        Presets.Find(preset, new(name, "amd64")).Error.Should().Contain(message);

    [Fact]
    public void A_platforms_own_file_stands_beside_the_configuration_and_its_keys_before_the_preset()
    {
        var file = Write("buckets:\n  main:\n");
        var own = WritePlatform(file, "bookworm-amd64", "preset: debian\nmirror: http://mirror.example.org/debian\n");

        var recipe = ConfigurationFiles.Load(file).Platforms[new("bookworm", "amd64")];

        recipe.Mirror.Should().Be("http://mirror.example.org/debian", "of {0}", own);
        recipe.Suite.Should().Be("bookworm");
        recipe.Repositories.Should().ContainKey("security");
    }

    [Theory]
    [InlineData("bookworm", "preset: debian\n", "expected NAME-ARCHITECTURE.yml")]
    [InlineData("bookworm-amd64", "preset: debien\n", "expected one of debian, ubuntu")]
    [InlineData("bookworm-amd64", "preset: debian\nmirro: x\n", "mirro")]
    [InlineData("bookworm-amd64", "suite: bookworm\n", "format")]
    [InlineData(
        "bookworm-amd64",
        "format: debian\nrepositories: { x: 'http://x.example/ --option main' }\n",
        "a URL, a suite and components"
    )]
    [InlineData("bookworm-amd64", "format: debian\nkeyrings: ['--option']\n", "the path of a file")]
    [InlineData("bookworm-amd64", "format: debian\ntarball: 'x'\n", "a path that begins with /")]
    [InlineData("bookworm-amd64", "format: debian\ndriver: pbuilder\n", "one of roots, sbuild, mock")]
    [InlineData("bookworm-amd64", "format: debian\ndriver: mock\n", "mock only where 'format' is rpm")]
    [InlineData("f43-x86_64", "preset: fedora\ndriver: sbuild\n", "sbuild only where 'format' is debian")]
    [InlineData("f43-x86_64", "preset: fedora\nmock_configurations: /etc/mock\n", "only where 'driver' is mock")]
    [InlineData("f43-x86_64", "preset: fedora\ndriver: mock\ntarball: /x.tar\n", "none where 'driver' is mock")]
    [InlineData("f43-x86_64", "preset: fedora\ndriver: mock\nmock_configurations: 'x y'\n", "the path of a file")]
    [InlineData("f43-x86_64", "format: rpm\nrepositories: { x: 'http://x.example/ y z' }\n", "a URL that begins with")]
    public void A_wrong_file_is_named_with_what_was_expected(string name, string text, string message)
    {
        var file = Write("buckets:\n  main:\n");
        WritePlatform(file, name, text);

        var load = () => ConfigurationFiles.Load(file);
        load.Should()
            .Throw<ConfigurationException>()
            .Which.Message.Should()
            .Contain($"platforms/{name}.yml")
            .And.Contain(message);
    }

    [Fact]
    public void A_platform_that_is_described_twice_is_refused()
    {
        var file = Write("platform_recipes:\n  bookworm-amd64: { preset: debian }\n");
        WritePlatform(file, "bookworm-amd64", "preset: debian\n");

        var load = () => ConfigurationFiles.Load(file);
        load.Should().Throw<ConfigurationException>().WithMessage("*has a section under 'platform_recipes:' as well*");
    }

    private static string Write(string text)
    {
        var path = $"{Directory.CreateTempSubdirectory("pkgforge-test-").FullName}/pkgforge.yml";
        File.WriteAllText(path, text);
        return path;
    }

    private static string WritePlatform(string configuration, string name, string text)
    {
        var directory = Directory.CreateDirectory($"{Path.GetDirectoryName(configuration)}/platforms").FullName;
        File.WriteAllText($"{directory}/{name}.yml", text);
        return $"{directory}/{name}.yml";
    }
}
