using PkgForge.Server.Builds.Reproducing;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Mock;

/// <summary>
/// The command lines of <c>mock</c>, as its version 6 has them. It is called as its own wrapper calls it after having become root, with the user to whom it gives the
/// build; here that root is the session's.
/// </summary>
/// <param name="home">The tool's directory in the session.</param>
/// <param name="configurations">Where the configuration lies, in the session or on the host.</param>
/// <param name="name">The configuration's name.</param>
internal sealed class MockCommand(string home, string configurations, string name)
{
    /// <summary>The program behind the wrapper.</summary>
    public const string Program = "/usr/libexec/mock/mock";

    /// <summary>Where results lie, below the tool's directory.</summary>
    public const string Results = "results";

    /// <summary>Makes the root, and the archive of it that later builds unpack.</summary>
    public Command Initialise() => Run("--init");

    /// <summary>Makes the root, and installs the build dependencies of a source in it.</summary>
    /// <param name="srpm">The source.</param>
    /// <param name="repositories">URLs of repositories that the configuration does not name.</param>
    public Command InstallDependencies(string srpm, IEnumerable<string> repositories) =>
        Run([.. Added(repositories), "--installdeps", srpm]);

    /// <summary>Builds the source in the root as it is: nothing is fetched.</summary>
    public Command Rebuild(string srpm, IEnumerable<string> repositories) =>
        Run([.. Added(repositories), "--no-clean", "--offline", "--rebuild", srpm]);

    private static IEnumerable<string> Added(IEnumerable<string> repositories) =>
        repositories.SelectMany(url => new[] { "--addrepo", url });

    private Command Run(params IReadOnlyList<string> words) =>
        new(
            Program,
            [
                "--configdir",
                configurations,
                "--root",
                name,
                // Its other kind asks systemd of the host.
                "--isolation",
                "simple",
                "--no-bootstrap-image",
                "--no-cleanup-after",
                "--resultdir",
                $"{home}/{Results}",
                "--config-opts",
                $"basedir={home}/roots",
                "--config-opts",
                $"cache_topdir={home}/cache",
                // What the build prints, as it prints it: the limits of silence and log need it.
                "--config-opts",
                "print_main_output=True",
                .. words,
            ]
        )
        {
            Environment = new Dictionary<string, string>
            {
                ["HOME"] = home,
                ["TMPDIR"] = $"{home}/tmp",
                ["SUDO_UID"] = $"{Step.BuildUser}",
                ["SUDO_GID"] = $"{Step.BuildUser}",
            },
        };
}
