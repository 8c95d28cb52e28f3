using System.Text.RegularExpressions;
using PkgForge.Server.Builds;
using PkgForge.Sources;

namespace PkgForge.Server.Configuration;

/// <summary>What the words of a recipe may be: they become arguments and lines of other tools' configurations.</summary>
internal static partial class RecipeRules
{
    public static string? Word(string text) =>
        WordPattern().IsMatch(text) ? null : "letters, digits and . _ - / +, beginning with a letter or digit";

    public static string? Package(string text) =>
        PackagePattern().IsMatch(text) ? null : "the name of a package, or @GROUP, without spaces";

    public static string? Url(string text) =>
        UrlPattern().IsMatch(text) ? null : "a URL that begins with https://, http:// or file:///, without spaces";

    /// <summary>It becomes a line of dnf's and apt's configuration, and a value of the environment.</summary>
    public static string? Proxy(string text) =>
        ProxyPattern().IsMatch(text) ? null : "http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT";

    public static string? File(string text) =>
        FilePattern().IsMatch(text) ? null : "the path of a file: letters, digits and . _ - / +, beginning with /";

    /// <summary>The name of a further repository: for dnf the name of a section, among which one is dnf's own.</summary>
    public static string? RepositoryName(string text) =>
        RepositoryNamePattern().IsMatch(text)
        && !text.Equals("main", StringComparison.OrdinalIgnoreCase)
        && !text.StartsWith("pkgforge-", StringComparison.OrdinalIgnoreCase)
            ? null
            : "letters, digits and . _ -, beginning with a letter or digit; not 'main', which is dnf's own, and not 'pkgforge-...', which buckets are called";

    /// <summary>RPM: a URL. Debian: what follows the word <c>deb</c> in a line of <c>sources.list</c>, without options.</summary>
    public static string? Repository(PackageFormat format, string text) =>
        format != PackageFormat.Debian ? Url(text)
        : text.Split(' ') is [var url, var suite, _, ..] words
        && Url(url) is null
        && words[1..].All(word => Word(word) is null)
            ? null
        : "a URL, a suite and components, e.g. http://deb.debian.org/debian bookworm-backports main";

    /// <summary>The key of a recipe that does not go with its driver, and what is expected of it; null when all do.</summary>
    public static (string Key, string Expected)? Driver(PlatformRecipe recipe) =>
        (recipe.Driver, recipe.Format) switch
        {
            (BuildDriver.Sbuild, not PackageFormat.Debian) => ("driver", "sbuild only where 'format' is debian"),
            (BuildDriver.Mock, not PackageFormat.Rpm) => ("driver", "mock only where 'format' is rpm"),
            (BuildDriver.Mock, _) when recipe.Tarball.Length > 0 => (
                "tarball",
                "none where 'driver' is mock, which makes its roots itself"
            ),
            (not BuildDriver.Mock, _) when recipe.MockConfigurations.Length > 0 => (
                "mock_configurations",
                "it only where 'driver' is mock"
            ),
            _ => null,
        };

    // RFC 3986: what a user's name or password may not have is written with %.
    [GeneratedRegex(
        @"\Ahttps?://([A-Za-z0-9._~%!$&()*+,;=:-]{1,200}@)?([A-Za-z0-9.-]{1,200}|\[[0-9A-Fa-f:.]{2,50}\])(:[0-9]{1,5})?/?\z",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex ProxyPattern();

    [GeneratedRegex(@"\A/[A-Za-z0-9._/+-]{1,199}\z")]
    private static partial Regex FilePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/+-]{0,99}\z")]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex RepositoryNamePattern();

    [GeneratedRegex(@"\A[@A-Za-z0-9/][A-Za-z0-9._+:^~()/-]{0,199}\z")]
    private static partial Regex PackagePattern();

    [GeneratedRegex(@"\A(https?://|file:///)[!-~]{1,1000}\z")]
    private static partial Regex UrlPattern();
}
