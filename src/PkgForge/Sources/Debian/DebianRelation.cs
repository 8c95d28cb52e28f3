namespace PkgForge.Sources.Debian;

/// <summary>One alternative of a build dependency (Debian Policy 7.1), as it is written: <c>NAME:QUALIFIER (OPERATOR VERSION) [LIST] &lt;PROFILES&gt;</c>.</summary>
/// <param name="Name">The package.</param>
internal sealed record DebianRelation(string Name)
{
    /// <summary><c>any</c>, <c>native</c> or an architecture; null when there is none.</summary>
    public string? Qualifier { get; init; }

    /// <summary><c>&gt;= 2.0</c>; null when any version will do.</summary>
    public string? Version { get; init; }

    /// <summary>The words in square brackets; null when there are no brackets.</summary>
    public IReadOnlyList<string>? Architectures { get; init; }

    /// <summary>The lists in angle brackets, of which one must hold.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Profiles { get; init; } = [];

    /// <summary>True when it counts in a build on an architecture, without a build profile, as the farm builds.</summary>
    public bool Applies(string architecture) =>
        (Architectures is null || DebianArchitecture.IsMeant(architecture, Architectures))
        && (Profiles.Count == 0 || Profiles.Any(HoldWithoutProfile));

    /// <summary>True when all terms of a list hold and no profile is active: each asks that one is not.</summary>
    internal static bool HoldWithoutProfile(IReadOnlyList<string> terms) => terms.All(term => term.StartsWith('!'));
}
