using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Checks;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>What happens to the products of a task: into the results, checked, and published if all of it succeeded.</summary>
internal sealed class TaskProducts(Farm farm, ClaimedTask claimed, string results, BuildLog log)
{
    public async Task HandOverAsync(TaskBuild build, LeaseKeeper keeper)
    {
        var directory = $"{results}/products";
        if (build.Names.Count > 0)
            Directory.CreateDirectory(directory);
        var products = build.Names.Select(name => MoveIn(directory, $"{build.Directory}/{name}")).ToList();
        FaultPoint.Reach(FaultPoints.BuilddCollected);
        if (build.Failure is not null)
            return;
        if (await ProductChecks.RunAsync(farm, build.Job.Bucket, (directory, results), log, keeper.Token) is { } failed)
            build.Refuse(failed);
        else if (!build.Job.Scratch)
            await PublishAsync(build, products, keeper);
        if (build.Failure is null)
            build.Products = [.. products.Select(file => file.Product)];
    }

    private static ProductFile MoveIn(string directory, string file)
    {
        var path = ResultsArea.MoveIn(directory, file);
        return new(path, new(Path.GetFileName(path), new FileInfo(path).Length, Digest.OfFile(path)));
    }

    private async Task PublishAsync(TaskBuild build, IReadOnlyList<ProductFile> products, LeaseKeeper keeper)
    {
        var format = farm.Configuration.Platforms[claimed.Platform].Format;
        var platform = new Platform(claimed.Platform, format, Active: true, Auto: true);
        if (BucketRepository.For(farm.Configuration.Repositories, build.Job.Bucket, platform) is not { } repository)
            return;
        var outcome = await repository.PublishAsync(products, keeper.IsMineAsync, keeper.Token);
        switch (outcome.State)
        {
            case PublishState.Published:
                log.Say($"published in bucket {build.Job.Bucket}, snapshot {outcome.Snapshot}: {repository.Directory}");
                break;
            case PublishState.Refused:
                log.Say($"failed: packaging: {outcome.Message}");
                build.Refuse(BuildOutcome.Failed(Cause.Packaging, null, outcome.Message!));
                break;
            default:
                log.Say("not published: the lease is lost");
                break;
        }
    }
}
