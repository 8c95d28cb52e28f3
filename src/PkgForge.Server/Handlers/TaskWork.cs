using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Checks;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>
/// The work on a task between fetching and ending it: builds its sources, checks what they made, and hands all of it over. What the sources made
/// that were built is handed over also when another one failed: it is kept beside the log, and is nobody's result.
/// </summary>
/// <param name="site">What this machine has.</param>
/// <param name="attempt">Where log and products go, and what is noted of the attempt.</param>
/// <param name="insist">Asks the farm again while it is away.</param>
/// <param name="directory">The builder's own directory.</param>
internal sealed class TaskWork(
    BuilderSite site,
    (IAttemptStore Store, AttemptNotes Notes) attempt,
    Insistence insist,
    string directory
)
{
    private readonly IAttemptStore store = attempt.Store;

    public async Task<TaskEnd> DoAsync(ClaimedTask claimed, TaskOrder order, CancellationToken cancel)
    {
        var build = await BuildAsync(claimed, order, cancel);
        var products = new List<Product>();
        foreach (var name in build.Names)
        {
            products.Add(await KeepAsync($"{build.Directory}/{name}", cancel));
            attempt.Notes.Kept(products[^1]);
            FaultPoint.Reach(FaultPoints.BuilddKept);
        }
        await insist.AskAsync(() => attempt.Notes.KeepAsync(store, directory, cancel), cancel);
        FaultPoint.Reach(FaultPoints.BuilddCollected);
        await insist.AskAsync(() => store.FlushAsync(cancel), cancel);
        FaultPoint.Reach(FaultPoints.BuilddFlushed);
        return build.End(products);
    }

    private async Task<TaskBuild> BuildAsync(ClaimedTask claimed, TaskOrder order, CancellationToken cancel)
    {
        using var log = new BuildLog(
            store.LogPath,
            site.Configuration.LimitsOf(claimed.Platform).Log,
            site.Time,
            store.LogGrew
        );
        log.Say($"{claimed.Job} on {claimed.Platform}, attempt {claimed.Attempt}");
        var build = new TaskBuild(site, order, (log, attempt.Notes), directory);
        await build.RunAsync(claimed.Platform, cancel);
        FaultPoint.Reach(FaultPoints.BuilddBuilt);
        if (build.Failure is null && await CheckAsync(order, build.Directory, log, cancel) is { } failed)
            build.Refuse(failed);
        FaultPoint.Reach(FaultPoints.BuilddChecked);
        return build;
    }

    private async Task<BuildOutcome?> CheckAsync(
        TaskOrder order,
        string products,
        BuildLog log,
        CancellationToken cancel
    )
    {
        var logs = $"{directory}/logs";
        try
        {
            return await ProductChecks.RunAsync((order.Lintian, order.Rpmlint), (products, logs), log, cancel);
        }
        finally
        {
            foreach (var file in Directory.Exists(logs) ? Directory.GetFiles(logs) : [])
                await insist.AskAsync(() => store.KeepLogAsync(file, cancel), cancel);
        }
    }

    private Task<Product> KeepAsync(string path, CancellationToken cancel) =>
        insist.AskAsync(() => store.KeepProductAsync(path, cancel), cancel);
}
