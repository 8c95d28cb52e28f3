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
        var formats = new HashSet<PackageFormat>();
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in job.Sources)
        {
            var (source, problem) = Check(Path.Combine(directory, name), cancel);
            if (problem is not null)
                return Refuse(problem);
            formats.Add(source!.Format);
            named.UnionWith(source.Files.Select(file => file.Name));
        }
        if (job.Files.FirstOrDefault(file => !named.Contains(file.Name)) is { } stranger)
            return Refuse($"{stranger.Name} belongs to none of the job's source packages");
        var selected = new PlatformSelection(await farm.Registry.ListPlatformsAsync(cancel), formats).Select(
            job.Platforms,
            job.Architectures
        );
        return new(selected.Error, selected.Selected, selected.Warnings);
    }

    private static (SourcePackage? Source, string? Problem) Check(string path, CancellationToken cancel)
    {
        var (package, result) = SourcePackages.Check(path, cancel);
        return result.IsValid ? (package, null) : (null, result.ToString());
    }

    private static AdmissionResult Refuse(string why) => new(why, [], []);
}
