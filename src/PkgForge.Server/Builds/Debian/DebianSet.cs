using System.Text.RegularExpressions;
using PkgForge.Records;

namespace PkgForge.Server.Builds.Debian;

/// <summary>
/// The exact set that apt would install, a line for each package: <c>FILE SIZE SHA256:DIGEST</c>, of the <c>'URI' FILE SIZE SHA256:DIGEST</c> of
/// <c>--print-uris</c>; and <c>without NAME</c> for each that it would remove because the source says so. Of the URI no more counts than whether the distribution has made the package or the farm
/// (<see cref="PartOfSet.Farm"/>). Between the question and the installation nothing changes, because the lists are a session's own.
/// </summary>
internal static partial class DebianSet
{
    private const string Sha256 = "SHA256:";

    /// <summary>The set in what apt has printed.</summary>
    public static string Of(string uris) =>
        string.Join(
            '\n',
            uris.Split('\n')
                .Where(line => line.StartsWith('\''))
                .Select(line => line[(line.LastIndexOf('\'') + 1)..].Trim() + (IsFarms(line) ? PartOfSet.Farm : ""))
                .Order(StringComparer.Ordinal)
        );

    /// <summary>The set, and what apt removes, in what it has printed when it only played that through (<c>Remv NAME [VERSION]</c>).</summary>
    public static string WithRemovals(string set, string played) =>
        With(
            set,
            played.Split('\n').Select(line => line.Split(' ')).Where(words => words is ["Remv", ..]).Select(w => w[1])
        );

    /// <summary>The set, and what is removed.</summary>
    public static string With(string set, IEnumerable<string> removed) =>
        string.Join(
            '\n',
            set.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Concat(removed.Select(name => $"without {name}"))
                .Order(StringComparer.Ordinal)
        );

    /// <summary>
    /// What apt has to fetch: of each package its URI, the name of its file, and its digest. What lies in a directory of the root is read where it is, and is not
    /// among them.
    /// </summary>
    /// <param name="uris">What apt has printed.</param>
    /// <exception cref="FarmFaultException">It has printed something else.</exception>
    public static IEnumerable<(string Uri, string File, string Digest)> Downloads(string uris) =>
        uris.Split('\n')
            .Where(line => line.StartsWith('\'') && !IsFarms(line))
            .Select(line =>
                Uri().Match(line) is { Success: true, Groups: var parts }
                    ? (parts["uri"].Value, parts["file"].Value, parts["digest"].Value)
                    : throw new FarmFaultException(
                        $"apt names a package by '{line}'; expected its URI, file, size and digest"
                    )
            );

    /// <summary>Digests of the packages of a set, by the names of their files.</summary>
    public static IReadOnlyDictionary<string, string> Digests(string set)
    {
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in set.Split('\n'))
            if (line.Split(' ') is [var file, _, var digest, ..] && digest.StartsWith(Sha256, StringComparison.Ordinal))
                digests[file] = $"sha256:{digest[Sha256.Length..]}";
        return digests;
    }

    // Buckets, and the job's own products, are directories of the root.
    private static bool IsFarms(string line) => line.StartsWith("'file:", StringComparison.Ordinal);

    /// <summary>True when apt would take the words of a package for nothing but that package: a record may come from another machine.</summary>
    public static bool IsPlain(RecordedPackage package) =>
        Name().IsMatch(package.Name) && Version().IsMatch(package.Version) && Name().IsMatch(package.Architecture);

    /// <summary>The package in just that version, as apt takes it.</summary>
    public static string Exactly(RecordedPackage package) =>
        package.Architecture == "all"
            ? $"{package.Name}={package.Version}"
            : $"{package.Name}:{package.Architecture}={package.Version}";

    /// <summary>The name that apt gives a package's file.</summary>
    public static string FileOf(RecordedPackage package) =>
        $"{package.Name}_{package.Version.Replace(":", "%3a", StringComparison.Ordinal)}_{package.Architecture}.deb";

    [GeneratedRegex(
        @"\A'(?<uri>[^']+)' (?<file>[A-Za-z0-9][A-Za-z0-9.+~%_-]*) [0-9]+ (?<digest>[A-Za-z0-9]+:[0-9a-f]+)\s*\z"
    )]
    private static partial Regex Uri();

    // Debian Policy 5.6.1 and 5.6.12.
    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]{1,200}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[0-9][A-Za-z0-9.+:~-]{0,200}\z")]
    private static partial Regex Version();
}
