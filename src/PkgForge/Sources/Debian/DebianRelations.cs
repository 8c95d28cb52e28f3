namespace PkgForge.Sources.Debian;

/// <summary>What a Debian source package makes and needs, out of the fields of its <c>.dsc</c>.</summary>
internal static class DebianRelations
{
    /// <param name="source">Checked, and found valid.</param>
    /// <param name="architecture">Of the platform that builds it.</param>
    /// <param name="complain">Takes what is wrong with a field that is therefore left out.</param>
    public static SourceRelations Of(DebianSource source, string architecture, Action<string> complain) =>
        new(
            Makes(source, architecture),
            [.. Fields(source).SelectMany(field => Needs(field.Key, field.Value, architecture, complain))]
        );

    // A build makes packages of all kinds, so all three fields count. What conflicts puts nothing in order.
    private static IEnumerable<KeyValuePair<string, string>> Fields(DebianSource source) =>
        source
            .BuildRelations.Where(field => field.Key.StartsWith("Build-Depends", StringComparison.OrdinalIgnoreCase))
            .OrderBy(field => field.Key, StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<IReadOnlyList<string>> Needs(
        string field,
        string text,
        string architecture,
        Action<string> complain
    )
    {
        if (!DebianRelationReader.TryRead(text, out var groups, out var error))
        {
            complain($"{field} {error}");
            return [];
        }
        return groups
            .Select(group =>
                group.Where(relation => relation.Applies(architecture)).Select(relation => relation.Name).ToList()
            )
            .Where(names => names.Count > 0);
    }

    private static HashSet<string> Makes(DebianSource source, string architecture) =>
        source.PackageList is { } list
            ? [.. list.Split('\n').Select(line => Made(line, architecture)).OfType<string>()]
            : [.. (source.Binary ?? "").Split([',', ' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The package of a line <c>NAME TYPE SECTION PRIORITY KEY=VALUE...</c> (dsc(5)); null when it is not built.</summary>
    private static string? Made(string line, string architecture)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4)
            return null;
        string? Value(string key) =>
            Array.Find(words, word => word.StartsWith(key, StringComparison.Ordinal))?[key.Length..];
        var isMeant =
            Value("arch=") is not { } architectures
            || architectures.Split(',') is var list
                && (list.Contains("all") || DebianArchitecture.IsMeant(architecture, list));
        // The lists of a formula are separated by '+', the terms of a list by ','.
        var isBuilt =
            Value("profile=") is not { } profiles
            || profiles.Split('+').Any(terms => DebianRelation.HoldWithoutProfile(terms.Split(',')));
        return isMeant && isBuilt ? words[0] : null;
    }
}
