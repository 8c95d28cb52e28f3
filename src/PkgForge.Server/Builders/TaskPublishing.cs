using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;
using PkgForge.Spool;

namespace PkgForge.Server.Builders;

/// <summary>Puts the products of a task that succeeded into its bucket: all of them, or none, and only while the task is its builder's.</summary>
internal sealed class TaskPublishing(Farm farm, PlatformBuckets buckets, Heartbeats heartbeats)
{
    /// <summary>Publishes.</summary>
    /// <param name="task">Whose products.</param>
    /// <param name="bucket">Where to.</param>
    /// <param name="products">What was handed over and verified.</param>
    /// <param name="cancel">Gives up; nothing is published then.</param>
    /// <returns>What came of it, and the line about it for the log; null where the platform makes no packages.</returns>
    /// <exception cref="FarmFaultException">The farm failed.</exception>
    public async Task<(PublishOutcome Outcome, string Line)?> PublishAsync(
        ClaimedTask task,
        string bucket,
        IReadOnlyList<ProductFile> products,
        CancellationToken cancel
    )
    {
        if (await buckets.FindAsync(bucket, task.Platform, cancel) is not { } repository)
            return null;
        var outcome = await repository.PublishAsync(products, mine => heartbeats.IsHeldAsync(task, mine), cancel);
        var line = outcome.State switch
        {
            PublishState.Published =>
                $"published in bucket {bucket}, snapshot {outcome.Snapshot}: {repository.Directory}",
            PublishState.Refused => $"failed: {Cause.Packaging.Name()}: {outcome.Message}",
            _ => "not published: the lease is lost",
        };
        return (outcome, line);
    }

    /// <summary>What the builder says that it has handed over, as it lies in the results.</summary>
    /// <exception cref="FarmFaultException">Something of it is not there.</exception>
    public IReadOnlyList<ProductFile> Verify(ClaimedTask task, TaskEnd end)
    {
        var directory = new AttemptDirectory(farm.Spool.Results.PathOf(task.Job, task.Platform, task.Attempt)).Products;
        return [.. end.Products.Select(product => Verify(directory, product))];
    }

    private static ProductFile Verify(string directory, Product product)
    {
        var path = Path.Combine(directory, Path.GetFileName(product.FileName));
        var file = new FileInfo(path);
        if (Path.GetFileName(path) != product.FileName || !file.Exists || file.LinkTarget is not null)
            throw new FarmFaultException(
                $"the product '{product.FileName}' was not handed over: it is not in {directory}"
            );
        return file.Length == product.Size
            ? new(path, product)
            : throw new FarmFaultException(
                $"the product '{product.FileName}' has {file.Length} bytes in {directory}; its builder says {product.Size}"
            );
    }
}
