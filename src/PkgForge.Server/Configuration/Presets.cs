using System.Text.RegularExpressions;
using PkgForge.Platforms;
using PkgForge.Server.Builds;
using PkgForge.Sources;

namespace PkgForge.Server.Configuration;

/// <summary>
/// Ready recipes for the distributions that most farms build for: a name, and from the platform's own name which release it is. What a recipe says itself stands
/// before its preset.
/// </summary>
public static partial class Presets
{
    // What Fedora and its descendants hold before build dependencies: their group "buildsys-build".
    private static readonly string[] RpmTools =
    [
        "bash",
        "bzip2",
        "coreutils",
        "cpio",
        "diffutils",
        "findutils",
        "gawk",
        "glibc-minimal-langpack",
        "grep",
        "gzip",
        "info",
        "patch",
        "redhat-rpm-config",
        "rpm-build",
        "sed",
        "tar",
        "unzip",
        "util-linux",
        "which",
        "xz",
    ];

    private static readonly Preset[] All =
    [
        new("debian", "bullseye, bookworm, trixie, forky or sid", DebianName(), Debian),
        new("ubuntu", "jammy, noble, questing, or another release by the first word of its name", UbuntuName(), Ubuntu),
        new("fedora", "f43 or fedora43, with any number, or rawhide", FedoraName(), Fedora),
        new("almalinux", "el9, alma9 or almalinux9, with 8, 9 or 10", AlmaName(), Alma),
        new("rocky", "el9 or rocky9, with 8, 9 or 10", RockyName(), Rocky),
        new("centos-stream", "el10, c10s or stream10, with 9 or 10", StreamName(), Stream),
    ];

    /// <summary>The names of all presets.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(preset => preset.Name)];

    /// <summary>The recipe of a platform by a preset; or what was expected instead.</summary>
    public static (PlatformRecipe? Recipe, string? Error) Find(string name, PlatformKey platform)
    {
        if (Array.Find(All, preset => preset.Name == name) is not { } preset)
            return (null, $"one of {string.Join(", ", Names)}");
        return preset.Platform.Match(platform.Name) is { Success: true } match
            ? (preset.Make(match.Groups["release"].Value, platform.Architecture), null)
            : (null, $"a preset that knows '{platform.Name}'; '{name}' knows {preset.Knows}");
    }

    private static PlatformRecipe Debian(string suite, string architecture)
    {
        const string Archive = "http://deb.debian.org/debian";
        return new()
        {
            Format = PackageFormat.Debian,
            Suite = suite,
            Mirror = Archive,
            Keyrings = ["/usr/share/keyrings/debian-archive-keyring.gpg"],
            // In sid there is nothing beside it.
            Repositories =
                suite == "sid"
                    ? new Dictionary<string, string>()
                    : new Dictionary<string, string>
                    {
                        ["updates"] = $"{Archive} {suite}-updates main",
                        ["security"] = $"http://security.debian.org/debian-security {suite}-security main",
                    },
        };
    }

    private static PlatformRecipe Ubuntu(string suite, string architecture)
    {
        var main = architecture is "amd64" or "i386";
        var archive = main ? "http://archive.ubuntu.com/ubuntu" : "http://ports.ubuntu.com/ubuntu-ports";
        return new()
        {
            Format = PackageFormat.Debian,
            Suite = suite,
            Mirror = archive,
            Components = ["main", "universe"],
            Keyrings = ["/usr/share/keyrings/ubuntu-archive-keyring.gpg"],
            Repositories = new Dictionary<string, string>
            {
                ["updates"] = $"{archive} {suite}-updates main universe",
                ["security"] =
                    $"{(main ? "http://security.ubuntu.com/ubuntu" : archive)} {suite}-security main universe",
            },
        };
    }

    private static PlatformRecipe Fedora(string release, string architecture)
    {
        const string Place = "https://dl.fedoraproject.org/pub/fedora/linux";
        var rpm = Rpm(release, "fedora-release-common", "https://fedoraproject.org/fedora.gpg");
        return rpm with
        {
            Repositories =
                release == "rawhide"
                    ? new Dictionary<string, string>
                    {
                        ["rawhide"] = $"{Place}/development/rawhide/Everything/{architecture}/os/",
                    }
                    : new Dictionary<string, string>
                    {
                        ["fedora"] = $"{Place}/releases/{release}/Everything/{architecture}/os/",
                        ["updates"] = $"{Place}/updates/{release}/Everything/{architecture}/",
                    },
        };
    }

    private static PlatformRecipe Alma(string release, string architecture) =>
        Enterprise(
            Rpm(release, "redhat-release", $"https://repo.almalinux.org/almalinux/RPM-GPG-KEY-AlmaLinux-{release}"),
            $"https://repo.almalinux.org/almalinux/{release}",
            architecture
        );

    private static PlatformRecipe Rocky(string release, string architecture)
    {
        const string Place = "https://dl.rockylinux.org/pub/rocky";
        var key = release == "8" ? "RPM-GPG-KEY-rockyofficial" : $"RPM-GPG-KEY-Rocky-{release}";
        return Enterprise(Rpm(release, "rocky-release", $"{Place}/{key}"), $"{Place}/{release}", architecture);
    }

    private static PlatformRecipe Stream(string release, string architecture)
    {
        var key = release == "9" ? "RPM-GPG-KEY-CentOS-Official" : "RPM-GPG-KEY-CentOS-Official-SHA256";
        return Enterprise(
            Rpm(release, "centos-stream-release", $"https://www.centos.org/keys/{key}"),
            $"https://mirror.stream.centos.org/{release}-stream",
            architecture
        );
    }

    private static PlatformRecipe Enterprise(PlatformRecipe recipe, string place, string architecture)
    {
        var third = recipe.ReleaseVersion == "8" ? "PowerTools" : "CRB";
        return recipe with
        {
            Repositories = new Dictionary<string, string>
            {
                ["baseos"] = $"{place}/BaseOS/{architecture}/os/",
                ["appstream"] = $"{place}/AppStream/{architecture}/os/",
                [third.ToLowerInvariant()] = $"{place}/{third}/{architecture}/os/",
            },
        };
    }

    private static PlatformRecipe Rpm(string release, string releasePackage, string key) =>
        new()
        {
            Format = PackageFormat.Rpm,
            ReleaseVersion = release,
            Keys = [key],
            Packages = [.. RpmTools, releasePackage],
        };

    [GeneratedRegex(
        @"\A(?<release>bullseye|bookworm|trixie|forky|sid)\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture
    )]
    private static partial Regex DebianName();

    [GeneratedRegex(
        // Two a year: the archive knows which there are.
        @"\A(?<release>[a-z]{4,20})\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture
    )]
    private static partial Regex UbuntuName();

    [GeneratedRegex(
        @"\A(?:f(?:edora-?)?)?(?<release>[1-9][0-9]|rawhide)\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture
    )]
    private static partial Regex FedoraName();

    [GeneratedRegex(
        @"\A(?:el|alma|almalinux)-?(?<release>8|9|10)\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture
    )]
    private static partial Regex AlmaName();

    [GeneratedRegex(@"\A(?:el|rocky)-?(?<release>8|9|10)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex RockyName();

    [GeneratedRegex(
        @"\A(?:el|c|stream|centos-stream-)(?<release>9|10)s?\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture
    )]
    private static partial Regex StreamName();

    /// <param name="Name">What the recipe calls it.</param>
    /// <param name="Knows">Names of platforms that it knows, for messages.</param>
    /// <param name="Platform">Those names; the group <c>release</c> is the release.</param>
    /// <param name="Make">Makes the recipe of a release and an architecture.</param>
    private sealed record Preset(string Name, string Knows, Regex Platform, Func<string, string, PlatformRecipe> Make);
}
