using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>How the root of a platform is made: the section of that platform in the configuration.</summary>
public sealed record PlatformRecipe
{
    /// <summary>The source packages that it builds, which decides the tools that make its root.</summary>
    public required PackageFormat Format { get; init; }

    /// <summary>What builds: the farm itself in its own roots, or a tool that it drives.</summary>
    public BuildDriver Driver { get; init; } = BuildDriver.Roots;

    /// <summary>
    /// Mock: a directory of a site's own configurations, of which <c>PLATFORM-BUCKET-ARCHITECTURE.cfg</c> is used instead of one that is generated;
    /// empty for none.
    /// </summary>
    public string MockConfigurations { get; init; } = "";

    /// <summary>Debian: the suite to bootstrap, e.g. <c>bookworm</c>.</summary>
    public string Suite { get; init; } = "";

    /// <summary>Debian: where the suite is.</summary>
    public string Mirror { get; init; } = "http://deb.debian.org/debian";

    /// <summary>Debian: the components that builds may use. Default <c>main</c>.</summary>
    public IReadOnlyList<string> Components { get; init; } = ["main"];

    /// <summary>Debian: files of OpenPGP keys that Release files are signed with. Default: those that apt trusts on this machine.</summary>
    public IReadOnlyList<string> Keyrings { get; init; } = [];

    /// <summary>A root as an archive of <c>tar</c>, taken as it is instead of one that is bootstrapped; empty for none.</summary>
    public string Tarball { get; init; } = "";

    /// <summary>
    /// The repositories to install from, by name. RPM: all, as URLs. Debian: those beside the mirror, as <c>URL SUITE COMPONENT...</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Repositories { get; init; } = new Dictionary<string, string>();

    /// <summary>RPM: the value of <c>$releasever</c>.</summary>
    public string ReleaseVersion { get; init; } = "";

    /// <summary>RPM: check the signatures of packages; keys must then be in the repositories' own configuration. Default true.</summary>
    public bool CheckSignatures { get; init; } = true;

    /// <summary>RPM: files with the public keys that packages are signed with, as URLs.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>
    /// What the base layer holds. Debian: further packages beside the build-essential set. RPM: all of it.
    /// </summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>How old the knowledge of a mirror's content may be when dependencies are worked out. Default one day.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What stands before the general limits on this platform.</summary>
    public PlatformLimits Limits { get; init; } = new();
}
