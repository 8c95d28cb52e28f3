using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>
/// The host's dnf, on a root: a configuration of the farm's own, nothing of the host's. Debian's build of it needs two
/// corrections, which do no harm elsewhere: the place of the RPM database, and no plugin that keeps packages of one root
/// for the next.
/// </summary>
internal sealed class DnfCommand(RootSettings settings)
{
    private string Home => $"{settings.WorkDirectory}/home";
    private string Configuration => $"{Home}/dnf.conf";
    private string Needs => $"{Home}/needs.spec";

    private Dictionary<string, string> Environment => new() { ["HOME"] = Home };

    /// <summary>Writes the configuration: the platform's repositories and, before them, the farm's.</summary>
    public void WriteConfiguration(IReadOnlyList<(string Name, string Url)> farm)
    {
        string[] places = [$"reposdir={Home}/none", $"varsdir={Home}/none", $"pluginconfpath={Home}/none"];
        Directory.CreateDirectory(Home);
        File.WriteAllText(Configuration, DnfConfiguration.Text(settings, farm, places));
        // /proc and /dev are mounts in a root: no package may change them, though one owns them.
        File.WriteAllText($"{Home}/.rpmmacros", "%_dbpath /var/lib/rpm\n%_netsharedpath /proc:/dev:/sys\n");
    }

    /// <summary>dnf with some words, on a root.</summary>
    public Command Run(RootSession root, IReadOnlyList<string> words) =>
        new(
            "dnf",
            [
                "--disableplugin=*",
                "-c",
                Configuration,
                $"--installroot={root.Path}",
                $"--releasever={settings.Recipe.ReleaseVersion}",
                $"--forcearch={settings.Platform.Architecture}",
                .. words,
            ]
        )
        {
            // Not in a file, which a script that leaves its root could read: the proxy may have a password.
            Environment = new Dictionary<string, string>(settings.ProxyVariables) { ["HOME"] = Home },
        };

    /// <summary>
    /// dnf that installs what a source needs, by its plugin <c>builddep</c>: out of a spec file that says nothing else, so that a requirement is never taken for an option, a file or
    /// a URL, and that conditions in parentheses mean what rpm means by them.
    /// </summary>
    /// <param name="root">The root.</param>
    /// <param name="requirements">All of them plain (<see cref="Requirements.IsPlain"/>).</param>
    /// <param name="options">Of dnf.</param>
    public Command BuildDependencies(
        RootSession root,
        IReadOnlyList<string> requirements,
        params IReadOnlyList<string> options
    )
    {
        File.WriteAllLines(Needs, SpecOf(requirements));
        return Run(root, ["--enableplugin=builddep", "builddep", .. options, "--spec", "--", Needs]);
    }

    internal static IEnumerable<string> SpecOf(IReadOnlyList<string> requirements) =>
        [
            "Name: needs",
            "Version: 0",
            "Release: 0",
            "Summary: What a source needs to be built",
            "License: none",
            .. requirements.Select(requirement => $"BuildRequires: {requirement}"),
            "%description",
        ];

    /// <summary>
    /// A command without a network, and without what packages' scripts could use to leave the root but for <c>sys_chroot</c>, which rpm
    /// needs itself: whoever leaves it so is nobody, and finds no layers.
    /// </summary>
    public Command Confine(Command dnf) =>
        (dnf with { Environment = Environment })
            .Under(
                "setpriv",
                "--inh-caps=-all",
                "--bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+setfcap,+sys_chroot",
                "--"
            )
            .Under("prlimit", "--core=0", "--")
            .Under("unshare", "--net", "--");

    /// <summary>rpm with some words, on a root.</summary>
    public Command Rpm(RootSession root, params IReadOnlyList<string> words) =>
        new("rpm", ["--root", root.Path, .. words]) { Environment = Environment };
}
