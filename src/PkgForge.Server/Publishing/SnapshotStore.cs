using System.Globalization;
using PkgForge.Native;
using PkgForge.Spool;

namespace PkgForge.Server.Publishing;

/// <summary>One state of a repository: its metadata, and the list of its packages.</summary>
/// <param name="Number">1 for the first, then counting up.</param>
/// <param name="Directory">Where it lies.</param>
internal sealed record Snapshot(int Number, string Directory)
{
    /// <summary>Its packages, by path.</summary>
    public IReadOnlyList<Member> Members() => [.. File.ReadLines(ListOf(Directory)).Select(Member.FromLine)];

    public static string ListOf(string directory) => $"{directory}/packages";

    /// <summary>While it is there, nobody has said yet that the task ended whose products the snapshot adds. It holds that task's mark.</summary>
    public static string MarkOf(string directory) => $"{directory}/unconfirmed";

    /// <summary>Holds the mark of the task that was published with the snapshot, once that is known to have ended.</summary>
    private static string MakerOf(string directory) => $"{directory}/task";

    /// <summary>The mark of the task that was published with it; null where there was none, or it was made before marks were kept.</summary>
    public string? Maker() => File.Exists(MakerOf(Directory)) ? File.ReadAllText(MakerOf(Directory)) : null;

    /// <summary>Its task has ended: the snapshot stands.</summary>
    public void Confirm()
    {
        if (File.Exists(MarkOf(Directory)))
            File.Move(MarkOf(Directory), MakerOf(Directory), overwrite: true);
    }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Time => new(File.GetLastWriteTimeUtc(ListOf(Directory)), TimeSpan.Zero);

    /// <summary>The mark of the task whose end is not known here; null when the snapshot stands.</summary>
    public string? Mark() => File.Exists(MarkOf(Directory)) ? File.ReadAllText(MarkOf(Directory)) : null;
}

/// <summary>
/// The snapshots of a repository. <c>dists</c> or <c>repodata</c> at the repository's top is a symbolic link into the
/// current one; a snapshot with a higher number was never switched to, because its maker died.
/// </summary>
/// <param name="repository">The repository's directory.</param>
/// <param name="metadata"><c>dists</c> or <c>repodata</c>.</param>
internal sealed class SnapshotStore(string repository, string metadata)
{
    private string Top => $"{repository}/snapshots";
    private string Link => $"{repository}/{metadata}";
    private string NextLink => $"{repository}/.{metadata}-next";

    /// <summary>Where a snapshot is made before it has its name.</summary>
    public string Place => $"{Top}/.new";

    /// <summary>The snapshot that readers see; null before the first.</summary>
    /// <exception cref="FarmFaultException">The link is not one of the farm's.</exception>
    public Snapshot? Current()
    {
        if (new FileInfo(Link).LinkTarget is not { } target)
            return Path.Exists(Link)
                ? throw new FarmFaultException($"{Link} is in the way: a link of the farm's belongs there")
                : null;
        return target.Split('/') is ["snapshots", var name, var last] && last == metadata && Number(name) is { } number
            ? new(number, $"{Top}/{name}")
            : throw new FarmFaultException($"{Link} leads to {target}, which is no snapshot of this repository");
    }

    /// <summary>All snapshots that are whole and were once current, oldest first.</summary>
    public IReadOnlyList<Snapshot> All()
    {
        var current = Current()?.Number ?? 0;
        return [.. Numbered().Where(s => s.Number <= current).OrderBy(s => s.Number)];
    }

    /// <summary>Empties the place where the next one is made.</summary>
    public string NewPlace()
    {
        Disk.MakeDirectory(Place);
        return Place;
    }

    /// <summary>Gives the finished snapshot its name. Nobody reads it yet.</summary>
    public Snapshot Finish()
    {
        var number = (Current()?.Number ?? 0) + 1;
        var snapshot = new Snapshot(number, $"{Top}/{number:D6}");
        Disk.SettleTree(Place);
        FileSystem.Rename(Place, snapshot.Directory);
        FileSystem.FlushDirectory(Top);
        return snapshot;
    }

    /// <summary>Makes a snapshot the current one, by one rename.</summary>
    public void Switch(Snapshot snapshot)
    {
        File.Delete(NextLink);
        File.CreateSymbolicLink(NextLink, $"snapshots/{snapshot.Number:D6}/{metadata}");
        FaultPoint.Reach(FaultPoints.PublishLinkMade);
        FileSystem.Rename(NextLink, Link);
        FaultPoint.Reach(FaultPoints.PublishRenamed);
        FileSystem.FlushDirectory(repository);
    }

    /// <summary>The snapshot stands. A power failure may forget it: then it is asked for once more.</summary>
    public static void Confirm(Snapshot snapshot) => snapshot.Confirm();

    /// <summary>Gives readers the snapshot before this one; the repository's first leaves them none.</summary>
    public void SwitchBack(Snapshot from)
    {
        if (Numbered().Where(s => s.Number < from.Number).MaxBy(s => s.Number) is { } former)
        {
            Switch(former);
            return;
        }
        File.Delete(Link);
        FileSystem.FlushDirectory(repository);
    }

    /// <summary>Removes what unfinished publishing has left, and snapshots older than the newest <paramref name="keep"/>.</summary>
    public void Tidy(int keep)
    {
        File.Delete(NextLink);
        if (Directory.Exists(Place))
            Directory.Delete(Place, recursive: true);
        var current = Current()?.Number ?? 0;
        foreach (var snapshot in Numbered().Where(s => s.Number > current || s.Number <= current - keep))
            Directory.Delete(snapshot.Directory, recursive: true);
    }

    private List<Snapshot> Numbered() =>
        Directory.Exists(Top)
            ?
            [
                .. new DirectoryInfo(Top)
                    .EnumerateDirectories()
                    .Where(d => Number(d.Name) is not null)
                    .Select(d => new Snapshot(Number(d.Name)!.Value, $"{Top}/{d.Name}")),
            ]
            : [];

    private static int? Number(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
