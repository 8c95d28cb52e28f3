using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry.Buckets;
using PkgForge.Sources;
using PkgForge.Spool;
using PkgForge.Web.Builders;

namespace PkgForge.Web.Api;

/// <summary>What became of a submission: the job; or what is wrong with it, a line each; or that a job has its id.</summary>
internal sealed record SubmissionAnswer(Job? Job, IReadOnlyList<string> Trouble, bool IdInUse = false)
{
    /// <summary>What was asked for and cannot be had: a platform that does not exist, or is not active.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>
/// Makes jobs of files that have come over HTTP, by the rules of <c>pkgforge submit</c> and with its words. The directory of the files is the caller's to remove.
/// </summary>
internal sealed class Submissions(ServedFarm farm)
{
    public Uploads Uploads { get; } = new(farm.Spool.Incoming.Path);

    /// <summary>Checks the source packages in a directory, and puts them into incoming as one job.</summary>
    /// <param name="account">Who submits.</param>
    /// <param name="directory">Where the files are.</param>
    /// <param name="names">Their names; of those that are main files of source packages in the order in which they are to be built.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<SubmissionAnswer> PlaceAsync(
        string account,
        string directory,
        IReadOnlyList<string> names,
        SubmitRequest request,
        CancellationToken cancel
    )
    {
        var trouble = new List<string>();
        var packages = Check(directory, names, trouble, cancel);
        var job = trouble.Count == 0 ? Describe(account, packages, request, trouble) : null;
        if (job is null)
            return new(null, trouble);
        if (
            farm.MaintainersOnly.Contains(job.Bucket)
            && await SubmitRights.RefuseAsync(farm.Registry, job, cancel) is { } refusal
        )
            return new(null, [refusal]);
        var platforms = await farm.Registry.ListPlatformsAsync(cancel);
        var selected = new PlatformSelection(platforms, packages.Select(package => package.Format).ToHashSet()).Select(
            job.Platforms,
            job.Architectures
        );
        // Incoming would say the same in a moment, when nobody looks any more.
        if (selected.Error is { } error)
            return new(null, [error]);
        var placed = Submission.Place(
            job,
            job.Files.Select(file => Path.Combine(directory, file.Name)),
            farm.Spool.Incoming.Path,
            cancel
        );
        return placed.Outcome == SubmissionOutcome.Placed
            ? new(job, []) { Warnings = selected.Warnings }
            : new(null, [placed.Message!], placed.Outcome == SubmissionOutcome.IdInUse);
    }

    private static List<SourcePackage> Check(
        string directory,
        IReadOnlyList<string> names,
        List<string> trouble,
        CancellationToken cancel
    )
    {
        var packages = new List<SourcePackage>();
        foreach (var name in names.Where(IsMain))
        {
            var (package, result) = SourcePackages.Check(Path.Combine(directory, name), cancel);
            if (result.IsValid)
                packages.Add(package!);
            else
                trouble.Add(result.ToString());
        }
        if (trouble.Count > 0)
            return packages;
        if (packages.Count == 0)
            trouble.Add(
                $"there is no source package among the files; accepted are {SourcePackages.Accepted}, with the files that they name"
            );
        var wanted = packages
            .SelectMany(package => package.Files)
            .Select(file => file.Name)
            .ToHashSet(StringComparer.Ordinal);
        trouble.AddRange(
            names.Where(name => !wanted.Contains(name)).Select(name => $"{name} belongs to none of the source packages")
        );
        return packages;
    }

    /// <summary>What is wrong with a source package whose main file this is, in a directory with what it names; null when nothing is.</summary>
    public static string? FaultOf(string path, CancellationToken cancel) =>
        SourcePackages.Check(path, cancel) is { Result: { IsValid: false } result } ? result.ToString() : null;

    /// <summary>Whether a file of this name is the main file of a source package.</summary>
    public static bool IsMain(string name) =>
        SourcePackages.Accepted.Split(", ").Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal))
        || name.EndsWith(".nosrc.rpm", StringComparison.Ordinal);

    private Job? Describe(string account, List<SourcePackage> packages, SubmitRequest request, List<string> trouble)
    {
        var id =
            request.Id is null ? JobId.New()
            : JobId.TryParse(request.Id, out var given) ? given
            : (JobId?)null;
        if (id is null)
            trouble.Add($"'{request.Id}' is not a job's id: {JobId.Rule}");
        if (!farm.Buckets.Contains(request.Bucket))
            trouble.Add($"there is no bucket '{request.Bucket}'; there are: {string.Join(", ", farm.Buckets)}");
        var onError = Word(request.OnError, OnError.Retry, "on_error", trouble);
        var order = Word(request.Order, BuildOrder.Given, "order", trouble);
        var priority = Word(request.Priority, Priority.Normal, "priority", trouble);
        var after = new List<JobId>();
        foreach (var text in request.After ?? [])
            if (JobId.TryParse(text, out var other))
                after.Add(other);
            else
                trouble.Add($"'{text}' is not a job's id: {JobId.Rule}");
        if (trouble.Count > 0)
            return null;
        var now = farm.Time.GetUtcNow();
        return new()
        {
            Id = id!.Value,
            Submitter = account,
            Time = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)),
            Bucket = request.Bucket,
            Platforms = request.Platforms ?? [],
            Architectures = request.Architectures ?? [],
            Report = request.Report ?? [],
            OnError = onError,
            Order = order,
            Priority = priority,
            After = after,
            Scratch = request.Scratch,
            Sources = [.. packages.Select(package => package.FileName)],
            Files = [.. packages.SelectMany(package => package.Files).Distinct()],
        };
    }

    private static T Word<T>(string? text, T usual, string key, List<string> trouble)
        where T : struct, Enum
    {
        if (text is null)
            return usual;
        foreach (var value in Enum.GetValues<T>())
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return value;
        trouble.Add(
            $"{key} is '{text}'; expected one of {string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()))}"
        );
        return usual;
    }
}
