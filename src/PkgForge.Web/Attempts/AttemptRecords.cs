using System.Collections.Concurrent;
using PkgForge.Native;
using PkgForge.Records;

namespace PkgForge.Web.Attempts;

/// <summary>The records of attempts, those that were looked at lately kept in memory. A record is written once, when its attempt has ended.</summary>
internal sealed class AttemptRecords
{
    /// <summary>More are forgotten, whichever.</summary>
    private const int Most = 64;

    /// <summary>Larger ones are read anew each time: a record of a thousand packages has some 100 KB.</summary>
    private const long LargestKept = 1 << 20;

    /// <summary>Larger ones are not read for a page; their file can be had.</summary>
    private const long Largest = 8 << 20;

    private readonly ConcurrentDictionary<string, Known> known = new(StringComparer.Ordinal);

    /// <summary>The record of an attempt; null where there is none (yet, or any more), or none that can be read.</summary>
    /// <param name="directory">The attempt's results.</param>
    public AttemptRecord? Of(string directory)
    {
        var path = Path.Combine(directory, RecordFile.Name);
        try
        {
            using var file = FileSystem.OpenFile(path);
            var status = FileSystem.Status(file);
            if (status.Kind != FileKind.Regular || status.Size > Largest)
                return null;
            if (known.TryGetValue(path, out var there) && there.Id == status.Id && there.Changed == status.Changed)
                return there.Record;
            var bytes = new byte[status.Size];
            var read = RandomAccess.Read(file, bytes, 0);
            var record = RecordFile.Read(bytes.AsSpan(0, read)).Record;
            if (status.Size <= LargestKept)
                Keep(path, new(status.Id, status.Changed, record));
            return record;
        }
        catch (PosixException)
        {
            // Not there, or a link.
            return null;
        }
    }

    private void Keep(string path, Known record)
    {
        if (known.Count >= Most)
            foreach (var key in known.Keys.Take(Most / 2))
                known.TryRemove(key, out _);
        known[path] = record;
    }

    private sealed record Known(FileId Id, DateTimeOffset Changed, AttemptRecord? Record);
}
