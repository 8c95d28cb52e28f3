using System.Text.RegularExpressions;

namespace PkgForge.Sources.Debian;

/// <summary>The forms of names, versions and formats in a Debian source package.</summary>
internal static partial class DebianNames
{
    public static bool IsSource(string text) => SourcePattern().IsMatch(text);

    public static bool IsVersion(string text) => VersionPattern().IsMatch(text);

    public static bool IsFormat(string text) => FormatPattern().IsMatch(text);

    /// <summary>The version as it stands in file names.</summary>
    public static string WithoutEpoch(string version) =>
        version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>Debian Policy 5.6.1; the upper bound is that of a file name.</summary>
    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]{1,200}\z")]
    private static partial Regex SourcePattern();

    /// <summary>
    /// Debian Policy 5.6.12: epoch, upstream version, revision. A '-' is in the upstream version only if there is a
    /// revision, which the last '-' begins; so '-' can stand anywhere but at the end.
    /// </summary>
    [GeneratedRegex(@"\A(?=.{1,200}\z)([0-9]{1,9}:)?[0-9][A-Za-z0-9.+~]*(-[A-Za-z0-9.+~]+)*\z")]
    private static partial Regex VersionPattern();

    /// <summary>deb-src-control(5): a number, and for version 3 a kind.</summary>
    [GeneratedRegex(@"\A[0-9]{1,3}\.[0-9]{1,3}( \([a-z]{1,20}\))?\z")]
    private static partial Regex FormatPattern();
}
