using System.Security.Cryptography;
using PkgForge.Registry;

namespace PkgForge.Web.Builders;

/// <summary>
/// A file that arrives in pieces. What has arrived stays when a connection breaks, and the next piece goes on from there. A
/// later request takes over from an earlier one, whose connection may be dead without anybody having noticed.
/// </summary>
/// <param name="path">Where it grows.</param>
internal sealed class Upload(string path)
{
    private const int BufferSize = 128 << 10;

    /// <summary>Its requests go through here.</summary>
    public Turnstile Turnstile { get; } = new();

    /// <summary>Where it grows.</summary>
    public string Path => path;

    /// <summary>How much has arrived.</summary>
    public long Length => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <summary>Appends what a request brings. Returns false, with nothing appended, when it would grow larger than <paramref name="most"/>.</summary>
    public async Task<bool> AppendAsync(Stream body, long most, CancellationToken cancel)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
        var begin = RandomAccess.GetLength(file);
        var buffer = new byte[BufferSize];
        var end = begin;
        int read;
        while ((read = await body.ReadAsync(buffer, cancel)) > 0)
        {
            if (end + read > most)
            {
                RandomAccess.SetLength(file, begin);
                return false;
            }
            RandomAccess.Write(file, buffer.AsSpan(0, read), end);
            end += read;
        }
        return true;
    }

    /// <summary>Name, size and digest of what has arrived.</summary>
    public static Product Describe(string file)
    {
        using var handle = File.OpenHandle(file, options: FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        long size = 0;
        int read;
        while ((read = RandomAccess.Read(handle, buffer, size)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            size += read;
        }
        return new(System.IO.Path.GetFileName(file), size, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    public void Remove()
    {
        if (File.Exists(path))
            File.Delete(path);
    }
}
