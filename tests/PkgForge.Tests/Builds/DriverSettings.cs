using PkgForge.Platforms;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Roots;
using PkgForge.Sources;

namespace PkgForge.Tests.Builds;

/// <summary>What drivers are given in these tests.</summary>
internal static class DriverSettings
{
    public static RootSettings Sbuild { get; } =
        new(
            new("bookworm", "amd64"),
            new() { Format = PackageFormat.Debian, Driver = BuildDriver.Sbuild },
            new() { Parallel = 3 },
            new LayerStore("/work"),
            0,
            "/work/builders/b1"
        );

    public static RootSettings Mock { get; } =
        Sbuild with
        {
            Platform = new("f43", "x86_64"),
            Recipe = new()
            {
                Format = PackageFormat.Rpm,
                Driver = BuildDriver.Mock,
                ReleaseVersion = "43",
                Packages = ["rpm-build", "bash"],
                Repositories = new Dictionary<string, string> { ["base"] = "https://example.org/43/" },
                Keys = ["file:///etc/key"],
            },
        };

    public static IReadOnlyList<RepositoryReference> Bucket { get; } =
    [new("main", "/buckets/main/bookworm-amd64", "1")];
}
