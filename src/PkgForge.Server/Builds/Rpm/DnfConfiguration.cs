using System.Text;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>What dnf is told, by the farm's own builder and by mock's: the platform's repositories and, before them, the farm's.</summary>
internal static class DnfConfiguration
{
    /// <summary>What the repository of the job's own products is called.</summary>
    public const string OwnProducts = ".job";

    /// <summary>So the names of the farm's own repositories begin.</summary>
    public const string FarmPrefix = "pkgforge-";

    /// <summary>What was fetched before is used as long as the repository still says that it is what it has.</summary>
    private const string AlwaysAsk = "metadata_expire=0\n";

    /// <param name="settings">The platform, and the machine's proxy.</param>
    /// <param name="farm">The farm's repositories, by name. Where more than one has a package, the job's own goes first, then those of buckets, whatever the versions.</param>
    /// <param name="places">Lines of the first section that say where dnf finds what it is not to look for elsewhere.</param>
    public static string Text(
        RootSettings settings,
        IReadOnlyList<(string Name, string Url)> farm,
        params IReadOnlyList<string> places
    )
    {
        var recipe = settings.Recipe;
        string[] main =
        [
            "[main]",
            .. places,
            "assumeyes=1",
            "install_weak_deps=0",
            "tsflags=nodocs",
            "best=1",
            "keepcache=1",
            $"gpgcheck={(recipe.CheckSignatures ? 1 : 0)}",
            .. settings.Proxy is { } proxy ? [$"proxy={proxy}"] : (string[])[],
        ];
        var text = new StringBuilder($"{string.Join('\n', main)}\n\n");
        foreach (var (name, url) in recipe.Repositories)
            text.Append($"[{name}]\nname={name}\nbaseurl={url}\ngpgkey={string.Join(' ', recipe.Keys)}\n{AlwaysAsk}");
        foreach (var (name, url) in farm)
            text.Append(
                $"[{FarmPrefix}{name}]\nname={FarmPrefix}{name}\nbaseurl={url}\ngpgcheck=0\npriority={(name == OwnProducts ? 5 : 10)}\n{AlwaysAsk}"
            );
        return text.ToString();
    }
}
