using PkgForge.Registry;

namespace PkgForge.Server.Builds.Logs;

/// <summary>A line of an attempt's log.</summary>
/// <param name="Text">The line, without its end.</param>
/// <param name="Place">Where it stands.</param>
public sealed record LogLine(string Text, LogPlace Place)
{
    /// <summary>What the farm's own lines begin with. A build's line that begins so has <see cref="Quoted"/> in the log.</summary>
    public const string Mark = "==>";

    /// <summary>What stands instead of <see cref="Mark"/> where a build printed it.</summary>
    public const string Quoted = @"==\>";

    /// <summary>The farm wrote it, and not the build.</summary>
    public bool IsFarms => Text.StartsWith(Mark, StringComparison.Ordinal);
}
