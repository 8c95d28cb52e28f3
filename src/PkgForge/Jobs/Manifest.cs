using System.Globalization;
using System.Text;
using YamlDotNet.Core;

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
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(manifest);
            return new(ManifestReader.Read(BoundedYaml.Read(text)), null);
        }
        catch (DecoderFallbackException)
        {
            return new(null, "the manifest is not UTF-8 text");
        }
        catch (ManifestException e)
        {
            return new(null, $"line {e.Line.ToString(CultureInfo.InvariantCulture)}: {e.Message}");
        }
        catch (YamlException e)
        {
            return new(null, $"line {e.Start.Line}: not well-formed YAML: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet's scanner leaves by these, too, on text that is not YAML; they carry no place.
            return new(null, "not well-formed YAML");
        }
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
