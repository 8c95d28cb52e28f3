using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Server.Builders;
using PkgForge.Server.Handlers;
using PkgForge.Spool;

namespace PkgForge.Server.Publishing;

/// <summary>
/// Publishes what tasks have made in another bucket, by the files that lie in their results.
/// <para>
/// Guaranteed if the process dies: of each platform all products are in the bucket or none; those of other platforms may be there already. Whose they are the
/// registry knows only when it was told a moment later. Asked again, it does the rest of both.
/// </para>
/// </summary>
public sealed class Promotion(Farm farm)
{
    private readonly PlatformBuckets buckets = new(farm);

    /// <inheritdoc cref="Promote"/>
    public async Task<IReadOnlyList<PromotionOutcome>> PromoteAsync(
        JobDetail job,
        PlatformKey? platform,
        string bucket,
        CancellationToken cancel
    )
    {
        var outcomes = new List<PromotionOutcome>();
        foreach (var task in job.Tasks.Where(task => task.State == BuildTaskState.Success))
            if (platform is null || task.Platform == platform)
                outcomes.Add(await PromoteAsync(job, task, bucket, cancel));
        return outcomes;
    }

    private async Task<PromotionOutcome> PromoteAsync(
        JobDetail job,
        BuildTask task,
        string bucket,
        CancellationToken cancel
    )
    {
        var products = await farm.Registry.ListProductsAsync(job.Job.Id, task.Platform, cancel);
        var attempt = new AttemptDirectory(
            farm.Spool.Results.PathOf(job.Job.Id, task.Platform, task.Attempts[^1].Number)
        );
        var files = products
            .Select(product => new ProductFile(
                Path.Combine(attempt.Products, Path.GetFileName(product.FileName)),
                product
            ))
            .ToList();
        if (files.Find(file => !IsAsItWas(file)) is { } changed)
            return new(
                task.Platform,
                0,
                $"{changed.Product.FileName} is not in {attempt.Products} as it was made: build it again"
            );
        var repository = await buckets.FindAsync(bucket, task.Platform, cancel);
        var taken = ProductSource.Taken(repository, files, job.Job.Sources);
        var published = await repository.PublishAsync(
            files,
            async (_, switchOver) =>
            {
                switchOver();
                await farm.Registry.NotePublishedAsync(
                    job.Job.Id,
                    task.Platform,
                    bucket,
                    taken,
                    CancellationToken.None
                );
                return true;
            },
            cancel
        );
        return new(task.Platform, published.Snapshot, published.Message);
    }

    /// <summary>Results may have been cleared away since, or tampered with: what is published is what the registry knows.</summary>
    private static bool IsAsItWas(ProductFile file)
    {
        var there = new FileInfo(file.Path);
        return there.Exists
            && there.LinkTarget is null
            && there.Length == file.Product.Size
            && Digest.OfFile(file.Path) == file.Product.Sha256;
    }
}
