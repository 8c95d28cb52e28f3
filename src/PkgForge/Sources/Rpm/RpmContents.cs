using System.Text.RegularExpressions;

namespace PkgForge.Sources.Rpm;

/// <summary>What the header of a source package says about it, checked before any of it is believed.</summary>
internal static partial class RpmContents
{
    private const uint SpecFileFlag = 1 << 5;

    /// <summary>It is a source package that can be built: no binary one under another name, and not without its sources.</summary>
    public static Broken? CheckKind(RpmLead lead, RpmHeader header) =>
        !lead.IsSource || header.Has(RpmTag.SourceRpm)
            ? new("not-source", "is a binary package; a source package is expected (rpmbuild -bs makes one)")
        : header.Has(RpmTag.NoSource) || header.Has(RpmTag.NoPatch)
            ? new("nosrc", "is a nosrc package: sources or patches are left out of it, so it cannot be built")
        : null;

    public static Broken? CheckIdentity(RpmHeader header) =>
        WellFormed(header, RpmTag.Name, "NAME", NamePattern())
        ?? WellFormed(header, RpmTag.Version, "VERSION", VersionPattern())
        ?? WellFormed(header, RpmTag.Release, "RELEASE", VersionPattern());

    public static Broken? CheckPayload(RpmHeader header) =>
        header.Text(RpmTag.PayloadFormat) is { } format and not "cpio"
            ? new("payload-format", $"has the payload format '{PlainName.ToPrint(format)}'; cpio is expected")
        : header.Text(RpmTag.PayloadCompressor)
            is { } compressor
                and not ("gzip" or "bzip2" or "xz" or "lzma" or "zstd" or "none" or "identity")
            ? new(
                "payload-compressor",
                $"has the payload compressor '{PlainName.ToPrint(compressor)}'; gzip, bzip2, xz, lzma, zstd or none is expected"
            )
        : null;

    /// <summary>The name of the spec file: the one file with the flag for it, else the one file whose name ends in .spec.</summary>
    public static Broken? FindSpec(RpmHeader header, out string? spec)
    {
        spec = null;
        var names = header.Texts(header.Has(RpmTag.BaseNames) ? RpmTag.BaseNames : RpmTag.OldFileNames);
        var flags = header.Int32s(RpmTag.FileFlags);
        if (flags.Count != 0 && flags.Count != names.Count)
            return new("file-list", $"lists {names.Count} file names, but {flags.Count} file flags");
        if (header.Texts(RpmTag.DirNames) is not ([] or [""]))
            return new("file-name", "puts its files into a directory; a source package has none");
        if (names.Select(Fault).FirstOrDefault(fault => fault is not null) is { } broken)
            return broken;
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
            return new("file-list", "lists two files of one name");
        var found = names.Where((_, i) => flags.Count != 0 && (flags[i] & SpecFileFlag) != 0).Take(2).ToList();
        if (found.Count == 0)
            found = [.. names.Where(name => name.EndsWith(".spec", StringComparison.Ordinal)).Take(2)];
        spec = found.Count == 1 ? found[0] : null;
        return found.Count switch
        {
            0 => new("spec-file", "has no spec file"),
            1 => null,
            _ => new("spec-file", $"has more than one spec file ({found[0]}, {found[1]})"),
        };
    }

    /// <summary>Version and release, with the epoch where there is one: <c>1:2.0-3</c>.</summary>
    public static string FullVersion(RpmHeader header)
    {
        var epoch = header.Number(RpmTag.Epoch);
        return $"{(epoch is null ? "" : $"{epoch}:")}{header.Text(RpmTag.Version)}-{header.Text(RpmTag.Release)}";
    }

    private static Broken? Fault(string name) =>
        PlainName.FaultWithin(name) is { } fault
            ? new("file-name", $"lists a file '{PlainName.ToPrint(name)}' whose name {fault}")
            : null;

    private static Broken? WellFormed(RpmHeader header, uint tag, string words, Regex pattern) =>
        header.Text(tag) is not { } text ? new("identity", $"has no {words}")
        : pattern.IsMatch(text) ? null
        : new("identity", $"has a {words} that is not well formed: '{PlainName.ToPrint(text)}'");

    /// <summary>What rpmbuild itself allows in a name (build/parsePreamble.c), without % and braces, which only macros use.</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}\z")]
    private static partial Regex NamePattern();

    /// <summary>Likewise for versions and releases: no '-', which separates them.</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_+~^][A-Za-z0-9._+~^]{0,199}\z")]
    private static partial Regex VersionPattern();
}
