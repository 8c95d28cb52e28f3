using PkgForge.Server.Builds;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;

namespace PkgForge.Server.Checks;

internal static class ProductChecks
{
    public static Task<BuildOutcome?> RunAsync(
        Farm farm,
        string bucket,
        IReadOnlyList<ProductFile> products,
        string results,
        BuildLog log,
        CancellationToken cancel
    ) => Task.FromResult<BuildOutcome?>(null);
}
