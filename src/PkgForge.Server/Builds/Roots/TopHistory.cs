using System.Globalization;
using PkgForge.Platforms;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// How much the last build of each source wrote in its root on this machine: a file for each, <c>tops/NAME</c>. Only where the next top is put hangs on it: what a crash loses is
/// found out again.
/// </summary>
/// <param name="directory">The farm's work directory.</param>
public sealed class TopHistory(string directory)
{
    private string Tops => $"{directory}/tops";

    /// <summary>Bytes that the last build wrote; null if there was none here, or if it cannot be read.</summary>
    public long? Of(PlatformKey platform, string source)
    {
        try
        {
            var text = File.ReadAllText(FileOf(platform, source));
            return long.TryParse(text, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Notes how much a build has written. Where that cannot be written down, for one because the disk is full, the build is none the worse for it.</summary>
    public void Note(PlatformKey platform, string source, long bytes)
    {
        try
        {
            Directory.CreateDirectory(Tops);
            var aside = $"{Tops}/{Guid.NewGuid():N}";
            File.WriteAllText(aside, bytes.ToString(CultureInfo.InvariantCulture));
            File.Move(aside, FileOf(platform, source), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next build is as one of a source that was not built here yet, or goes by what is noted of an earlier one.
        }
    }

    /// <summary>Forgets sources that were not built since a time.</summary>
    public void Forget(DateTime before)
    {
        foreach (var file in Directory.Exists(Tops) ? Directory.EnumerateFiles(Tops) : [])
        {
            if (File.GetLastWriteTimeUtc(file) < before)
                File.Delete(file);
        }
    }

    private string FileOf(PlatformKey platform, string source) =>
        $"{Tops}/{Digest.OfText($"{platform} {source}")[..32]}";
}
