using PkgForge.Native;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Sources;

namespace PkgForge.Server.Handlers;

/// <summary>
/// Builds sources of one task at once, those that do not need each other, each in a place of its own. A source sees the products that there are when it
/// begins, and no others: what its root is made of does not change while it is made.
/// </summary>
/// <param name="builders">One for each place; none builds two sources at once.</param>
/// <param name="directory">The registered builder's own directory, in which each place has one.</param>
/// <param name="products">Takes the products of all.</param>
internal sealed class SideBySide(IReadOnlyList<IPackageBuilder> builders, string directory, string products)
{
    private readonly Dictionary<Task<BuildOutcome>, Place> running = [];
    private readonly Dictionary<SourcePackage, BuildLog> logs = [];
    private readonly Stack<int> free = new(Enumerable.Range(0, builders.Count).Reverse());

    /// <summary>Builds one source: by a builder, into a directory that has the products of others already, with a log.</summary>
    public delegate Task<BuildOutcome> Build(
        IPackageBuilder builder,
        SourcePackage source,
        string products,
        BuildLog log,
        CancellationToken cancel
    );

    /// <summary>Builds all; returns, or throws what a build has thrown, when none is running any more.</summary>
    public async Task RunAsync(
        BuildSequence<SourcePackage> sequence,
        BuildLog log,
        Build build,
        Action<SourcePackage, BuildOutcome> report,
        CancellationToken cancel
    )
    {
        using var turns = new LogTurns(log, directory);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            while (Fill(sequence, turns, build, stop.Token))
            {
                var ended = await Task.WhenAny(running.Keys);
                var place = running[ended];
                var outcome = TakeProducts(place, await ended);
                running.Remove(ended);
                turns.End(place.Log);
                logs[place.Source] = place.Log;
                free.Push(place.Number);
                report(place.Source, outcome);
            }
        }
        finally
        {
            // If one has thrown, the others are for nothing.
            await stop.CancelAsync();
            await ((Task)Task.WhenAll(running.Keys)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Once all has ended: where a place of the log of a source's last try is in that of the attempt.</summary>
    public LogPlace? InMain(SourcePackage source, LogPlace? place) => place is null ? null : logs[source].InMain(place);

    private bool Fill(BuildSequence<SourcePackage> sequence, LogTurns turns, Build build, CancellationToken cancel)
    {
        while (free.Count > 0 && sequence.TryNext(out var source))
        {
            var place = new Place(free.Pop(), source, turns.Begin());
            running.Add(build(builders[place.Number], source, OfferProducts(place), place.Log, cancel), place);
        }
        return running.Count > 0;
    }

    private string ProductsOf(Place place) => $"{directory}/{place.Number + 1}/products";

    private string OfferProducts(Place place)
    {
        var own = ProductsOf(place);
        if (Directory.Exists(own))
            Directory.Delete(own, recursive: true);
        Directory.CreateDirectory(own);
        foreach (var file in Directory.EnumerateFiles(products))
            if (!FileSystem.TryLink(file, $"{own}/{Path.GetFileName(file)}"))
                throw new FarmFaultException($"the product {file} could not be linked into {own}");
        return own;
    }

    /// <summary>Sources that were built at once do not see each other's products: only here is it seen that two have made the same.</summary>
    private BuildOutcome TakeProducts(Place place, BuildOutcome outcome)
    {
        if (outcome.Products.FirstOrDefault(name => File.Exists($"{products}/{name}")) is { } twice)
        {
            outcome = BuildOutcome.Failed(Cause.Packaging, null, $"the product {twice} was made twice in this job");
            place.Log.Say($"failed: {Cause.Packaging.Name()}: {outcome.Message}");
        }
        foreach (var name in outcome.Products)
            File.Move($"{ProductsOf(place)}/{name}", $"{products}/{name}");
        return outcome;
    }

    private sealed record Place(int Number, SourcePackage Source, BuildLog Log);
}
