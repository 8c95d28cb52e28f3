namespace PkgForge.Sources;

/// <summary>The name of a source package, without its version, by the name of its main file.</summary>
public static class SourceName
{
    private const string Rpm = ".src.rpm";

    /// <summary><c>hello</c> of <c>hello_2.10-3.dsc</c> (Debian Policy 5.6.16) or of <c>hello-2.10-3.src.rpm</c>.</summary>
    public static string Of(string file) =>
        file.EndsWith(Rpm, StringComparison.Ordinal) && file.Split('-') is { Length: > 2 } parts
            ? string.Join('-', parts[..^2])
            : Path.GetFileNameWithoutExtension(file).Split('_')[0];

    /// <summary><c>2.10-3</c> of <c>hello_2.10-3.dsc</c> or of <c>hello-2.10-3.src.rpm</c>; empty where the name has none.</summary>
    public static string VersionOf(string file) =>
        file.EndsWith(Rpm, StringComparison.Ordinal) && file.Split('-') is { Length: > 2 } parts
            ? string.Join('-', parts[^2..])[..^Rpm.Length]
        : Path.GetFileNameWithoutExtension(file).Split('_', 2) is [_, var version] ? version
        : "";

    /// <summary>What a person calls the sources of a job: the name of the first; with more of them, how many more.</summary>
    public static string Of(IReadOnlyList<string> sources) =>
        sources switch
        {
            [] => "a job without sources",
            [var only] => Of(only),
            [var first, ..] => $"{Of(first)} and {sources.Count - 1} more",
        };
}
