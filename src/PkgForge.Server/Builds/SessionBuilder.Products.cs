using PkgForge.Registry;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds;

/// <summary>What a build has made, and whether it comes from what was accepted.</summary>
public abstract partial class SessionBuilder
{
    /// <summary>Where products lie in the session and how their names end.</summary>
    protected abstract (string Directory, int Depth, IReadOnlyList<string> Suffixes) Products { get; }

    /// <summary>
    /// Finds out whether the source has lied about itself: what its products say of where they come from is not what it was accepted as. Returns what is wrong, or null. The products say
    /// what the build has made them say, so this finds mistakes, and lies for which nobody took pains.
    /// </summary>
    protected abstract string? FindLie(BuildRequest request, IReadOnlyList<string> products);

    /// <summary>Where the products of the job's earlier sources are a repository of the root.</summary>
    private protected const string OwnProducts = "/pkgforge/.job";

    /// <summary>Where in that directory they themselves are; the index is beside it.</summary>
    private protected const string ProductsMount = "pool";

    /// <summary>Shows the root the products of the job's earlier sources, where they are. They belong to nobody there, so that nobody there can change them.</summary>
    private protected static Task MountProductsAsync(
        RootSession root,
        BuildRequest request,
        string directory,
        CancellationToken cancel
    ) =>
        root.RequireOnHostAsync(
            new("sh", "-c", MountScript, "products", request.Products, $"{root.Path}{directory}/{ProductsMount}"),
            cancel
        );

    private const string MountScript = """
        mkdir -p -- "$2" && mount --bind -o ro -- "$1" "$2"
        """;

    private protected async Task<BuildOutcome> CollectAsync(
        RootSession root,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var built = await ProductCollector.CollectAsync(root, Products, request, settings.Limits.Root, cancel);
        return built.Succeeded && FindLie(request, built.Products) is { } lie ? Disown(request, built, lie) : built;
    }

    /// <summary>Nothing of a source that is not what it was accepted as goes any further.</summary>
    private static BuildOutcome Disown(BuildRequest request, BuildOutcome built, string lie)
    {
        foreach (var product in built.Products)
            File.Delete($"{request.Products}/{product}");
        request.Log.Say($"failed: packaging: {lie}");
        return BuildOutcome.Failed(Cause.Packaging, null, lie);
    }
}
