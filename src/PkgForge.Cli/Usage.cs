using System.CommandLine;
using System.CommandLine.Parsing;
using PkgForge.Cli.Commands;

namespace PkgForge.Cli;

/// <summary>Says what is wrong with the words of a command: a line or two, not a page.</summary>
internal static class Usage
{
    /// <summary>The exit code when the words are wrong; null when the command can run.</summary>
    public static int? Check(ParseResult result)
    {
        var wrong = Complaints(result).ToList();
        if (wrong.Count == 0)
            return null;
        foreach (var message in wrong)
            Console.Error.WriteLine($"pkgforge: {message}");
        Console.Error.WriteLine($"See '{NameOf(result.CommandResult.Command)} --help'.");
        return ExitCode.Usage;
    }

    private static IEnumerable<string> Complaints(ParseResult result)
    {
        // Whatever else is missing follows from a word that is not understood.
        if (result.UnmatchedTokens is [var unknown, ..])
            return [$"there is no command or option '{unknown}'"];
        // Who asks for help does not give what the command needs.
        if (result.Action is HelpPages)
            return [];
        if (result.Errors.Count > 0)
            return result.Errors.Select(error => error.Message);
        return MistypedOption(result) is { } option
            ? [$"there is no option '{option}'; a file of that name is ./{option}"]
            : [];
    }

    /// <summary>A word that looks like an option, and would be taken for a file. What comes after -- is meant so.</summary>
    private static string? MistypedOption(ParseResult result) =>
        result.Tokens.Any(token => token.Type == TokenType.DoubleDash)
            ? null
            : result
                .CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(argument => argument.Tokens)
                .FirstOrDefault(token => token.Value is ['-', _, ..])
                ?.Value;

    private static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent
            ? $"{NameOf(parent)} {command.Name}"
            : "pkgforge";
}
