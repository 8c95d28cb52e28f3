using System.Net;
using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Sources;

namespace PkgForge.Server.Handlers;

/// <summary>
/// What is learnt of an attempt, source by source, and the record that is made of it at the end. The record is written in the builder's own directory and
/// handed over as the log is: a record that cannot be handed over is a fault of the farm, and says nothing of the package.
/// <para>
/// Guaranteed if the process dies: the record is there whole or not at all. A builder that is killed leaves none.
/// </para>
/// </summary>
/// <param name="site">What this machine has.</param>
/// <param name="task">Whose attempt it is.</param>
internal sealed class AttemptNotes(BuilderSite site, ClaimedTask task)
{
    private const string ControlsMemory = "memory";
    private const string ControlsProcesses = "processes";

    private readonly DateTimeOffset begun = site.Time.GetUtcNow();
    private readonly List<Entry> entries = [];
    private readonly Dictionary<string, SourceFile> products = new(StringComparer.Ordinal);

    /// <summary>How many of the sources are built at once, each with its share of the cores.</summary>
    public int Places { get; set; } = 1;

    /// <summary>A source is about to be built: its last try counts.</summary>
    public void Begin(SourcePackage source, BuildNotes notes)
    {
        entries.RemoveAll(entry => entry.Source.FileName == source.FileName);
        entries.Add(new(source, notes));
    }

    /// <summary>What became of a source that was begun.</summary>
    public void End(SourcePackage source, BuildOutcome outcome, TimeSpan time)
    {
        var entry = entries.Single(other => other.Source.FileName == source.FileName);
        (entry.Outcome, entry.Time) = (outcome, time);
    }

    /// <summary>A product has been handed over.</summary>
    public void Kept(Product product) =>
        products[product.FileName] = new(product.FileName, product.Size, product.Sha256);

    /// <summary>Makes the record and hands it over.</summary>
    /// <param name="store">Takes it.</param>
    /// <param name="directory">The builder's own directory.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task KeepAsync(IAttemptStore store, string directory, CancellationToken cancel)
    {
        var path = $"{directory}/{RecordFile.Name}";
        await File.WriteAllTextAsync(path, RecordFile.Write(Describe()), cancel);
        await store.KeepLogAsync(path, cancel);
    }

    private AttemptRecord Describe()
    {
        var limits = site.Configuration.LimitsOf(task.Platform).Share(Places);
        return new()
        {
            Job = task.Job,
            Platform = task.Platform,
            Attempt = task.Attempt,
            Builder = task.Builder,
            Host = Dns.GetHostName(),
            Version = typeof(AttemptNotes).Assembly.GetName().Version?.ToString(3) ?? "",
            Kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            Begun = begun,
            Ended = site.Time.GetUtcNow(),
            Limits = limits.Recorded(),
            ControlGroups =
            [
                .. site.Groups is { LimitsMemory: true } ? (string[])[ControlsMemory] : [],
                .. site.Groups is { LimitsProcesses: true } ? (string[])[ControlsProcesses] : [],
            ],
            Layers = [.. entries.SelectMany(entry => entry.Notes.Layers).DistinctBy(layer => layer.Name)],
            Builds = [.. entries.Select(Describe)],
        };
    }

    private RecordedBuild Describe(Entry entry) =>
        new()
        {
            Source = entry.Source.FileName,
            Result = entry.Outcome is { } outcome
                ? outcome.Cause?.Name() ?? RecordedBuild.Built
                : RecordedBuild.Stopped,
            Time = entry.Time,
            Files = entry.Source.Files,
            Layers = [.. entry.Notes.Layers.Select(layer => layer.Name)],
            SourceDateEpoch = entry.Notes.SourceDateEpoch,
            Steps = [.. entry.Notes.Steps],
            Products =
            [
                .. (entry.Outcome?.Products ?? [])
                    .Select(name => products.GetValueOrDefault(name))
                    .OfType<SourceFile>(),
            ],
        };

    private sealed class Entry(SourcePackage source, BuildNotes notes)
    {
        public SourcePackage Source => source;

        public BuildNotes Notes => notes;

        public BuildOutcome? Outcome { get; set; }

        public TimeSpan? Time { get; set; }
    }
}
