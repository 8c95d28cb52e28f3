namespace PkgForge.Sources.Rpm;

/// <summary>Build dependencies as a spec file would write them.</summary>
internal static class RpmRequires
{
    private const uint Less = 1 << 1;
    private const uint Greater = 1 << 2;
    private const uint Equal = 1 << 3;

    /// <summary>
    /// <c>NAME</c> or <c>NAME OPERATOR VERSION</c> each; what rpm itself must be able to do (<c>rpmlib(...)</c>) left out.
    /// </summary>
    /// <returns>Null when the three lists of the header are not of one length.</returns>
    public static IReadOnlyList<string>? Read(RpmHeader header)
    {
        var names = header.Texts(RpmTag.RequireName);
        var flags = header.Int32s(RpmTag.RequireFlags);
        var versions = header.Texts(RpmTag.RequireVersion);
        if (flags.Count != names.Count || versions.Count != names.Count)
            return null;
        return
        [
            .. names
                .Select((name, i) => Word(name, flags[i], versions[i]))
                .Where(word => !word.StartsWith("rpmlib(", StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>True when there are more, which only the spec file itself can work out.</summary>
    public static bool AreDynamic(RpmHeader header) =>
        header.Texts(RpmTag.RequireName).Contains("rpmlib(DynamicBuildRequires)", StringComparer.Ordinal);

    private static string Word(string name, uint flags, string version)
    {
        var sense =
            (flags & Less) != 0 ? "<"
            : (flags & Greater) != 0 ? ">"
            : "";
        sense += (flags & Equal) != 0 ? "=" : "";
        return sense.Length == 0 || version.Length == 0 ? name : $"{name} {sense} {version}";
    }
}
