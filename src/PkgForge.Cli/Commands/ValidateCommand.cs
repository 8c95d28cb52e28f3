using System.CommandLine;
using PkgForge.Sources;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge validate</c>: checks source packages with the farm's own rules, without a farm.</summary>
internal static class ValidateCommand
{
    private static readonly Argument<string[]> Files = new("file")
    {
        Description = "Source packages: .src.rpm, .dsc",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create()
    {
        var command = new Command(
            "validate",
            "Check source packages with the rules of the farm; nothing is unpacked or run. Exit code 0 if all are valid, else 1.\n\n"
                + "Examples:\n  pkgforge validate hello_2.10-3.dsc\n  pkgforge validate --json *.src.rpm"
        )
        {
            Files,
        };
        command.SetAction((words, cancel) => Task.FromResult(Run(words, cancel)));
        return command;
    }

    private static int Run(ParseResult words, CancellationToken cancel)
    {
        var results = words.GetValue(Files)!.Select(path => Validate(path, cancel)).ToList();
        if (words.GetValue(GlobalOptions.Json))
            Output.Json([.. results], OutputJson.Default.ValidatedJsonArray);
        else
            foreach (var result in results)
                Output.Line(
                    result.Valid
                        ? $"{result.Path}: valid: {result.Name} {result.Version}"
                        : $"{result.Path}: {result.Message} [{result.Rule}]"
                );
        return results.TrueForAll(result => result.Valid) ? ExitCode.Done : ExitCode.Failed;
    }

    private static ValidatedJson Validate(string path, CancellationToken cancel)
    {
        var (package, result) = SourcePackages.Check(path, cancel);
        // Where another file than the named one breaks the rule, the message says which.
        var file = result.File is null || result.File == Path.GetFileName(path) ? "" : $"{result.File} ";
        return new(
            path,
            result.IsValid,
            package?.Format.ToString().ToLowerInvariant(),
            package?.Name,
            package?.Version,
            result.Rule,
            result.Message is null ? null : file + result.Message
        );
    }
}
