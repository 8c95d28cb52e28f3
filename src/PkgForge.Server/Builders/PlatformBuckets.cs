using System.Collections.Concurrent;
using System.Globalization;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;
using PkgForge.Sources;

namespace PkgForge.Server.Builders;

/// <summary>The repositories of the buckets for a platform. What a platform builds never changes: the registry is asked once for each.</summary>
internal sealed class PlatformBuckets(Farm farm)
{
    private readonly ConcurrentDictionary<PlatformKey, PackageFormat> formats = new();

    /// <summary>The repository of a bucket.</summary>
    public async ValueTask<BucketRepository> FindAsync(string bucket, PlatformKey key, CancellationToken cancel)
    {
        var platform = new Platform(key, await FormatAsync(key, cancel), Active: true, Auto: true);
        var repository = BucketRepository.For(farm.Configuration.Repositories, bucket, platform);
        repository.IsAccepted = IsAcceptedAsync;
        return repository;
    }

    /// <summary>What a snapshot is marked with that is made of the products of a task.</summary>
    public static string Mark(AttemptKey attempt) => $"{attempt.TaskId} {attempt.Number}";

    /// <summary>Whether the attempt of a mark was accepted.</summary>
    private Task<bool> IsAcceptedAsync(string mark, CancellationToken cancel) =>
        mark.Split(' ') is [var task, var number]
        && long.TryParse(task, CultureInfo.InvariantCulture, out var id)
        && long.TryParse(number, CultureInfo.InvariantCulture, out var attempt)
            ? farm.Registry.WasAcceptedAsync(new(id, attempt), cancel)
            : throw new FarmFaultException(
                $"a snapshot is marked with '{mark}': expected the numbers of a task and an attempt"
            );

    /// <summary>Makes them all, so that apt and dnf can be pointed at a bucket before the first package is in it.</summary>
    public async Task EnsureAsync(PlatformKey key, CancellationToken cancel)
    {
        foreach (var bucket in farm.Configuration.Buckets.Keys)
        {
            var repository = await FindAsync(bucket, key, cancel);
            await repository.EnsureAsync(cancel);
        }
    }

    /// <summary>Those that satisfy the build dependencies of a bucket's jobs, and hold something.</summary>
    public async ValueTask<IReadOnlyList<RepositoryReference>> UsedAsync(
        IReadOnlyList<string> buckets,
        PlatformKey key,
        CancellationToken cancel
    )
    {
        var used = new List<RepositoryReference>();
        // What a dummy builds depends on nothing, and trials of a farm measure how soon it begins.
        if (await FormatAsync(key, cancel) == PackageFormat.Dummy)
            return used;
        foreach (var bucket in buckets)
        {
            if ((await FindAsync(bucket, key, cancel)).Reference() is { } reference)
                used.Add(reference);
        }
        return used;
    }

    private async ValueTask<PackageFormat> FormatAsync(PlatformKey key, CancellationToken cancel)
    {
        if (formats.TryGetValue(key, out var known))
            return known;
        foreach (var platform in await farm.Registry.ListPlatformsAsync(cancel))
            formats[platform.Key] = platform.Format;
        return formats.TryGetValue(key, out var format)
            ? format
            : throw new FarmFaultException($"there is no platform {key} in the registry");
    }
}
