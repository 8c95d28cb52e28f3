using System.Text.RegularExpressions;

namespace PkgForge.Cli.Commands;

/// <summary>The rule for a builder's name, which becomes the name of a directory.</summary>
internal static partial class BuilderName
{
    /// <summary>The name, if it is one.</summary>
    /// <exception cref="CommandException">It is not.</exception>
    public static string Check(string name) =>
        IsWellFormed(name)
            ? name
            : throw new CommandException(
                ExitCode.Usage,
                $"'{name}' is not a builder's name: letters, digits, . _ -, beginning with a letter or digit, at most 50"
            );

    /// <summary>True when it is one.</summary>
    public static bool IsWellFormed(string name) => Pattern().IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,49}\z")]
    private static partial Regex Pattern();
}
