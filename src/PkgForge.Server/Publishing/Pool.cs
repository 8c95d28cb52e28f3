using PkgForge.Native;
using PkgForge.Spool;

namespace PkgForge.Server.Publishing;

/// <summary>
/// The packages of a repository. A file in it never changes, because its place names its content; so every snapshot that
/// lists it stays installable.
/// </summary>
internal sealed class Pool(string repository)
{
    /// <summary>Puts a product at its place. Whoever looks sees the whole file or none.</summary>
    /// <exception cref="FarmFaultException">The file is not what was collected.</exception>
    public void Add(ProductFile product, Member member)
    {
        var target = $"{repository}/{member.Path}";
        if (File.Exists(target))
        {
            Check(target, member);
            return;
        }
        var directory = Path.GetDirectoryName(target)!;
        Disk.MakeDirectory(directory);
        var aside = $"{directory}/.{Guid.NewGuid():N}.tmp";
        CheckIsFile(product);
        Disk.LinkOrCopy(product.Path, aside);
        FaultPoint.Reach(FaultPoints.PublishLinked);
        Check(aside, member);
        Disk.Settle(aside);
        FileSystem.Rename(aside, target);
        FaultPoint.Reach(FaultPoints.PublishPlaced);
        FileSystem.FlushDirectory(directory);
    }

    /// <summary>Removes every file that is not listed, and directories that are empty then.</summary>
    public void Sweep(IReadOnlySet<string> listed)
    {
        if (Directory.Exists($"{repository}/pool"))
            Sweep("pool", listed);
    }

    /// <summary>Returns true when nothing is left in the directory.</summary>
    private bool Sweep(string directory, IReadOnlySet<string> listed)
    {
        var empty = true;
        foreach (var entry in new DirectoryInfo($"{repository}/{directory}").EnumerateFileSystemInfos())
        {
            var path = $"{directory}/{entry.Name}";
            if (entry is DirectoryInfo { LinkTarget: null } ? !Sweep(path, listed) : listed.Contains(path))
                empty = false;
            else
                entry.Delete();
        }
        return empty;
    }

    private static void CheckIsFile(ProductFile product)
    {
        var file = new FileInfo(product.Path);
        if (!file.Exists || file.LinkTarget is not null)
            throw new FarmFaultException($"{product.Path} is not a regular file, as a product must be");
    }

    private static void Check(string path, Member member)
    {
        if (Digest.OfFile(path) != member.Product.Sha256)
            throw new FarmFaultException(
                $"{path} is not the file that was collected as {member.FileName}: its SHA-256 is not {member.Product.Sha256}"
            );
    }
}
