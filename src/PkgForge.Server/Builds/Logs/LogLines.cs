using System.Text;
using PkgForge.Registry;

namespace PkgForge.Server.Builds.Logs;

/// <summary>Takes a piece of a log apart.</summary>
internal static class LogLines
{
    /// <param name="bytes">The piece.</param>
    /// <param name="first">Its place.</param>
    /// <param name="isWhole">It begins where a line begins; else its first line, which is cut, counts only if there is no other.</param>
    /// <param name="since">Lines that begin before this offset are left out.</param>
    /// <returns>Its lines, but for empty ones.</returns>
    public static IReadOnlyList<LogLine> Read(ReadOnlySpan<byte> bytes, LogPlace first, bool isWhole, long since = 0)
    {
        var lines = new List<LogLine>();
        var place = first;
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var line = bytes[range];
            var cut = !isWhole && place == first && line.Length < bytes.Length;
            if (!line.IsEmpty && !cut && place.Offset >= since)
                lines.Add(new(Encoding.UTF8.GetString(line).TrimEnd('\r'), place));
            place = new(place.Offset + line.Length + 1, place.Line + 1);
        }
        return lines;
    }
}
