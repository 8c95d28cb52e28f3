using System.Globalization;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds;

/// <summary>
/// Takes products out of a root after everything that built in it is dead: regular files only, by their names, each
/// copied to a new file of the farm's own. A link, a device or a directory is never followed or opened, because the
/// list is made by <c>find -type f</c> and the content is read inside the root's own user namespace.
/// </summary>
internal static class ProductCollector
{
    /// <summary>More products than this from one source is a fault of the source.</summary>
    private const int MostProducts = 5000;

    public static async Task<BuildOutcome> CollectAsync(
        RootSession root,
        (string Directory, int Depth, IReadOnlyList<string> Suffixes) where,
        BuildRequest request,
        long mostBytes,
        CancellationToken cancel
    )
    {
        if (await FindAsync(root, where, cancel) is not var (paths, size))
            return BuildOutcome.Failed(Cause.Packaging, null, "the build made more products than can be listed");
        if (paths.Count == 0)
            return BuildOutcome.Failed(Cause.Packaging, null, "the build ended well but made no product");
        if (paths.Count > MostProducts)
            return BuildOutcome.Failed(
                Cause.Packaging,
                null,
                $"the build made {paths.Count} products; {MostProducts} is the most"
            );
        if (size > mostBytes)
            return BuildOutcome.Failed(
                Cause.Packaging,
                null,
                $"the products are {size} bytes, more than the root may hold ({mostBytes}): a file in them has holes"
            );
        var names = paths.ConvertAll(path => System.IO.Path.GetFileName(path));
        foreach (var name in names)
        {
            if (!ProductName.IsWellFormed(name))
                return BuildOutcome.Failed(
                    Cause.Packaging,
                    null,
                    $"a product has a name that is not allowed: '{Printable(name)}'"
                );
            if (File.Exists($"{request.Products}/{name}") || names.FindAll(n => n == name).Count > 1)
                return BuildOutcome.Failed(Cause.Packaging, null, $"the product {name} was made twice in this job");
        }
        foreach (var path in paths)
            await CopyAsync(root, path, $"{request.Products}/{System.IO.Path.GetFileName(path)}", cancel);
        request.Log.Say($"products: {string.Join(' ', names)}");
        return BuildOutcome.Built(names);
    }

    /// <summary>The products' paths, and their size as they will be on disk. A file with holes takes no space in the root.</summary>
    /// <returns>Null when there are too many to list.</returns>
    private static async Task<(List<string> Paths, decimal Size)?> FindAsync(
        RootSession root,
        (string Directory, int Depth, IReadOnlyList<string> Suffixes) where,
        CancellationToken cancel
    )
    {
        var names = where.Suffixes.SelectMany(suffix => new[] { "-o", "-name", $"*{suffix}" }).Skip(1);
        var found = new CapturedOutput();
        var result = await root.RunOnHostAsync(
            new(
                "sh",
                [
                    "-c",
                    FindScript,
                    "find",
                    root.Path,
                    where.Directory,
                    "-mindepth",
                    "1",
                    "-maxdepth",
                    $"{where.Depth}",
                    "-type",
                    "f",
                    "(",
                    .. names,
                    ")",
                    "-printf",
                    "%s %p\\0",
                ]
            ),
            found,
            cancel
        );
        if (result.End == ToolEnd.TooMuchOutput)
            return null;
        if (!result.Succeeded)
            throw new FarmFaultException($"the products could not be listed: {found.Tail()}");
        var files = found
            .Text.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .ToList();
        return (
            [.. files.Select(file => file[1]).Order(StringComparer.Ordinal)],
            files.Sum(file => decimal.Parse(file[0], CultureInfo.InvariantCulture))
        );
    }

    // The build may have removed the directory, or put a link in its place or above it: then it has made no products.
    private const string FindScript = """
        root=$1 directory=$2
        shift 2
        [ "$(realpath --canonicalize-existing -- "$root$directory" 2> /dev/null)" = "$(realpath -- "$root")$directory" ] || exit 0
        exec find "$root$directory" "$@"
        """;

    private static async Task CopyAsync(RootSession root, string path, string target, CancellationToken cancel)
    {
        using var file = new FileOutput(target);
        var result = await root.RunOnHostAsync(new("cat", "--", path), file, cancel);
        if (!result.Succeeded)
            throw new FarmFaultException($"the product {path} could not be copied out of the root");
        file.Flush();
    }

    private static string Printable(string name) =>
        string.Concat(name.Take(100).Select(c => char.IsControl(c) ? '?' : c));
}
