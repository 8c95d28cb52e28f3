using System.Text.RegularExpressions;

namespace PkgForge.Platforms;

/// <summary>A platform's name and architecture, e.g. <c>bookworm amd64</c>. Compared without case.</summary>
/// <param name="Name">Letters, digits, <c>.</c>, <c>_</c> and <c>-</c>; at most 50.</param>
/// <param name="Architecture">The platform's own word: <c>amd64</c>, <c>x86_64</c>. No <c>-</c>, so that
/// <c>NAME-ARCHITECTURE</c> can be taken apart again.</param>
public readonly partial record struct PlatformKey(string Name, string Architecture)
{
    /// <summary>What a platform may be called, for messages.</summary>
    public const string Rule =
        "NAME-ARCHITECTURE, e.g. bookworm-amd64: at most 50 letters, digits, . _ - for the name, and letters, digits, _ for the architecture, "
        + "both beginning with a letter or digit; 'all' and 'auto' are no names";

    /// <summary>Takes <c>NAME-ARCHITECTURE</c> apart.</summary>
    /// <returns>False when either part is not well formed.</returns>
    public static bool TryParse(string text, out PlatformKey key)
    {
        var dash = text.LastIndexOf('-');
        key = dash > 0 ? new(text[..dash], text[(dash + 1)..]) : default;
        return dash > 0 && key.IsWellFormed;
    }

    /// <summary>True when name and architecture are well formed, and so safe as part of a file name.</summary>
    public bool IsWellFormed =>
        Name is not null
        && NamePattern().IsMatch(Name)
        && !PlatformWords.IsOfTheLanguage(Name)
        && ArchitecturePattern().IsMatch(Architecture);

    public bool Equals(PlatformKey other) =>
        StringComparer.OrdinalIgnoreCase.Equals(Name, other.Name)
        && StringComparer.OrdinalIgnoreCase.Equals(Architecture, other.Architecture);

    public override int GetHashCode() =>
        HashCode.Combine(
            StringComparer.OrdinalIgnoreCase.GetHashCode(Name ?? ""),
            StringComparer.OrdinalIgnoreCase.GetHashCode(Architecture ?? "")
        );

    /// <summary><c>NAME-ARCHITECTURE</c>, as in the results tree.</summary>
    public override string ToString() => $"{Name}-{Architecture}";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,49}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_]{0,49}\z")]
    private static partial Regex ArchitecturePattern();
}
