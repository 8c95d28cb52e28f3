namespace PkgForge.Buckets;

/// <summary>What the name of a binary package's file says.</summary>
/// <param name="Name">The package's name.</param>
/// <param name="Version">Its version; empty where the name says none.</param>
/// <param name="Architecture">Its architecture; empty where the name says none.</param>
public sealed record PackageFileName(string Name, string Version, string Architecture)
{
    private const string Rpm = ".rpm";

    /// <summary>
    /// <c>hello</c>, <c>2.10-3</c>, <c>amd64</c> of <c>hello_2.10-3_amd64.deb</c> (Debian Policy 5.6.16) and of <c>hello-2.10-3.amd64.rpm</c>. Anything else is
    /// a name as far as its first <c>_</c> or its suffix.
    /// </summary>
    public static PackageFileName Of(string file)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        if (file.EndsWith(Rpm, StringComparison.Ordinal) && stem.LastIndexOf('.') is var dot and > 0)
            return stem[..dot].Split('-') is { Length: > 2 } parts
                ? new(string.Join('-', parts[..^2]), string.Join('-', parts[^2..]), stem[(dot + 1)..])
                : new(stem[..dot], "", stem[(dot + 1)..]);
        return stem.Split('_') switch
        {
            [var name, var version, var architecture] => new(name, version, architecture),
            [var name, var version] => new(name, version, ""),
            _ => new(stem, "", ""),
        };
    }
}
