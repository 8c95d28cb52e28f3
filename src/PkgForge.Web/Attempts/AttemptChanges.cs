using PkgForge.Platforms;
using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Sources;
using PkgForge.Spool;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Attempts;

/// <summary>
/// What is different between an attempt and the last success of the same source on the same platform: what was in the root, by both records; what was made; what
/// was said, by both logs.
/// </summary>
public sealed class AttemptChanges
{
    private readonly IRegistry registry;
    private readonly ResultsArea results;
    private readonly AttemptRecords records;
    private readonly LogIndexes indexes;

    /// <param name="registry">Knows the last success.</param>
    /// <param name="results">Where logs and records are.</param>
    public AttemptChanges(IRegistry registry, ResultsArea results)
        : this(registry, results, new(), new()) { }

    internal AttemptChanges(IRegistry registry, ResultsArea results, AttemptRecords records, LogIndexes indexes) =>
        (this.registry, this.results, this.records, this.indexes) = (registry, results, records, indexes);

    /// <summary>Compares an attempt that has ended.</summary>
    /// <param name="job">Its job.</param>
    /// <param name="platform">Its platform.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="withLogs">The logs, too: they are read for that.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<ChangesJson> FindAsync(
        JobSummary job,
        PlatformKey platform,
        Attempt attempt,
        bool withLogs,
        CancellationToken cancel
    )
    {
        var now = new Side(results.PathOf(job.Id, platform, attempt.Number), records);
        var source = now.Failed ?? (job.Sources is [var first, ..] ? first : "");
        var name = SourceName.Of(source);
        var last = await registry.FindLastSuccessAsync(job.Id, platform, attempt.Number, name, cancel);
        if (last is null)
            return new(job.Id.ToString(), platform.ToString(), attempt.Number, source, null, null, null, null);
        var old = new Side(results.PathOf(last.Job, platform, last.Attempt), records);
        var (before, after) = (old.BuildOf(name), now.BuildOf(name));
        return new(
            job.Id.ToString(),
            platform.ToString(),
            attempt.Number,
            source,
            new(last.Job.ToString(), last.Attempt, last.Bucket, last.Ended, before?.Source),
            Packages(old, before, now, after),
            Products(old, now),
            withLogs ? Logs(old, before, now, after, attempt.Place?.Line) : null
        );
    }

    /// <summary>What was installed in the root in which a source was built; null where nobody knows it.</summary>
    /// <param name="directory">The attempt's results.</param>
    /// <param name="source">The source's main file; null for the first.</param>
    internal (AttemptRecord Record, RecordedBuild Build, IReadOnlyList<RecordedPackage> Packages)? RootOf(
        string directory,
        string? source
    )
    {
        if (records.Of(directory) is not { } record)
            return null;
        var build = source is null
            ? record.Builds.FirstOrDefault(build => build.Layers.Count > 0)
                ?? (record.Builds is [var first, ..] ? first : null)
            : record.Builds.FirstOrDefault(build => build.Source == source);
        return build is null ? null : (record, build, RootPackages.Of(record, build));
    }

    private static PackageChangeJson[]? Packages(Side old, RecordedBuild? before, Side now, RecordedBuild? after)
    {
        if (before is null || after is null)
            return null;
        var (first, second) = (RootPackages.Of(old.Record!, before), RootPackages.Of(now.Record!, after));
        return first.Count == 0 || second.Count == 0
            ? null
            :
            [
                .. RootPackages
                    .Compare(first, second)
                    .Select(change => new PackageChangeJson(
                        change.Name,
                        change.Architecture,
                        change.Before,
                        change.After
                    )),
            ];
    }

    private static ProductChangeJson[]? Products(Side old, Side now)
    {
        var (before, after) = (old.Products, now.Products);
        return before.Count == 0 || after.Count == 0
            ? null
            :
            [
                .. from name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
                let was = before.GetValueOrDefault(name)
                let made = after.GetValueOrDefault(name)
                where was?.Sha256 != made?.Sha256
                select new ProductChangeJson(name, was?.Size, made?.Size),
            ];
    }

    private LogChangesJson? Logs(Side old, RecordedBuild? before, Side now, RecordedBuild? after, long? evidence)
    {
        if (before is null || after is null)
            return null;
        try
        {
            return new LogComparison(indexes.Of(old.Log), indexes.Of(now.Log)).Compare(
                (before.Source, after.Source),
                (before.Time, after.Time),
                evidence
            );
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>One of the two attempts.</summary>
    private sealed class Side(string directory, AttemptRecords records)
    {
        public AttemptRecord? Record { get; } = records.Of(directory);

        public string Log => new AttemptDirectory(directory).Log;

        /// <summary>The source that failed; null when none did.</summary>
        public string? Failed =>
            Record
                ?.Builds.FirstOrDefault(build => build.Result is not (RecordedBuild.Built or RecordedBuild.Stopped))
                ?.Source;

        public Dictionary<string, SourceFile> Products =>
            (Record?.Products ?? [])
                .DistinctBy(file => file.Name)
                .ToDictionary(file => file.Name, StringComparer.Ordinal);

        public RecordedBuild? BuildOf(string name) =>
            Record?.Builds.FirstOrDefault(build => SourceName.Of(build.Source) == name);
    }
}
