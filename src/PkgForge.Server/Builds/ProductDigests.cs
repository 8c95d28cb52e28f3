using System.Collections.Concurrent;

namespace PkgForge.Server.Builds;

/// <summary>The digests of a task's products: each file is read once, however many sources come after it.</summary>
public sealed class ProductDigests
{
    private readonly ConcurrentDictionary<(string Name, long Size, DateTime At), string> known = [];

    /// <summary>The SHA-256 of a product. One that is made anew under the same name has another time.</summary>
    public string Of(string path)
    {
        var file = new FileInfo(path);
        return known.GetOrAdd((file.Name, file.Length, file.LastWriteTimeUtc), _ => Digest.OfFile(path));
    }
}
