using System.Text.RegularExpressions;

namespace PkgForge.Buckets;

/// <summary>The rule for names of buckets: they are parts of paths and of repository addresses.</summary>
public static partial class BucketName
{
    /// <summary>What a name may be, for messages.</summary>
    public static string Rule => "1 to 50 of the characters a-z 0-9 _ . -, beginning with a letter or digit";

    /// <summary>True when the text is a well-formed name. It says nothing about whether there is such a bucket.</summary>
    public static bool IsWellFormed(string? text) => text is not null && Pattern().IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_.-]{0,49}\z")]
    private static partial Regex Pattern();
}
