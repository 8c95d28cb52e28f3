using System.Text.RegularExpressions;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>
/// What a source may ask dnf to install. <c>dnf install</c> takes more than names: a URL or a file is fetched and
/// installed (whatever begins with the name of a scheme and a colon is one to it), <c>@</c> is a group, <c>*</c> is everything. The source's author is a stranger, so only what can be
/// nothing but the name of a package, a provide or a file passes.
/// </summary>
internal static partial class Requirements
{
    /// <summary>True for <c>NAME</c>, <c>NAME(PROVIDE)(64bit)</c> or <c>/PATH</c>, with <c>OPERATOR VERSION</c> or without.</summary>
    public static bool IsPlain(string requirement) =>
        Plain().IsMatch(requirement)
        && !requirement.Contains("://", StringComparison.Ordinal)
        && !Scheme().IsMatch(requirement)
        && !requirement.EndsWith(".rpm", StringComparison.OrdinalIgnoreCase);

    /// <summary>The build requirements of a source without their versions, each a group of one.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Names(SourceRpm source) =>
        [.. source.BuildRequires.Where(IsPlain).Select(requirement => new[] { requirement.Split(' ')[0] })];

    [GeneratedRegex(
        @"\A[A-Za-z0-9/_][A-Za-z0-9/_.+:~^()-]{0,254}( (<|>|<=|>=|=) [A-Za-z0-9][A-Za-z0-9.+:~^_-]{0,127})?\z"
    )]
    private static partial Regex Plain();

    [GeneratedRegex(@"\A(?:file|ftp|https?):", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();
}
