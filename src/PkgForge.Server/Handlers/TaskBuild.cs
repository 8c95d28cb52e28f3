using System.Collections.Concurrent;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Processes;
using PkgForge.Sources;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>The building of a task's sources, in order, and what came of each.</summary>
/// <param name="site">What this machine has.</param>
/// <param name="order">What is to be built.</param>
/// <param name="attempt">The attempt's log, and what is noted of it.</param>
/// <param name="directory">The builder's own directory.</param>
internal sealed class TaskBuild(
    BuilderSite site,
    TaskOrder order,
    (BuildLog Log, AttemptNotes Notes) attempt,
    string directory
)
{
    private readonly Dictionary<string, BuildOutcome> outcomes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TimeSpan> times = new(StringComparer.Ordinal);
    private readonly List<SourceResult> results = [];
    private readonly BuildLog log = attempt.Log;
    private readonly ProductDigests digests = new();
    private BuildLimits limits = new();
    private SourcePlan? plan;

    /// <summary>Where what was made lies until it is handed over.</summary>
    public string Directory { get; } = $"{directory}/products";

    /// <summary>Names of what was made by the sources that were built.</summary>
    public IReadOnlyList<string> Names => [.. outcomes.Values.SelectMany(outcome => outcome.Products)];

    /// <summary>Why the task failed; null when it succeeded.</summary>
    public BuildOutcome? Failure { get; private set; }

    /// <summary>Builds all sources of the job that the platform builds.</summary>
    public async Task RunAsync(PlatformKey platform, CancellationToken cancel)
    {
        System.IO.Directory.CreateDirectory(Directory);
        limits = site.Configuration.LimitsOf(platform);
        var builder = PackageBuilders.For(platform, site.Configuration, directory, site.Groups);
        await builder.PrepareAsync(log, cancel);
        var sources = Sources(platform, builder.Format, cancel);
        FaultPoint.Reach(FaultPoints.BuildFirst);
        await BuildAllAsync(platform, builder, sources, cancel);
    }

    /// <summary>Says that what was built is refused after all, by a check.</summary>
    public void Refuse(BuildOutcome why) => Failure ??= why;

    /// <summary>What the task has come to, with what was handed over of it.</summary>
    public TaskEnd End(IReadOnlyList<Product> products) =>
        Failure is null
            ? new(BuildTaskState.Success, null, null, null, results, products)
            : new(BuildTaskState.Fail, Failure.Cause, Failure.Evidence, Failure.Message, results, [])
            {
                Place = Failure.Place,
            };

    private async Task BuildAllAsync(
        PlatformKey platform,
        IPackageBuilder builder,
        List<SourcePackage> sources,
        CancellationToken cancel
    )
    {
        (plan, Failure) = await new SourceOrder(builder, log).ApplyAsync(order.Job, sources, cancel);
        if (plan is not { Sequence: var sequence })
            return;
        var places = plan.IsSorted ? Math.Min(limits.SideBySide, sources.Count) : 1;
        if (places > 1)
            await BuildSideBySideAsync(platform, places, sequence, cancel);
        else
            await BuildInTurnAsync(builder, sequence, cancel);
        var failed = sequence.Failed.ToList();
        if (failed.Count > 0)
            Failure = outcomes[failed[0].FileName] with { Message = Sentence(failed) + Waiting(sequence) };
    }

    private async Task BuildInTurnAsync(
        IPackageBuilder builder,
        BuildSequence<SourcePackage> sequence,
        CancellationToken cancel
    )
    {
        while (sequence.TryNext(out var source))
        {
            var outcome = await BuildAsync(builder, source, Directory, log, cancel);
            Report(source, outcome);
        }
    }

    private async Task BuildSideBySideAsync(
        PlatformKey platform,
        int places,
        BuildSequence<SourcePackage> sequence,
        CancellationToken cancel
    )
    {
        log.Say($"side by side: at most {places} sources at once");
        attempt.Notes.Places = places;
        var builders = new List<IPackageBuilder>();
        for (var place = 1; place <= places; place++)
        {
            System.IO.Directory.CreateDirectory($"{directory}/{place}");
            builders.Add(PackageBuilders.For(platform, site.Configuration, directory, site.Groups, place, places));
            await builders[^1].PrepareAsync(log, cancel);
        }
        var sideBySide = new SideBySide(builders, directory, Directory);
        await sideBySide.RunAsync(sequence, log, BuildAsync, Report, cancel);
        foreach (var source in sequence.Failed)
        {
            var outcome = outcomes[source.FileName];
            outcomes[source.FileName] = outcome with { Place = sideBySide.InMain(source, outcome.Place) };
        }
    }

    private async Task<BuildOutcome> BuildAsync(
        IPackageBuilder builder,
        SourcePackage source,
        string products,
        BuildLog output,
        CancellationToken cancel
    )
    {
        output.Say($"source: {source.FileName}");
        var started = site.Time.GetTimestamp();
        var request = new BuildRequest(source, products, order.Repositories, output)
        {
            Bucket = order.Job.Bucket,
            Digests = digests,
            Coming = plan!.ComingFor(source),
        };
        attempt.Notes.Begin(source, request.Notes);
        var outcome = await BuildAsync(builder, request, cancel);
        times[source.FileName] = site.Time.GetElapsedTime(started);
        return outcome;
    }

    /// <summary>What the farm's own tools print counts for the log, too: where that is full they are stopped, for which the farm cannot be blamed.</summary>
    private async Task<BuildOutcome> BuildAsync(IPackageBuilder builder, BuildRequest request, CancellationToken cancel)
    {
        try
        {
            return await builder.BuildAsync(request, cancel);
        }
        catch (FarmFaultException) when (request.Log.IsFull)
        {
            return Causes.ForLimit(ToolEnd.TooMuchOutput, limits)!;
        }
    }

    private void Report(SourcePackage source, BuildOutcome outcome)
    {
        if (outcome.WaitsFor.Count > 0 && plan!.Postpone(source, outcome.WaitsFor))
        {
            log.Say(
                $"order: {source.FileName} asks for {string.Join(", ", outcome.WaitsFor)}: after the source that makes it"
            );
            return;
        }
        attempt.Notes.End(source, outcome, times[source.FileName]);
        outcomes[source.FileName] = outcome;
        results.RemoveAll(result => result.File == source.FileName);
        results.Add(new(source.FileName, outcome.Cause, times[source.FileName]));
        FaultPoint.Reach(FaultPoints.BuildSource);
        plan!.Sequence.Report(source, outcome.Succeeded);
        // Nothing could be said of another one.
        if (log.IsFull)
            plan.Sequence.Stop();
    }

    private string Sentence(List<SourcePackage> failed)
    {
        var others =
            failed.Count > 1 ? $"; failed too: {string.Join(", ", failed.Skip(1).Select(s => s.FileName))}" : "";
        return $"{failed[0].FileName}: {outcomes[failed[0].FileName].Message}{others}";
    }

    private static string Waiting(BuildSequence<SourcePackage> sequence)
    {
        var waiting = sequence.Untried.Select(source => (source, For: sequence.WaitsFor(source).ToList()));
        var named = waiting
            .Where(item => item.For.Count > 0)
            .Select(item => $"{item.source.FileName} (waits for {string.Join(", ", item.For.Select(s => s.FileName))})")
            .ToList();
        return named.Count > 0 ? $"; not tried: {string.Join(", ", named)}" : "";
    }

    private List<SourcePackage> Sources(PlatformKey platform, PackageFormat format, CancellationToken cancel)
    {
        var expected = order.Job.Files.ToDictionary(file => file.Name, StringComparer.Ordinal);
        var sources = new List<SourcePackage>();
        foreach (var name in order.Job.Sources)
        {
            var source = SourcePackages.Recognise(Path.Combine(order.Sources, name)).Package;
            if (source is null || source.Format != format)
                continue;
            var result = source.Validate(cancel);
            if (!result.IsValid)
                throw new FarmFaultException($"an accepted source has changed on disk: {result}");
            if (source.Files.FirstOrDefault(file => expected.GetValueOrDefault(file.Name) != file) is { } other)
                throw new FarmFaultException(
                    $"an accepted source has changed on disk: {other.Name} is not the file of the job's manifest"
                );
            if (source.WhyNotOn(platform.Architecture) is { } why)
                log.Say($"source: {source.FileName} is not built on {platform}: it says '{why}'");
            else
                sources.Add(source);
        }
        return sources;
    }
}
