using System.CommandLine;
using PkgForge.Native;
using PkgForge.Registry;
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

    private static readonly Option<string?> Admin = new("--admin")
    {
        Description = "Whose the first account is, an admin's; if not given, that of the user who runs this",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Really delete what --zap names" };

    public static Command Create()
    {
        var command = new Command(
            "initserver",
            "Make the farm's directories and registry, and verify their owners and modes. Safe to repeat.\n\n"
                + "Examples:\n  pkgforge initserver\n  pkgforge initserver --admin anna\n  pkgforge initserver --zap          # says what it would delete\n  pkgforge initserver --zap --yes"
        )
        {
            Admin,
            Roles,
            Zap,
            Yes,
            GlobalOptions.TargetDirectory,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        // A migration, or the deletion of all jobs, takes as long as the tables are large.
        await using var session = FarmSession.Open(words, Timeout.InfiniteTimeSpan);
        var changed = 0;
        var admin = AdminName(words);
        Action<string> say = line =>
        {
            changed++;
            Output.Line(line);
        };
        var handler = new Initialise(session.Farm, say);
        var sound = !words.GetValue(Roles) || await MakeRolesAsync(session, cancel);
        sound &= await handler.RunAsync(cancel);
        await MakeAdminAsync(session.Registry, admin, words.GetValue(Admin) is not null, say, cancel);
        if (changed == 0)
            Output.Line("everything is as it must be");
        if (words.GetValue(Zap))
            await ZapAsync(handler, words.GetValue(Yes), cancel);
        return sound ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>The user who runs this, also by way of sudo, unless another one is named.</summary>
    private static string AdminName(ParseResult words)
    {
        if (words.GetValue(Admin) is { } given)
            return Jobs.JobRules.Submitter(given) is { } expected
                ? throw new CommandException(ExitCode.Usage, $"--admin {given}: expected {expected}")
                : given;
        var sudo = Accounts.EffectiveUser == 0 ? Environment.GetEnvironmentVariable("SUDO_USER") : null;
        return sudo is { Length: > 0 } ? sudo : Accounts.FindUser(Accounts.EffectiveUser)?.Name ?? "";
    }

    /// <summary>A farm that nobody can look at over HTTP gets an admin. Where there are accounts, who is what is their admins' business.</summary>
    private static async Task MakeAdminAsync(
        IRegistry registry,
        string name,
        bool named,
        Action<string> say,
        CancellationToken cancel
    )
    {
        var accounts = await registry.ListAccountsAsync(cancel);
        if (accounts.Count > 0)
        {
            if (named && accounts.All(account => account.Name != name || account.Role != AccountRole.Admin))
                say(
                    $"{name} is no admin, but there are accounts already: pkgforge account add {name} --role admin, or pkgforge account role {name} --role admin"
                );
        }
        else if (Jobs.JobRules.Submitter(name) is not null)
        {
            say(
                $"no account was made, because '{name}' cannot be the name of one: pkgforge account add NAME --role admin"
            );
        }
        else if (await registry.AddAccountAsync(name, AccountRole.Admin, cancel))
        {
            say(
                $"account {name}: made, an admin of the web site; log in there with a token: pkgforge account token {name}"
            );
        }
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
