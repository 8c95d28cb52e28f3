using PkgForge.Registry.Administration;

namespace PkgForge.Cli.Commands;

/// <summary>The rule for a builder's name, which becomes the name of a directory.</summary>
internal static class BuilderName
{
    /// <summary>The name, if it is one.</summary>
    /// <exception cref="CommandException">It is not.</exception>
    public static string Check(string name) =>
        AdminRules.Builder(name) is { } expected
            ? throw new CommandException(ExitCode.Usage, $"'{name}' is not a builder's name: expected {expected}")
            : name;
}
