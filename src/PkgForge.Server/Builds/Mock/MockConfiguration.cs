using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Builds.Rpm;
using PkgForge.Server.Configuration;

namespace PkgForge.Server.Builds.Mock;

/// <summary>
/// What <c>mock</c> is told: a file that is generated for one build from the recipe, the limits and the buckets. Nothing in it comes from the user. Mock reads it as a program, and
/// every string of it as a template, so every value is a quoted string without a template's marks.
/// </summary>
internal static class MockConfiguration
{
    /// <summary>The name of a generated configuration, and of the root that mock makes by it.</summary>
    public const string Name = "pkgforge";

    // The marks of Jinja: an expression, a statement, a comment.
    private static readonly string[] Marks = ["{{", "{%", "{#"];

    private static readonly string[] Intel = ["x86_64", "i686"];

    /// <param name="settings">The platform, its recipe and limits.</param>
    /// <param name="farm">Repositories of the farm: those of the buckets, and the job's earlier products.</param>
    /// <param name="packageManager">Mock's word for the host's: <c>dnf4</c> or <c>dnf5</c>.</param>
    /// <exception cref="ConfigurationException">A value of the recipe would be a template.</exception>
    public static string Text(
        RootSettings settings,
        IReadOnlyList<(string Name, string Url)> farm,
        (string Word, string Path) packageManager
    )
    {
        var architecture = settings.Platform.Architecture;
        string[] hosts = architecture == "i686" ? Intel : [architecture];
        var text = $"""
            config_opts['root'] = {Quote(Name)}
            config_opts['target_arch'] = {Quote(architecture)}
            config_opts['legal_host_arches'] = [{string.Join(", ", hosts.Select(Quote))}]
            config_opts['releasever'] = {Quote(settings.Recipe.ReleaseVersion)}
            config_opts['package_manager'] = {Quote(packageManager.Word)}
            config_opts['{packageManager.Word}_command'] = {Quote(packageManager.Path)}
            config_opts['chroot_setup_cmd'] = {Quote($"install {string.Join(' ', settings.Recipe.Packages)}")}
            config_opts['use_bootstrap'] = False
            config_opts['plugin_conf']['hw_info_enable'] = False
            config_opts['plugin_conf']['selinux_enable'] = False
            config_opts['plugin_conf']['root_cache_opts']['age_check'] = False
            config_opts['plugin_conf']['root_cache_opts']['compress_program'] = 'gzip'
            config_opts['macros']['%_smp_ncpus_max'] = {Quote($"{settings.Limits.Parallel}")}
            config_opts['macros']['%source_date_epoch_from_changelog'] = '1'
            config_opts['macros']['%use_source_date_epoch_as_buildtime'] = '1'
            config_opts['macros']['%clamp_mtime_to_source_date_epoch'] = '1'
            config_opts['dnf.conf'] = {Quote(DnfConfiguration.Text(settings, farm, Main(settings)))}

            """;
        if (Array.Find(Marks, mark => text.Contains(mark, StringComparison.Ordinal)) is { } found)
            throw new ConfigurationException(
                $"the recipe of {settings.Platform}, or the directory of the buckets, has '{found}' in it, which mock would read as a template"
            );
        return text;
    }

    private static string[] Main(RootSettings settings) =>
        ["reposdir=/dev/null", .. settings.Proxy is { } proxy ? [$"proxy={proxy}"] : (string[])[]];

    /// <summary>A string of Python that stands for exactly this text.</summary>
    internal static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}'";
}
