using System.CommandLine;
using PkgForge.Registry;
using PkgForge.Registry.Copying;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge registry copy</c>: moves an embedded registry to PostgreSQL.</summary>
internal static class RegistryCopyCommand
{
    private static readonly Argument<string> From = new("from")
    {
        Description = "sqlite:PATH, the registry that there is",
    };

    private static readonly Argument<string> To = new("to")
    {
        Description = "postgres:KEYWORDS, a database in which initserver has made the tables",
    };

    public static Command Create()
    {
        var command = new Command(
            "copy",
            "Copy an SQLite registry into an empty PostgreSQL registry, whole, and compare the two. Stop all daemons first.\n\n"
                + "Example:\n  pkgforge registry copy sqlite:/var/lib/pkgforge/registry.db 'postgres:Host=db;Database=pkgforge'"
        )
        {
            From,
            To,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        CopyOutcome outcome;
        try
        {
            outcome = await RegistryCopy.RunAsync(
                new() { Connection = words.GetValue(From)! },
                new() { Connection = words.GetValue(To)! },
                cancel
            );
        }
        catch (ArgumentException e)
        {
            throw new CommandException(ExitCode.Usage, e.Message);
        }
        if (outcome.Refusal is { } refusal)
            throw new CommandException(ExitCode.Failed, refusal);
        Tell(outcome, words.GetValue(GlobalOptions.Json));
        return outcome.Findings.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Tell(CopyOutcome outcome, bool json)
    {
        if (json)
        {
            var rows = outcome.Tables.ToDictionary(table => table.Table, table => table.Rows);
            Output.Json(new CopiedJson(rows, [.. outcome.Findings]), OutputJson.Default.CopiedJson);
            return;
        }
        foreach (var table in outcome.Tables)
            Output.Line($"{table.Table}: {table.Rows} rows");
        foreach (var finding in outcome.Findings)
            Output.Line(Output.Printable(finding));
        Output.Line(
            outcome.Findings.Count == 0
                ? "copied and compared; now name the new registry in the configuration, by 'registry:'"
                : $"copied and compared; {outcome.Findings.Count} findings, which the source has too: see 'pkgforge registry check'"
        );
    }
}
