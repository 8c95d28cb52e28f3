using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Publishing;
using PkgForge.Server.Reporting;
using PkgForge.Sources;

namespace PkgForge.Server.Handlers;

/// <summary>The building of a task's sources, in order, and what came of each.</summary>
internal sealed class TaskBuild
{
    private readonly Dictionary<string, BuildOutcome> outcomes = new(StringComparer.Ordinal);

    private TaskBuild(Job job, string directory) => (Job, Directory) = (job, directory);

    /// <summary>The job.</summary>
    public Job Job { get; }

    /// <summary>The builder's directory of what was made, until it is handed over.</summary>
    public string Directory { get; }

    /// <summary>What became of each source that was tried, by the name of its main file.</summary>
    public IReadOnlyDictionary<string, BuildOutcome> Outcomes => outcomes;

    /// <summary>Names of what was made by the sources that were built.</summary>
    public IReadOnlyList<string> Names => [.. outcomes.Values.SelectMany(outcome => outcome.Products)];

    /// <summary>What was handed over to the results.</summary>
    public IReadOnlyList<Product> Products { get; set; } = [];

    /// <summary>Why the task failed; null when it succeeded.</summary>
    public BuildOutcome? Failure { get; private set; }

    /// <summary>Builds all sources of the job that this platform builds.</summary>
    public static async Task<TaskBuild> RunAsync(
        Farm farm,
        Job job,
        ClaimedTask claimed,
        string directory,
        BuildLog log,
        CancellationToken cancel
    )
    {
        var products = $"{directory}/products";
        await Builds.Roots.LayerStore.RemoveForeignAsync(products, cancel);
        System.IO.Directory.CreateDirectory(products);
        log.Say($"{job.Id} on {claimed.Platform}, attempt {claimed.Attempt}");
        var build = new TaskBuild(job, products);
        var builder = PackageBuilders.For(claimed.Platform, farm.Configuration, directory);
        await builder.PrepareAsync(log, cancel);
        var sources = Sources(farm, job, builder.Format, cancel);
        await build.BuildAllAsync(builder, sources, Repositories(farm, job, claimed, builder.Format), log, cancel);
        return build;
    }

    /// <summary>Says that what was built is refused after all: by a check, or by the bucket.</summary>
    public void Refuse(BuildOutcome why) => Failure ??= why;

    private async Task BuildAllAsync(
        IPackageBuilder builder,
        IReadOnlyList<SourcePackage> sources,
        IReadOnlyList<RepositoryReference> repositories,
        BuildLog log,
        CancellationToken cancel
    )
    {
        var sequence = new BuildSequence<SourcePackage>(sources, Job.OnError);
        while (sequence.TryNext(out var source))
        {
            log.Say($"source: {source.FileName}");
            var outcome = await builder.BuildAsync(new(source, Directory, repositories, log), cancel);
            outcomes[source.FileName] = outcome;
            sequence.Report(outcome.Succeeded);
        }
        var failed = sequence.Failed.ToList();
        if (failed.Count > 0)
            Failure = outcomes[failed[0].FileName] with { Message = Sentence(failed) };
    }

    private string Sentence(List<SourcePackage> failed)
    {
        var others =
            failed.Count > 1 ? $"; failed too: {string.Join(", ", failed.Skip(1).Select(s => s.FileName))}" : "";
        return $"{failed[0].FileName}: {outcomes[failed[0].FileName].Message}{others}";
    }

    private static List<SourcePackage> Sources(Farm farm, Job job, PackageFormat format, CancellationToken cancel)
    {
        var sources = new List<SourcePackage>();
        foreach (var name in job.Sources)
        {
            var path = Path.Combine(farm.Spool.Accepted.PathOf(job.Id), name);
            var source = SourcePackages.Recognise(path).Package;
            if (source is null || source.Format != format)
                continue;
            var result = source.Validate(cancel);
            if (!result.IsValid)
                throw new FarmFaultException($"an accepted source has changed on disk: {result}");
            sources.Add(source);
        }
        return sources;
    }

    private static List<RepositoryReference> Repositories(Farm farm, Job job, ClaimedTask claimed, PackageFormat format)
    {
        if (!farm.Configuration.Buckets.TryGetValue(job.Bucket, out var bucket))
            throw new FarmFaultException($"bucket '{job.Bucket}' is no longer in the configuration of this machine");
        return
        [
            .. bucket
                .Uses.Select(name =>
                    BucketRepository.For(
                        farm.Configuration.Repositories,
                        name,
                        new(claimed.Platform, format, true, true)
                    )
                )
                .Select(repository => repository?.Reference())
                .OfType<RepositoryReference>(),
        ];
    }
}
