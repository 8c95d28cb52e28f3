using PkgForge.Jobs;

namespace PkgForge.Server.Handlers;

/// <summary>
/// The order in which a task's sources are built. A source that fails goes to the back, and is tried again as long as
/// another has succeeded since its last try (<see cref="OnError.Retry"/>); or the first failure ends it all.
/// </summary>
/// <param name="sources">In the job's own order.</param>
/// <param name="onError">What a failure does.</param>
public sealed class BuildSequence<T>(IEnumerable<T> sources, OnError onError)
    where T : notnull
{
    private readonly LinkedList<(T Source, int TriedAfter)> waiting = new(sources.Select(source => (source, -1)));
    private int successes;
    private bool stopped;

    /// <summary>Sources that were built, in the order of their success.</summary>
    public List<T> Built { get; } = [];

    /// <summary>Sources whose last try failed, in the order of those tries.</summary>
    public IEnumerable<T> Failed => waiting.Where(item => item.TriedAfter >= 0).Select(item => item.Source);

    /// <summary>Sources that were never tried, because the sequence was stopped.</summary>
    public IEnumerable<T> Untried => waiting.Where(item => item.TriedAfter < 0).Select(item => item.Source);

    /// <summary>The next source to build; false when there is none that could do better than before.</summary>
    public bool TryNext(out T source)
    {
        // The front was tried before all others that wait: if nothing has succeeded since, then not since theirs either.
        var worthTrying = !stopped && waiting.First is { } first && first.Value.TriedAfter < successes;
        source = worthTrying ? waiting.First!.Value.Source : default!;
        return worthTrying;
    }

    /// <summary>Says what became of the source that <see cref="TryNext"/> gave.</summary>
    public void Report(bool succeeded)
    {
        var (source, _) = waiting.First!.Value;
        waiting.RemoveFirst();
        if (succeeded)
        {
            Built.Add(source);
            successes++;
            return;
        }
        waiting.AddLast((source, successes));
        stopped = onError == OnError.Stop;
    }
}
