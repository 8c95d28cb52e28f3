using PkgForge.Native;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Server.Remote;

/// <summary>The directory of one mirrored repository: <c>files/DIGEST</c>, and <c>trees/NAME</c> of links to them.</summary>
internal sealed class MirrorStore(string directory)
{
    /// <summary>A build that uses a tree is over by then.</summary>
    private static readonly TimeSpan KeptAfterUse = TimeSpan.FromDays(1);

    private string Files => $"{directory}/files";
    private string Trees => $"{directory}/trees";

    /// <summary>Keeps other builders of the machine out while a tree is made.</summary>
    public Task<FileLock> LockAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(Files);
        Directory.CreateDirectory(Trees);
        return FileLock.TakeAsync($"{directory}/lock", cancel);
    }

    /// <summary>The tree of a revision; null if it is not there.</summary>
    public string? Find(string revision)
    {
        var tree = TreeOf(revision);
        if (!Directory.Exists(tree))
            return null;
        Use(tree);
        return tree;
    }

    public bool Has(FileLine file) =>
        new FileInfo(PlaceOf(file)) is { Exists: true } there && there.Length == file.Size;

    public string PlaceOf(FileLine file) => $"{Files}/{file.Sha256}";

    /// <summary>Makes a tree whose files are all there. Returns its directory.</summary>
    public string Add(RepositoryAnswer list)
    {
        var tree = TreeOf(list.Revision);
        if (Directory.Exists(tree))
            return tree;
        var aside = $"{directory}/.new";
        if (Directory.Exists(aside))
            Directory.Delete(aside, recursive: true);
        Directory.CreateDirectory(aside);
        foreach (var file in list.Files)
        {
            var place = $"{aside}/{file.Path}";
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            if (!FileSystem.TryLink(PlaceOf(file), place))
                throw new FarmFaultException($"cannot link {PlaceOf(file)} to {place}");
        }
        FileSystem.Rename(aside, tree);
        Use(tree);
        Tidy(tree);
        return tree;
    }

    /// <summary>A revision is another machine's word: it is never a path.</summary>
    private string TreeOf(string revision) => $"{Trees}/{Digest.OfText(revision)[..32]}";

    private static void Use(string tree) =>
        Directory.SetLastWriteTimeUtc(tree, TimeProvider.System.GetUtcNow().UtcDateTime);

    /// <summary>Removes trees that nobody has used for a day, and files that are in no tree any more.</summary>
    private void Tidy(string newest)
    {
        var old = TimeProvider.System.GetUtcNow().UtcDateTime - KeptAfterUse;
        foreach (var tree in new DirectoryInfo(Trees).EnumerateDirectories())
        {
            if (tree.FullName != newest && tree.LastWriteTimeUtc < old)
                tree.Delete(recursive: true);
        }
        foreach (var file in Directory.EnumerateFiles(Files))
        {
            if (FileSystem.LinkStatus(file) is { Links: 1 })
                File.Delete(file);
        }
    }
}
