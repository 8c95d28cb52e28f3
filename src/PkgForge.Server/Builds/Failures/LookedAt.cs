using System.Text.RegularExpressions;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Failures;

/// <summary>Where the build dependencies of a source may come from, for the message about one that cannot be had.</summary>
internal static partial class LookedAt
{
    /// <summary><c>http://deb.debian.org/debian bookworm main, bucket tools, and 3 products of this job</c>.</summary>
    /// <param name="recipe">The platform's distribution.</param>
    /// <param name="request">The buckets, and the products of earlier sources.</param>
    /// <param name="suffix">How the names of products end that can be installed.</param>
    public static string Describe(PlatformRecipe recipe, BuildRequest request, string suffix)
    {
        var products = Directory.EnumerateFiles(request.Products, $"*{suffix}").Count();
        string[] places =
        [
            .. Distribution(recipe).Select(place => UserInfo().Replace(place, "://")),
            .. request.Repositories.Select(repository => $"bucket {repository.Name}"),
            .. products == 0 ? (string[])[] : [$"{products} {(products == 1 ? "product" : "products")} of this job"],
        ];
        return places.Length < 3
            ? string.Join(" and ", places)
            : $"{string.Join(", ", places[..^1])}, and {places[^1]}";
    }

    private static IEnumerable<string> Distribution(PlatformRecipe recipe)
    {
        if (recipe.Format != PackageFormat.Debian)
            return recipe.Repositories.Values;
        return recipe.Tarball.Length > 0
            ? [$"the sources of apt in {recipe.Tarball}"]
            : [$"{recipe.Mirror} {recipe.Suite} {string.Join(' ', recipe.Components)}", .. recipe.Repositories.Values];
    }

    // A password of a repository is nobody's who reads messages.
    [GeneratedRegex(@"://[^/@\s]*@")]
    private static partial Regex UserInfo();
}
