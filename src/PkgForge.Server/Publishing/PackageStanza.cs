namespace PkgForge.Server.Publishing;

/// <summary>One paragraph of a <c>Packages</c> index.</summary>
/// <param name="Text">Its lines, without the empty one at the end.</param>
/// <param name="FileName">Its field <c>Filename</c>; empty if it has none.</param>
internal sealed record PackageStanza(string Text, string FileName)
{
    /// <summary>True for a package of the installer.</summary>
    public bool IsForInstaller => FileName.EndsWith(".udeb", StringComparison.Ordinal);

    public static IEnumerable<PackageStanza> ReadAll(string index) =>
        index
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(text => text.Trim('\n'))
            .Where(text => text.Length > 0)
            .Select(text => new PackageStanza(text, Field(text, "Filename") ?? ""));

    /// <summary>True when it says what is known of the file, and has what apt cannot do without.</summary>
    public bool Describes(Member member) =>
        Field(Text, "SHA256") == member.Product.Sha256
        && Field(Text, "Package") is { Length: > 0 }
        && Field(Text, "Version") is { Length: > 0 }
        && Field(Text, "Architecture") is { Length: > 0 };

    /// <summary>The value of a field that stands once, at the beginning of a line; lines that go on begin with a space.</summary>
    private static string? Field(string text, string name)
    {
        var values = text.Split('\n')
            .Where(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))
            .Take(2)
            .ToList();
        return values is [var line] ? line[(name.Length + 1)..].Trim() : null;
    }
}
