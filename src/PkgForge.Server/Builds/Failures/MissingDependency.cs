using System.Text.RegularExpressions;

namespace PkgForge.Server.Builds.Failures;

/// <summary>The name of a build dependency that cannot be had, in the words of the tool that looked for it.</summary>
internal static partial class MissingDependency
{
    /// <summary>What a complaint of apt or dnf says is missing, with the version that was asked for; null when it says something else.</summary>
    public static string? In(string? complaint) =>
        Pattern().Match(complaint ?? "") is { Success: true } match ? match.Groups["what"].Value : null;

    [GeneratedRegex(
        @"Depends: (?<what>.+?) but |^No match for argument: (?<what>.+)$|^No matching package to install: '(?<what>.+)'$|nothing provides (?:requested (?<what>\(.+\))|(?<what>.+? needed by \S+))"
    )]
    private static partial Regex Pattern();
}
