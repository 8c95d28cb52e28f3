using PkgForge.Registry.Builders;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds.Sbuild;

/// <summary>
/// What <c>sbuild</c> is told: a file that is generated for one build from the recipe, the limits and the buckets. Nothing in it comes from the user; and sbuild reads it as a
/// program, so every value is a quoted string or a number all the same.
/// </summary>
internal static class SbuildConfiguration
{
    /// <summary>What user 0 of the session is called. Sbuild gives the build, and some of its own commands in the root, to the user of the same name there.</summary>
    public const string User = "pkgforge";

    /// <param name="settings">The platform and its limits.</param>
    /// <param name="home">The tool's directory in the session.</param>
    /// <param name="tarball">The root's archive.</param>
    /// <param name="repositories">Those of the buckets.</param>
    /// <param name="products">The directory of the job's earlier products; null when there are none.</param>
    public static string Text(
        RootSettings settings,
        string home,
        string tarball,
        IReadOnlyList<RepositoryReference> repositories,
        string? products
    )
    {
        var mounts = repositories
            .Select(repository => (repository.Directory, Mount: Place(repository)))
            .Append(($"{home}/preferences", "/pkgforge/.farm"))
            .Select(mount => $"{{ directory => {Quote(mount.Item1)}, mountpoint => {Quote(mount.Item2)} }}");
        var lines = repositories.Select(repository =>
            Quote($"deb [trusted=yes] file:{Place(repository)} {settings.Platform.Name} main")
        );
        return $$"""
            $chroot_mode = 'unshare';
            $chroot = {{Quote(tarball)}};
            $unshare_tmpdir_template = {{Quote($"{home}/root.XXXXXXXXXX")}};
            $unshare_bind_mounts = [ {{string.Join(", ", mounts)}} ];
            $distribution = {{Quote(settings.Platform.Name)}};
            $host_arch = {{Quote(settings.Platform.Architecture)}};
            $build_arch = {{Quote(settings.Platform.Architecture)}};
            $build_user = {{Quote(User)}};
            $build_dir = {{Quote($"{home}/products")}};
            $build_path = {{Quote($"{Step.BuildHome}/pkgforge")}};
            $dsc_dir = 'source';
            $build_environment = { 'DEB_BUILD_OPTIONS' => 'parallel={{settings.Limits.Parallel}}' };
            $build_arch_all = 1;
            $build_arch_any = 1;
            $build_source = 0;
            $extra_repositories = [ {{string.Join(", ", lines)}} ];
            $extra_packages = [ {{(products is null ? "" : Quote(products))}} ];
            $external_commands = { 'chroot-setup-commands' => [ [ 'cp', '/pkgforge/.farm/pkgforge', '/etc/apt/preferences.d/pkgforge' ], [ 'cp', '/pkgforge/.farm/proxy', '/etc/apt/apt.conf.d/pkgforge' ] ] };
            $apt_update = 1;
            $apt_upgrade = 0;
            $apt_distupgrade = 0;
            $apt_clean = 0;
            $bd_uninstallable_explainer = 'none';
            $run_lintian = 0;
            $run_piuparts = 0;
            $run_autopkgtest = 0;
            # The farm ends a build that takes too long or says nothing, and finds out itself whether there is room.
            $stalled_pkg_timeout = 5256000;
            $check_space = 0;
            # All of it goes with the session.
            $purge_build_deps = 'never';
            $purge_build_directory = 'never';
            $purge_session = 'never';
            $mailto = '';
            $nolog = 1;
            $log_colour = 0;
            $log_filter = 0;
            1;

            """;
    }

    /// <summary>A string of Perl that stands for exactly this text.</summary>
    internal static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    private static string Place(RepositoryReference repository) => $"/pkgforge/{repository.Name}";
}
