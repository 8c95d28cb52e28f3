using PkgForge.Sources;

namespace PkgForge.Platforms;

/// <summary>
/// Chooses the platforms of a job. Nothing means <c>auto</c>: all active platforms of the default set; <c>all</c>
/// means all active ones; a list means those; <c>!x</c> excludes, and exclusions alone start from <c>auto</c>.
/// Architectures filter the result by the same language, where nothing, <c>auto</c> and <c>all</c> let everything
/// through. Case does not count.
/// </summary>
public sealed class PlatformSelection
{
    private readonly IReadOnlyList<Platform> registered;
    private readonly IReadOnlySet<PackageFormat> formats;

    /// <param name="registered">All platforms that the registry knows, inactive ones too.</param>
    /// <param name="formats">The families of the job's sources: only platforms that build one of them count.</param>
    public PlatformSelection(IReadOnlyList<Platform> registered, IReadOnlySet<PackageFormat> formats)
    {
        this.registered = registered;
        this.formats = formats;
    }

    /// <summary>Applies the words that the user gave; each may hold several, with commas between them.</summary>
    public SelectionResult Select(IReadOnlyList<string> platforms, IReadOnlyList<string> architectures)
    {
        var (names, nameError) = PlatformWords.Parse("platforms", platforms);
        var (archs, archError) = PlatformWords.Parse("architectures", architectures);
        if (names is null || archs is null)
            return new([], [], nameError ?? archError);

        var byName = registered.Where(platform => IsBuildable(platform) && Matches(names, platform)).ToList();
        var selected = byName.Where(platform => Passes(archs, platform)).ToList();
        var warnings = NameWarnings(names)
            .Concat(ArchitectureWarnings(archs, byName))
            .Concat(selected.Count == 0 ? [] : FormatWarnings(selected))
            .ToList();
        return selected.Count == 0
            ? new([], [], NothingMatched(names, archs, warnings))
            : new([.. Sorted(selected.Select(platform => platform.Key))], warnings, null);
    }

    private bool IsBuildable(Platform platform) => platform.Active && formats.Contains(platform.Format);

    private static bool Matches(PlatformWords words, Platform platform) =>
        !words.Excludes(platform.Key.Name)
        && (words.All || words.Auto && platform.Auto || words.Names.Any(name => Is(platform, name)));

    private static bool Passes(PlatformWords words, Platform platform) =>
        !words.Excludes(platform.Key.Architecture)
        && (words.All || words.Auto || words.Names.Any(name => PlatformWords.Same(name, platform.Key.Architecture)));

    private static bool Is(Platform platform, string name) => PlatformWords.Same(name, platform.Key.Name);

    private IEnumerable<string> NameWarnings(PlatformWords words)
    {
        foreach (var name in words.Names.Concat(words.Excluded))
            if (!registered.Any(platform => Is(platform, name)))
                yield return $"there is no platform '{name}'";
        foreach (var name in words.Names.Where(name => registered.Any(platform => Is(platform, name))))
            if (!registered.Any(platform => Is(platform, name) && platform.Active))
                yield return $"platform '{name}' is not active";
            else if (!registered.Any(platform => Is(platform, name) && IsBuildable(platform)))
                yield return $"platform '{name}' does not build {Formats(formats)} sources";
    }

    private IEnumerable<string> ArchitectureWarnings(PlatformWords words, List<Platform> byName)
    {
        foreach (var name in words.Names.Concat(words.Excluded))
            if (!registered.Any(platform => PlatformWords.Same(name, platform.Key.Architecture)))
                yield return $"there is no platform with architecture '{name}'";
            else if (words.Names.Contains(name) && !byName.Any(p => PlatformWords.Same(name, p.Key.Architecture)))
                yield return $"none of the platforms asked for has architecture '{name}'";
    }

    private IEnumerable<string> FormatWarnings(List<Platform> selected) =>
        formats
            .Where(format => !selected.Any(platform => platform.Format == format))
            .Order()
            .Select(format => $"no selected platform builds the {format} sources of this job");

    private string NothingMatched(PlatformWords names, PlatformWords archs, List<string> reasons)
    {
        var active = registered.Where(platform => platform.Active).ToList();
        var there = active.Count == 0 ? "none" : string.Join(", ", Describe(active));
        var because = reasons.Count == 0 ? "" : $" ({string.Join("; ", reasons.Take(10))})";
        return $"no platform matches platforms '{names.Text}' and architectures '{archs.Text}' "
            + $"for {Formats(formats)} sources{because}; active platforms are: {there}";
    }

    /// <summary>At most 50, so that a message stays a message on a farm with many platforms.</summary>
    private static IEnumerable<string> Describe(List<Platform> platforms)
    {
        var byKey = platforms.ToDictionary(platform => platform.Key);
        var shown = Sorted(byKey.Keys).Take(50).Select(key => Describe(byKey[key]));
        return byKey.Count > 50 ? shown.Append($"and {byKey.Count - 50} more") : shown;
    }

    private static string Describe(Platform platform) =>
        $"{platform.Key.Name} {platform.Key.Architecture} ({platform.Format}{(platform.Auto ? ", auto" : "")})";

    private static string Formats(IReadOnlySet<PackageFormat> formats) =>
        formats.Count == 0 ? "no" : string.Join(" and ", formats.Order());

    private static IEnumerable<PlatformKey> Sorted(IEnumerable<PlatformKey> keys) =>
        keys.OrderBy(key => key.Name, StringComparer.OrdinalIgnoreCase)
            .ThenBy(key => key.Architecture, StringComparer.OrdinalIgnoreCase);
}
