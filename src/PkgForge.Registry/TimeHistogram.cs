namespace PkgForge.Registry;

/// <summary>
/// How long many things took, in classes of which each is a tenth longer than the one before: medians of days, platforms and months can be worked out from
/// sums, and are wrong by a twentieth at the most.
/// </summary>
public sealed class TimeHistogram
{
    private const double Step = 1.1;

    private readonly SortedDictionary<int, long> classes;

    /// <summary>Nothing yet.</summary>
    public TimeHistogram()
        : this([]) { }

    internal TimeHistogram(IEnumerable<KeyValuePair<int, long>> classes) =>
        this.classes = new(classes.ToDictionary(item => item.Key, item => item.Value));

    /// <summary>How many there are.</summary>
    public long Count => classes.Values.Sum();

    /// <summary>How many there are of each class.</summary>
    internal IReadOnlyDictionary<int, long> Classes => classes;

    /// <summary>One more.</summary>
    public void Add(TimeSpan time)
    {
        var place = (int)Math.Floor(Math.Log(Math.Max(1, time.TotalMilliseconds), Step));
        classes[place] = classes.GetValueOrDefault(place) + 1;
    }

    /// <summary>All of another one.</summary>
    public void Add(TimeHistogram other)
    {
        foreach (var (place, count) in other.classes)
            classes[place] = classes.GetValueOrDefault(place) + count;
    }

    /// <summary>The time that this part of all did not exceed, e.g. the median for 0.5; null when there are none.</summary>
    public TimeSpan? Quantile(double part)
    {
        var wanted = (long)Math.Ceiling(Count * part);
        long seen = 0;
        foreach (var (place, count) in classes)
            if ((seen += count) >= wanted)
                return TimeSpan.FromMilliseconds(Math.Pow(Step, place + 0.5));
        return null;
    }
}
