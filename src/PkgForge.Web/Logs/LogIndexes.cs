using System.Collections.Concurrent;

namespace PkgForge.Web.Logs;

/// <summary>The indexes of the logs that were looked at lately.</summary>
internal sealed class LogIndexes
{
    /// <summary>More are forgotten, whichever; one of a log of 200 MB takes some 100 KB.</summary>
    private const int Most = 64;

    private readonly ConcurrentDictionary<string, LogIndex> known = new(StringComparer.Ordinal);

    public LogIndex Of(string path)
    {
        if (known.Count > Most && !known.ContainsKey(path))
            foreach (var key in known.Keys.Take(Most / 2))
                known.TryRemove(key, out _);
        return known.GetOrAdd(path, p => new(p));
    }
}
