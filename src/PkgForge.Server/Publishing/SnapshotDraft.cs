namespace PkgForge.Server.Publishing;

/// <summary>A snapshot in the making, for the code that writes its metadata.</summary>
/// <param name="Place">Its directory; what is written here becomes the snapshot.</param>
/// <param name="Members">What it lists, by path.</param>
/// <param name="Former">The kept snapshots before it, oldest first; the last one is current.</param>
internal sealed record SnapshotDraft(string Place, IReadOnlyList<Member> Members, IReadOnlyList<Snapshot> Former)
{
    /// <summary>The snapshot that readers see now; null for the first.</summary>
    public Snapshot? Current => Former.Count > 0 ? Former[^1] : null;

    /// <summary>
    /// Keeps an index of a former snapshot under its digest's name, by a hard link: for readers that have read that
    /// snapshot's list of indexes, and fetch the indexes when this one is current.
    /// </summary>
    public static void Carry(string index, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (File.Exists(index) && !File.Exists(target))
            Disk.LinkOrCopy(index, target);
    }

    /// <summary>
    /// Dates the list of indexes later than the former one. Readers compare whole seconds, and would otherwise take the
    /// second of two publishes in one second for the first.
    /// </summary>
    public void Date(string list)
    {
        var former = Current is null ? "" : $"{Current.Directory}/{Path.GetRelativePath(Place, list)}";
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var after = File.Exists(former) ? File.GetLastWriteTimeUtc(former).AddSeconds(1) : now;
        File.SetLastWriteTimeUtc(list, after > now ? after : now);
    }
}
