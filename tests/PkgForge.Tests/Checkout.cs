namespace PkgForge.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Checkout
{
    /// <summary>Its directory: the one above the tests' own that holds the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(PathOf(file));

    private static string Find(string directory) =>
        File.Exists(Path.Combine(directory, "PkgForge.slnx"))
            ? directory
            : Find(
                Path.GetDirectoryName(directory)
                    ?? throw new InvalidOperationException(
                        $"no directory above {AppContext.BaseDirectory} holds PkgForge.slnx; run the tests where they were built"
                    )
            );
}
