namespace PkgForge.Server.Reporting;

/// <summary>What a person calls the sources of a job.</summary>
internal static class SourceName
{
    /// <summary><c>hello</c> of <c>hello_2.10-3.dsc</c> or <c>hello-2.10-3.src.rpm</c>; with more sources, how many more.</summary>
    public static string Of(IReadOnlyList<string> sources) =>
        sources switch
        {
            [] => "a job without sources",
            [var only] => Of(only),
            [var first, ..] => $"{Of(first)} and {sources.Count - 1} more",
        };

    private static string Of(string file) =>
        file.Split('_') is { Length: > 1 } debian ? debian[0]
        : file.Split('-') is { Length: > 2 } rpm ? string.Join('-', rpm[..^2])
        : Path.GetFileNameWithoutExtension(file);
}
