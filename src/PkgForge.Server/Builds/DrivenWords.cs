using System.Text.RegularExpressions;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>
/// The words of a source that a driven tool puts into programs and command lines of its own: names of files, and architectures, which sbuild writes into a program that it runs in its root. The
/// names that distributions give pass; the farm's own builders need no such rule.
/// </summary>
internal static partial class DrivenWords
{
    /// <summary>What a word may be, for messages.</summary>
    public const string Rule = "letters, digits and . + ~ ^ _ -, beginning with a letter or digit";

    /// <summary>The first word that is not handed on; null when all are.</summary>
    public static string? Strange(SourcePackage source) =>
        source
            .Files.Select(file => file.Name)
            .Concat((source as DebianSource)?.Architectures ?? [])
            .FirstOrDefault(word => !IsPlain(word));

    internal static bool IsPlain(string word) => Plain().IsMatch(word);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9.+~^_-]{0,254}\z")]
    private static partial Regex Plain();
}
