using System.Text.RegularExpressions;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>
/// What a source may ask dnf to install. Its author is a stranger, so a requirement reaches <c>dnf builddep</c> as a line of a spec file, where it is the name of a package, a
/// provide or a file, or a condition on such (<see cref="DnfCommand.BuildDependencies"/>), and a package of a record reaches <c>dnf install</c> only if it can be nothing else.
/// </summary>
internal static partial class Requirements
{
    /// <summary>The tag of a package that has been asked for, for <see cref="Read"/>, as a format of rpm's queries.</summary>
    public static readonly string Query = $"[{Mark}%{{REQUIRENAME}} %{{REQUIREFLAGS:depflags}} %{{REQUIREVERSION}}\\n]";

    // Complaints come in the same stream.
    private const string Mark = "needs ";

    /// <summary>
    /// True for what can stand in a line <c>BuildRequires:</c> and is no more than that: no macro, which rpm would carry out, and no second line. rpm itself says
    /// what else is wrong with it.
    /// </summary>
    public static bool IsPlain(string requirement) => Plain().IsMatch(requirement);

    /// <summary>
    /// True for <c>NAME-VERSION-RELEASE.ARCHITECTURE</c>. <c>dnf install</c> takes more than names: a URL or a file is fetched and installed (whatever begins with
    /// the name of a scheme and a colon is one to it), <c>@</c> is a group, <c>*</c> is everything.
    /// </summary>
    public static bool IsPackage(string word) =>
        Package().IsMatch(word)
        && !Scheme().IsMatch(word)
        && !word.EndsWith(".rpm", StringComparison.OrdinalIgnoreCase);

    /// <summary>The requirements in the answer to <see cref="Query"/>, as <c>NAME</c>, <c>NAME OPERATOR VERSION</c> or a condition in parentheses, without those on rpm itself.</summary>
    public static IReadOnlyList<string> Read(string answer) =>
        [
            .. answer
                .Split('\n')
                .Where(line => line.StartsWith(Mark, StringComparison.Ordinal))
                .Select(line => line[Mark.Length..].Trim())
                .Where(requirement => !requirement.StartsWith("rpmlib(", StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>The names in requirements, without versions: for each requirement, groups of which one name each must be had.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Names(IEnumerable<string> requirements) =>
        [
            .. requirements
                .Where(IsPlain)
                .SelectMany<string, IReadOnlyList<string>>(requirement =>
                    requirement[0] == '('
                        ? BooleanDependency.Names(requirement)
                        :
                        [
                            [requirement.Split(' ')[0]],
                        ]
                ),
        ];

    [GeneratedRegex(@"\A[A-Za-z0-9/_(][ -$&-\[\]-~]{0,1023}\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.+:~^()-]{0,384}\z")]
    private static partial Regex Package();

    [GeneratedRegex(@"\A(?:file|ftp|https?):", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();
}
