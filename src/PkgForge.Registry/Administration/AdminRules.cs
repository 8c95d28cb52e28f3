using System.Text.RegularExpressions;
using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Administration;

/// <summary>What administrators' words may be. Each method returns null when the rule is kept, else what was expected.</summary>
public static partial class AdminRules
{
    /// <summary>The name that stands for every submitter that has no cap of their own.</summary>
    public const string Everybody = "*";

    private const int LongestLabel = 100;

    /// <summary>Nothing that a person is given is valid for longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>Name of a builder: it becomes the name of a directory.</summary>
    public static string? Builder(string text) =>
        BuilderPattern().IsMatch(text) ? null : "letters, digits, . _ -, beginning with a letter or digit, at most 50";

    /// <summary>Name of a platform, in two words.</summary>
    public static string? Platform(PlatformKey key) => key.IsWellFormed ? null : PlatformKey.Rule;

    /// <summary>What a token is called.</summary>
    public static string? Label(string text) =>
        text.Length is > 0 and <= LongestLabel && JobRules.Word(text) is null && text.Trim().Length == text.Length
            ? null
            : "1 to 100 characters, none of them a control character, and no spaces around them";

    /// <summary>How long a token or a code may be used.</summary>
    public static string? Valid(TimeSpan time) =>
        time > TimeSpan.Zero && time <= Longest ? null : "a time of more than nothing and at most ten years";

    /// <summary>Name of what a cap is on.</summary>
    public static string? Capped(CapKind kind, string name) =>
        kind == CapKind.Bucket ? JobRules.Bucket(name)
        : name == Everybody ? null
        : JobRules.Submitter(name);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,49}\z")]
    private static partial Regex BuilderPattern();
}
