using System.Text.RegularExpressions;

namespace PkgForge.Registry.Builders;

/// <summary>The rule for the name of a product, and of a log that is kept beside an attempt's own.</summary>
public static partial class ProductName
{
    /// <summary>What a name may be, for messages.</summary>
    public const string Rule = "1 to 251 of A-Z a-z 0-9 . _ + ~ ^ : % -, beginning with a letter or digit";

    /// <summary>True when it is one: plain, no option to a tool, never hidden.</summary>
    public static bool IsWellFormed(string name) => Pattern().IsMatch(name);

    // What Debian Policy 5.6.1, 5.6.12 and RPM allow in the parts of a file name, and no more.
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._+~^:%-]{0,250}\z")]
    private static partial Regex Pattern();
}
