using Microsoft.AspNetCore.Http;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Which source packages to list, and which builds of one, as addresses say it.</summary>
internal static class PackageQueries
{
    /// <summary>What the address of a list asks for.</summary>
    public static PackageQuery Read(HttpContext http, int limit) => new(Value(http, "q"), Value(http, "after"), limit);

    /// <summary>The address of what follows a page of a list; null when it was the last.</summary>
    public static string? Next(PackageQuery query, IReadOnlyList<PackageSummary> page) =>
        page.Count < query.Limit ? null
        : query.Search is { } search
            ? $"/packages?q={Uri.EscapeDataString(search)}&after={Uri.EscapeDataString(page[^1].Name)}"
        : $"/packages?after={Uri.EscapeDataString(page[^1].Name)}";

    /// <summary>The package of <c>{package}</c>, with the builds that the address asks for; or the answer that there is none.</summary>
    public static async Task<(PackageHistory? Package, IResult? Problem)> FindAsync(
        HttpContext http,
        IRegistry registry,
        int limit
    )
    {
        var name = Addressed.Part(http, "package");
        JobId? after = null;
        if (Value(http, "after") is { } text)
        {
            if (!JobId.TryParse(text, out var job))
                return (null, Answers.BadRequest($"'after' is no job's id: {text}"));
            after = job;
        }
        var package = await registry.FindPackageAsync(name, after, limit, http.RequestAborted);
        return package is null ? (null, Answers.NotFound($"no job has a source package '{name}'")) : (package, null);
    }

    /// <summary>The address of older builds than those of a page; null when it was the last.</summary>
    public static string? Older(PackageHistory package, int limit) =>
        package.Builds.Count < limit ? null : $"{Show.PackageAddress(package.Name)}?after={package.Builds[^1].Job.Id}";

    private static string? Value(HttpContext http, string name) =>
        http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
}
