using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry.Buckets;
using PkgForge.Sources;

namespace PkgForge.Server.Handlers;

/// <summary>Whether a job may be registered, and for which platforms.</summary>
/// <param name="Refusal">Why not; null when it may.</param>
/// <param name="Platforms">One task each.</param>
/// <param name="Warnings">What was asked for and could not be had.</param>
internal sealed record AdmissionResult(
    string? Refusal,
    IReadOnlyList<PlatformKey> Platforms,
    IReadOnlyList<string> Warnings
);

/// <summary>
/// Judges a job by its private copy: the source packages' own rules, then policy, then the choice of platforms.
/// </summary>
internal sealed class Admission(Farm farm)
{
    public async Task<AdmissionResult> JudgeAsync(Job job, string directory, CancellationToken cancel)
    {
        if (!farm.Configuration.Buckets.TryGetValue(job.Bucket, out var bucket))
            return Refuse(
                $"there is no bucket '{job.Bucket}'; there are: {string.Join(", ", farm.Configuration.Buckets.Keys.Order(StringComparer.Ordinal))}"
            );
        if (
            bucket.Submit == BucketSubmitters.Maintainers
            && await SubmitRights.RefuseAsync(farm.Registry, job, cancel) is { } refusal
        )
            return Refuse(refusal);
        var sources = new List<SourcePackage>();
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in job.Sources)
        {
            var (source, problem) = Check(Path.Combine(directory, name), cancel);
            if (problem is not null)
                return Refuse(problem);
            sources.Add(source!);
            named.UnionWith(source!.Files.Select(file => file.Name));
        }
        if (job.Files.FirstOrDefault(file => !named.Contains(file.Name)) is { } stranger)
            return Refuse($"{stranger.Name} belongs to none of the job's source packages");
        return Select(job, sources, await farm.Registry.ListPlatformsAsync(cancel));
    }

    /// <summary>The platforms that were asked for, without those on which nothing of the job is to be built.</summary>
    private static AdmissionResult Select(Job job, List<SourcePackage> sources, IReadOnlyList<Platform> registered)
    {
        var formats = sources.Select(source => source.Format).ToHashSet();
        var selected = new PlatformSelection(registered, formats).Select(job.Platforms, job.Architectures);
        if (selected.Error is { } error)
            return Refuse(error);
        var kinds = registered.ToDictionary(platform => platform.Key, platform => platform.Format);
        var (platforms, warnings) = (new List<PlatformKey>(), selected.Warnings.ToList());
        foreach (var platform in selected.Selected)
        {
            var meant = sources.Where(source => source.Format == kinds[platform]).ToList();
            var against = meant
                .Select(source => (source.FileName, Why: source.WhyNotOn(platform.Architecture)))
                .ToList();
            warnings.AddRange(
                against
                    .Where(source => source.Why is not null)
                    .Select(source => $"{source.FileName} is not built on {platform}: it says '{source.Why}'")
            );
            if (against.Exists(source => source.Why is null))
                platforms.Add(platform);
        }
        return platforms.Count > 0
            ? new(null, platforms, warnings)
            : Refuse(
                $"nothing of the job is to be built on what was asked for: {string.Join("; ", warnings.Take(10))}"
            );
    }

    private static (SourcePackage? Source, string? Problem) Check(string path, CancellationToken cancel)
    {
        var (package, result) = SourcePackages.Check(path, cancel);
        return result.IsValid ? (package, null) : (null, result.ToString());
    }

    private static AdmissionResult Refuse(string why) => new(why, [], []);
}
