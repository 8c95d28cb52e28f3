using System.Text;
using PkgForge.Yaml;

namespace PkgForge.Jobs;

/// <summary>
/// <c>job.yml</c>: everything about a job, with the size and SHA-256 of every file (docs/formats/job.md). The reader
/// is bounded in size, depth and number of nodes, and knows no anchors, aliases or tags.
/// </summary>
public static class Manifest
{
    /// <summary>Name of the manifest in a job's directory.</summary>
    public const string FileName = ManifestFormat.FileName;

    /// <summary>The most bytes that a manifest may have.</summary>
    public const int MaxBytes = ManifestFormat.MaxBytes;

    /// <summary>Writes a job as a manifest that <see cref="Read(ReadOnlySpan{byte})"/> takes.</summary>
    /// <exception cref="ArgumentException">The job breaks a rule of <see cref="JobRules"/>; the message says which.</exception>
    public static byte[] Write(Job job)
    {
        if (JobRules.Check(job) is { } error)
            throw new ArgumentException(error, nameof(job));
        return Encoding.UTF8.GetBytes(ManifestWriter.Write(job));
    }

    /// <summary>Reads a manifest. Whatever the bytes are, the answer is a result.</summary>
    public static ManifestResult Read(ReadOnlySpan<byte> manifest)
    {
        if (manifest.Length > MaxBytes)
            return new(null, $"the manifest is larger than {MaxBytes} bytes");
        var (job, error) = YamlDocument.Read(manifest, ManifestReader.Read);
        return new(job, error is null or ['l', 'i', ..] ? error : $"the manifest is {error}");
    }

    /// <summary>Reads a manifest from a stream, of which it takes at most <see cref="MaxBytes"/> and one more.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static ManifestResult Read(Stream stream) => Read(ReadBytes(stream));

    /// <summary>The bytes of a manifest; one more than <see cref="MaxBytes"/> if there are more.</summary>
    internal static byte[] ReadBytes(Stream stream)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, MaxBytes + 1 - bytes.Length))) > 0)
            bytes.Write(buffer, 0, read);
        return bytes.ToArray();
    }
}
