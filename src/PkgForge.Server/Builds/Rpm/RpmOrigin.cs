using PkgForge.Sources;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>What the products of an RPM source say that they come from.</summary>
internal static class RpmOrigin
{
    /// <summary>What is wrong when they come from another source than the one that was accepted; or null.</summary>
    public static string? FindLie(BuildRequest request, IReadOnlyList<string> products)
    {
        var name = request.Source.Name!;
        foreach (var product in products)
        {
            if (BinaryRpm.SourceOf($"{request.Products}/{product}") is { } source && source != name)
                return $"the source says that it is {name}, but {product}, which it has made, says that it comes from {source}: "
                    + $"the spec file has another name than {request.Source.FileName}";
        }
        return null;
    }
}
