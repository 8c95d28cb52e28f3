using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Debian;

/// <summary>Where the root's apt finds what the distribution does not have: buckets, and the products of the job's earlier sources.</summary>
public sealed partial class DebianBuilder
{
    /// <returns>The failure of the job, when one of its own products is no package; null when all is well.</returns>
    private async Task<BuildOutcome?> OfferRepositoriesAsync(
        RootSession root,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var list = request
            .Repositories.Select(repository =>
                $"deb [trusted=yes] file:{Mount(repository)} {Settings.Platform.Name} main"
            )
            .ToList();
        if (Directory.EnumerateFiles(request.Products, "*.deb").Any())
        {
            if (await OfferProductsAsync(root, request, cancel) is { } failure)
                return failure;
            list.Add($"deb [trusted=yes] file:{OwnProducts} ./");
        }
        var text = $"{Settings.WorkDirectory}/pkgforge.list";
        await File.WriteAllLinesAsync(text, list, cancel);
        var preferences = $"{Settings.WorkDirectory}/preferences";
        await File.WriteAllTextAsync(preferences, Preferences, cancel);
        var mounts = request.Repositories.SelectMany(repository => new[] { repository.Directory, Mount(repository) });
        await root.RequireOnHostAsync(
            new("sh", ["-c", OfferScript, "offer", root.Path, text, preferences, .. mounts]),
            cancel
        );
        return null;
    }

    /// <summary>
    /// Which packages go before which, whatever their versions: those of this job, then those of its buckets, then those of the distribution. A repository that is a directory has no
    /// site name; of those, buckets say where they come from. The first rule that fits counts (apt_preferences(5)).
    /// </summary>
    internal const string Preferences = """
        Package: *
        Pin: release o=PkgForge
        Pin-Priority: 990

        Package: *
        Pin: origin ""
        Pin-Priority: 995

        """;

    private static string Mount(RepositoryReference repository) => $"/pkgforge/{repository.Name}";

    // One process for all of it: each that enters the root takes its time.
    private const string OfferScript = """
        set -e
        root=$1
        cp -- "$2" "$root/etc/apt/sources.list.d/"
        cp -- "$3" "$root/etc/apt/preferences.d/pkgforge"
        cp -L -- /etc/resolv.conf "$root/etc/resolv.conf"
        shift 3
        while [ $# -gt 0 ]; do
            mkdir -p -- "$root$2"
            mount --bind -- "$1" "$root$2"
            shift 2
        done
        """;

    private static async Task<BuildOutcome?> OfferProductsAsync(
        RootSession root,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        await MountProductsAsync(root, request, OwnProducts, cancel);
        // The products are as untrusted as their source: the index is made by the root's own tool, inside the root.
        var index = new Step("sh", "-c", $"dpkg-scanpackages -m {ProductsMount} > Packages")
        {
            User = 0,
            Directory = OwnProducts,
        };
        var since = request.Log.Length;
        var result = await root.RunAsync(index, request.Log, null, cancel);
        if (result.Succeeded)
            return null;
        // What is collected is looked at by its name only; here it turns out whether it is a package.
        var complaint = Causes
            .OfBuild(request.Log, since)
            .LastOrDefault(line => line.Text.StartsWith("dpkg-scanpackages: error:", StringComparison.Ordinal));
        if (result.End != ToolEnd.Exited || complaint is null)
            throw new FarmFaultException("the products of this job's earlier sources could not be indexed");
        const string Message = "a product of an earlier source of this job is no Debian package";
        request.Log.Say($"failed: {Cause.Packaging.Name()}: {Message}");
        return Causes.Shown(BuildOutcome.Failed(Cause.Packaging, null, Message), complaint);
    }
}
