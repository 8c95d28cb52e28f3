using PkgForge.Jobs;

namespace PkgForge.Server.Handlers;

/// <summary>
/// The order in which a task's sources are built. A source that fails goes to the back, and is tried again as long as
/// another has succeeded since its last try (<see cref="OnError.Retry"/>); or the first failure ends it all. A source that needs others is not tried
/// before all of them were built: while one of them has failed nothing of the task can be published, so it could win nothing.
/// </summary>
/// <param name="sources">In the order in which they are to be tried.</param>
/// <param name="onError">What a failure does.</param>
/// <param name="needs">Which others a source needs, as far as that is known; null for none.</param>
public sealed class BuildSequence<T>(IEnumerable<T> sources, OnError onError, Func<T, IEnumerable<T>>? needs = null)
    where T : notnull
{
    private readonly List<T> all = [.. sources];
    private readonly LinkedList<(T Source, int TriedAfter)> waiting = new(sources.Select(source => (source, -1)));
    private readonly HashSet<T> done = [];
    private readonly Dictionary<T, int> tried = [];
    private readonly Dictionary<T, HashSet<T>> late = [];
    private bool stopped;

    /// <summary>Sources that were built, in the order of their success.</summary>
    public List<T> Built { get; } = [];

    /// <summary>Sources whose last try failed, in the order of those tries.</summary>
    public IEnumerable<T> Failed => waiting.Where(item => item.TriedAfter >= 0).Select(item => item.Source);

    /// <summary>Sources that were never tried, because the sequence was stopped, or because they need one that failed.</summary>
    public IEnumerable<T> Untried => waiting.Where(item => item.TriedAfter < 0).Select(item => item.Source);

    /// <summary>What a source needs and what was not built.</summary>
    public IEnumerable<T> WaitsFor(T source) =>
        (needs?.Invoke(source) ?? []).Union(late.GetValueOrDefault(source, [])).Where(other => !done.Contains(other));

    /// <summary>Sources that were not built yet.</summary>
    public IEnumerable<T> ToCome => all.Where(source => !done.Contains(source));

    /// <summary>The next source to build; false when there is none that could do better than before, or not until more of those that were given are built.</summary>
    public bool TryNext(out T source)
    {
        var next = stopped ? null : waiting.First;
        while (next is not null && !IsWorthTrying(next.Value))
            next = next.Next;
        source = next is null ? default! : next.Value.Source;
        if (next is null)
            return false;
        waiting.Remove(next);
        tried[source] = Built.Count;
        return true;
    }

    /// <summary>Says what became of a source that <see cref="TryNext"/> gave. Others may be given before it is said.</summary>
    public void Report(T source, bool succeeded)
    {
        if (succeeded)
        {
            Built.Add(source);
            done.Add(source);
            return;
        }
        // What has succeeded while it was built was not there for it.
        waiting.AddLast((source, tried[source]));
        stopped |= onError == OnError.Stop;
    }

    /// <summary>
    /// Says that a source which <see cref="TryNext"/> gave has turned out to need others that are to come, so that it has not been tried: it is after them. False, and nothing changes, when
    /// one of those waits for it.
    /// </summary>
    public bool Postpone(T source, IReadOnlyCollection<T> others)
    {
        if (others.Any(other => IsBehind(other, source)))
            return false;
        if (!late.TryGetValue(source, out var known))
            late[source] = known = [];
        known.UnionWith(others);
        waiting.AddFirst((source, -1));
        return true;
    }

    /// <summary>What waits for each other was refused before, so this comes to an end.</summary>
    private bool IsBehind(T source, T other) =>
        source.Equals(other) || WaitsFor(source).Any(needed => IsBehind(needed, other));

    /// <summary>No source is tried any more.</summary>
    public void Stop() => stopped = true;

    private bool IsWorthTrying((T Source, int TriedAfter) item) =>
        item.TriedAfter < Built.Count && !WaitsFor(item.Source).Any();
}
