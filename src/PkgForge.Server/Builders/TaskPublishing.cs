using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;
using PkgForge.Spool;

namespace PkgForge.Server.Builders;

/// <summary>Where the products of a task that succeeded go, and whether they are what its builder says.</summary>
internal sealed class TaskPublishing(Farm farm, PlatformBuckets buckets)
{
    /// <summary>The repository of a bucket for a task's platform.</summary>
    public ValueTask<BucketRepository> FindAsync(ClaimedTask task, string bucket, CancellationToken cancel) =>
        buckets.FindAsync(bucket, task.Platform, cancel);

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
