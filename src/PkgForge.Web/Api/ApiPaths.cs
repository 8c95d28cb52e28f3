using PkgForge.Jobs;

namespace PkgForge.Web.Api;

/// <summary>Parts of paths that mean the same in every route.</summary>
internal static class ApiPaths
{
    /// <summary>By their names.</summary>
    public static IReadOnlyDictionary<string, (string What, ApiValue Value)> Known { get; } =
        new Dictionary<string, (string, ApiValue)>(StringComparer.Ordinal)
        {
            ["job"] = ($"The job's id: {JobId.Rule}.", ApiValue.Text),
            ["platform"] = ("The platform, `NAME-ARCHITECTURE`.", ApiValue.Text),
            ["attempt"] = ("The attempt's number, 1 for the first.", ApiValue.Number(1)),
            ["name"] = ("The file's name.", ApiValue.Text),
            ["bucket"] = ("The bucket's name.", ApiValue.Text),
            ["package"] = ("The source package's name.", ApiValue.Text),
            ["account"] = ("The account's name.", ApiValue.Text),
            ["builder"] = ("The builder's name.", ApiValue.Text),
            ["upload"] = ("The upload's id, the last part of its address.", ApiValue.Text),
        };
}
