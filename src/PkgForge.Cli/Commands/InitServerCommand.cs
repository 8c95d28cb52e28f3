using System.CommandLine;
using PkgForge.Server.Handlers;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge initserver</c>: makes a farm's directories and registry.</summary>
internal static class InitServerCommand
{
    private static readonly Option<bool> Zap = new("--zap")
    {
        Description = "Delete all jobs, after saying what would be deleted",
    };

    private static readonly Option<bool> Roles = new("--roles")
    {
        Description = "Make the farm's roles in the PostgreSQL server, too, or print what to run for that",
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Really delete what --zap names" };

    public static Command Create()
    {
        var command = new Command(
            "initserver",
            "Make the farm's directories and registry, and verify their owners and modes. Safe to repeat.\n\n"
                + "Examples:\n  pkgforge initserver\n  pkgforge initserver --zap          # says what it would delete\n  pkgforge initserver --zap --yes"
        )
        {
            Roles,
            Zap,
            Yes,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        // A migration, or the deletion of all jobs, takes as long as the tables are large.
        await using var session = FarmSession.Open(words, Timeout.InfiniteTimeSpan);
        var changed = 0;
        var handler = new Initialise(
            session.Farm,
            line =>
            {
                changed++;
                Output.Line(line);
            }
        );
        var sound = !words.GetValue(Roles) || await MakeRolesAsync(session, cancel);
        sound &= await handler.RunAsync(cancel);
        if (changed == 0)
            Output.Line("everything is as it must be");
        if (words.GetValue(Zap))
            await ZapAsync(handler, words.GetValue(Yes), cancel);
        return sound ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>Before the tables: they give the roles that there are their rights.</summary>
    private static async Task<bool> MakeRolesAsync(FarmSession session, CancellationToken cancel)
    {
        var roles =
            await session.Registry.MakeRolesAsync(cancel)
            ?? throw new CommandException(ExitCode.Usage, "the registry is an SQLite file, which knows no roles");
        foreach (var role in roles.Made)
            Output.Line($"role {role}: made");
        if (roles.ToRun.Count > 0)
            Output.Line(
                $"this database user may not make roles; let one run this who may, then run initserver again:\n  {string.Join("\n  ", roles.ToRun)}"
            );
        return roles.ToRun.Count == 0;
    }

    private static async Task ZapAsync(Initialise handler, bool yes, CancellationToken cancel)
    {
        var doomed = await handler.DescribeZapAsync(cancel);
        Output.Line(doomed.Count == 0 ? "nothing to delete" : $"to be deleted:\n  {string.Join("\n  ", doomed)}");
        if (doomed.Count == 0)
            return;
        if (!yes)
        {
            Output.Line("nothing was deleted; to delete it, say: pkgforge initserver --zap --yes");
            return;
        }
        await handler.ZapAsync(cancel);
        Output.Line("deleted");
    }
}
