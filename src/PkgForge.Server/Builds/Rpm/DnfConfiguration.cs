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

    /// <param name="settings">The platform.</param>
    /// <param name="farm">The farm's repositories, by name. Where more than one has a package, the job's own goes first, then those of buckets, whatever the versions.</param>
    /// <param name="more">Further lines of the first section.</param>
    public static string Text(
        RootSettings settings,
        IReadOnlyList<(string Name, string Url)> farm,
        params IReadOnlyList<string> more
    )
    {
        var recipe = settings.Recipe;
        string[] main =
        [
            "[main]",
            .. more,
            "assumeyes=1",
            "install_weak_deps=0",
            "tsflags=nodocs",
            "best=1",
            "keepcache=1",
            $"gpgcheck={(recipe.CheckSignatures ? 1 : 0)}",
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
