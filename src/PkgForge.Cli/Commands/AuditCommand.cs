using System.CommandLine;
using PkgForge.Cli.Administration;
using PkgForge.Registry;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge audit</c>: what was done over HTTP, and by whom.</summary>
internal static class AuditCommand
{
    private const int MostEntries = 1000;

    private static readonly Option<string?> Account = new("--account")
    {
        Description = "List what this account did only",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Action = new("--action")
    {
        Description = "List this only, e.g. cancel or 'drain builder'",
        HelpName = "ACTION",
    };

    private static readonly Option<string?> Subject = new("--subject")
    {
        Description = "List what was done to what begins with this only: a job, a builder, an account",
        HelpName = "TEXT",
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "List at most so many entries",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<long?> Before = new("--before")
    {
        Description = "List what was done before this entry: the last of the page before",
        HelpName = "NUMBER",
    };

    public static Command Create()
    {
        var command = new Command(
            "audit",
            "List what people have done over HTTP, newest first.\n\nExamples:\n  pkgforge audit\n  pkgforge audit --account anna --action cancel\n"
                + "  pkgforge audit --subject hello-2.10"
        )
        {
            Account,
            Action,
            Subject,
            Limit,
            Before,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        await using var farm = Administrations.Open(words);
        var query = new AuditQuery(
            words.GetValue(Before),
            Math.Clamp(words.GetValue(Limit), 1, MostEntries),
            words.GetValue(Account),
            words.GetValue(Action),
            words.GetValue(Subject)
        );
        var (entries, next) = await farm.FindAuditAsync(query, cancel);
        if (words.GetValue(GlobalOptions.Json))
            Output.Json([.. entries], OutputJson.Default.AuditJsonArray);
        else
            Output.Table(
                ["WHEN", "WHO", "WHAT", "OF WHAT"],
                entries.Select(entry => new[] { Words.Of(entry.At), entry.Account, entry.Action, entry.Subject }),
                "nothing was done over HTTP"
            );
        // Beside what scripts read.
        if (next is not null)
            await Console.Error.WriteLineAsync($"earlier: the same with --before {next}");
        return ExitCode.Done;
    }
}
