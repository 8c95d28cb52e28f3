using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Debian;

/// <summary>Where the root's apt finds what the distribution does not have: buckets, and the products of the job's earlier sources.</summary>
public sealed partial class DebianBuilder
{
    private async Task OfferRepositoriesAsync(RootSession root, BuildRequest request, CancellationToken cancel)
    {
        var list = request
            .Repositories.Select(repository =>
                $"deb [trusted=yes] file:{Mount(repository)} {Settings.Platform.Name} main"
            )
            .ToList();
        if (Directory.EnumerateFiles(request.Products, "*.deb").Any())
        {
            await OfferProductsAsync(root, request, cancel);
            list.Add("deb [trusted=yes] file:/pkgforge/.job ./");
        }
        var text = $"{Settings.WorkDirectory}/pkgforge.list";
        await File.WriteAllLinesAsync(text, list, cancel);
        // Packages of the farm (a file: repository has no site name) before those of the distribution.
        var preferences = $"{Settings.WorkDirectory}/preferences";
        await File.WriteAllTextAsync(preferences, "Package: *\nPin: origin \"\"\nPin-Priority: 990\n", cancel);
        var mounts = request.Repositories.SelectMany(repository => new[] { repository.Directory, Mount(repository) });
        await root.RequireOnHostAsync(
            new("sh", ["-c", OfferScript, "offer", root.Path, text, preferences, .. mounts]),
            cancel
        );
    }

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

    private static async Task OfferProductsAsync(RootSession root, BuildRequest request, CancellationToken cancel)
    {
        await root.RequireOnHostAsync(new("mkdir", "-p", "--", $"{root.Path}/pkgforge/.job"), cancel);
        await root.RequireOnHostAsync(
            new("cp", ["--", .. Directory.EnumerateFiles(request.Products, "*.deb"), $"{root.Path}/pkgforge/.job/"]),
            cancel
        );
        // The products are as untrusted as their source: the index is made by the root's own tool, inside the root.
        var index = new Step("sh", "-c", "dpkg-scanpackages -m . > Packages")
        {
            User = 0,
            Directory = "/pkgforge/.job",
        };
        var result = await root.RunAsync(index, request.Log, null, cancel);
        if (!result.Succeeded)
            throw new FarmFaultException("the products of this job's earlier sources could not be indexed");
    }
}
