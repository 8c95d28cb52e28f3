using System.CommandLine;
using PkgForge.Cli.Administration;
using PkgForge.Registry;
using PkgForge.Server.Configuration;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge account</c>: who may use the farm over HTTP.</summary>
internal static class AccountCommand
{
    private static readonly TimeSpan UsualTime = TimeSpan.FromDays(90);

    private static readonly Argument<string> Name = new("name")
    {
        Description = "The account's name; jobs of the submitter of this name are its own",
    };

    private static readonly Argument<string> Bucket = new("bucket") { Description = "A bucket" };

    private static readonly Option<string> Role = new("--role")
    {
        Description =
            "viewer: may look; submitter: may also submit, and cancel and retry its own jobs; admin: everything",
        HelpName = "viewer|submitter|admin",
        DefaultValueFactory = _ => "submitter",
    };

    private static readonly Option<string> Label = new("--label")
    {
        Description = "What the token is called; another one of this label ends",
        DefaultValueFactory = _ => "default",
    };

    private static readonly Option<string?> Valid = new("--valid")
    {
        Description = "How long it is valid, e.g. 12h or 30d; 90d if not given",
        HelpName = "TIME",
    };

    private static readonly Option<bool> LooksOnly = new("--read-only") { Description = "The token may look only" };

    private static readonly Option<string?> OneLabel = new("--label")
    {
        Description = "End the token of this label only",
    };

    private static readonly Option<bool> Not = new("--not") { Description = "It maintains the bucket no longer" };

    public static Command Create() =>
        new("account", "Say who may use the farm's web site and API.")
        {
            List(),
            Changing(
                "add",
                "Add an account.\n\nExample:\n  pkgforge account add anna --role submitter",
                [Name, Role],
                async (farm, words, cancel) =>
                {
                    var (name, role) = (ReadName(words), ReadRole(words));
                    await farm.AddAccountAsync(name, role, cancel);
                    return $"added {name}, {Words.Of(role)}; a token for it: pkgforge account token {name}";
                }
            ),
            Changing(
                "role",
                "Give an account another role.\n\nExample:\n  pkgforge account role anna --role admin",
                [Name, Role],
                async (farm, words, cancel) =>
                {
                    await farm.SetRoleAsync(ReadName(words), ReadRole(words), cancel);
                    return $"{ReadName(words)}: {Words.Of(ReadRole(words))}";
                }
            ),
            Changing(
                "maintain",
                "Let an account cancel, retry and move all jobs of a bucket, and promote into it.\n\nExample:\n  pkgforge account maintain anna main",
                [Name, Bucket, Not],
                MaintainAsync
            ),
            Changing(
                "token",
                "Make a token, and print it: it is shown this once. It logs its owner in, and scripts send it as 'Authorization: Bearer TOKEN'.\n\n"
                    + "Examples:\n  pkgforge account token anna\n  pkgforge account token anna --label ci --read-only --valid 365d",
                [Name, Label, Valid, LooksOnly],
                (farm, words, cancel) =>
                    farm.MakeTokenAsync(
                        ReadName(words),
                        words.GetValue(Label)!,
                        ReadTime(words),
                        words.GetValue(LooksOnly),
                        cancel
                    )
            ),
            Changing(
                "revoke",
                "End an account's tokens and sessions, or one token.\n\nExample:\n  pkgforge account revoke anna --label ci",
                [Name, OneLabel],
                async (farm, words, cancel) =>
                {
                    var ended = await farm.EndTokensAsync(ReadName(words), words.GetValue(OneLabel), cancel);
                    return ended == 0 ? $"{ReadName(words)}: had none" : $"{ReadName(words)}: {ended} revoked";
                }
            ),
            Forget(),
            Changing(
                "remove",
                "Remove an account with its tokens. Its jobs stay.\n\nExample:\n  pkgforge account remove anna",
                [Name],
                async (farm, words, cancel) =>
                {
                    await farm.RemoveAccountAsync(ReadName(words), cancel);
                    return $"removed {ReadName(words)}";
                }
            ),
        };

    /// <summary>On the farm's own machine only: it lets somebody else be an account.</summary>
    private static Command Forget()
    {
        var command = new Command(
            "forget",
            "Forget whom the provider of identities means by an account: the next who logs in there by its name is it. On the farm's own machine only.\n\nExample:\n  pkgforge account forget anna"
        )
        {
            Name,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                var name = ReadName(words);
                await using var session = FarmSession.Open(words);
                if (!await session.Registry.ForgetIdentitiesAsync(name, cancel))
                    throw new CommandException(
                        ExitCode.Failed,
                        $"there is no account '{name}'; see 'pkgforge account list'"
                    );
                Output.Line($"{name} is the next who comes by this name");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List all accounts and their tokens.") { GlobalOptions.Target };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var accounts = await farm.ListAccountsAsync(cancel);
                if (words.GetValue(GlobalOptions.Json))
                    Output.Json([.. accounts], OutputJson.Default.AccountJsonArray);
                else
                    Output.Table(
                        ["ACCOUNT", "ROLE", "MAINTAINS", "TOKENS"],
                        accounts.Select(account =>
                            new[]
                            {
                                account.Name,
                                account.Role,
                                string.Join(' ', account.Maintains),
                                string.Join(", ", account.Tokens.Select(t => $"{t.Label} until {Words.Of(t.Expires)}")),
                            }
                        ),
                        "no accounts; add one: pkgforge account add NAME --role submitter"
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Changing(
        string name,
        string description,
        IReadOnlyList<Symbol> symbols,
        Func<IAdministration, ParseResult, CancellationToken, Task<string>> change
    )
    {
        var command = new Command(name, description);
        foreach (var argument in symbols.OfType<Argument>())
            command.Add(argument);
        foreach (var option in symbols.OfType<Option>())
            command.Add(option);
        command.Add(GlobalOptions.Target);
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                Output.Line(await change(farm, words, cancel));
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task<string> MaintainAsync(IAdministration farm, ParseResult words, CancellationToken cancel)
    {
        var (name, bucket, maintains) = (ReadName(words), words.GetValue(Bucket)!, !words.GetValue(Not));
        await farm.SetMaintainerAsync(name, bucket, maintains, cancel);
        return maintains ? $"{name} maintains {bucket}" : $"{name} does not maintain {bucket}";
    }

    private static TimeSpan ReadTime(ParseResult words) =>
        words.GetValue(Valid) is not { } text ? UsualTime
        : Quantities.Time(text) is { } time ? time
        : throw new CommandException(ExitCode.Usage, $"--valid {text}: expected a time, e.g. 12h or 30d");

    private static string ReadName(ParseResult words)
    {
        var name = words.GetValue(Name)!;
        return Jobs.JobRules.Submitter(name) is { } expected
            ? throw new CommandException(ExitCode.Usage, $"'{name}' is not an account's name: expected {expected}")
            : name;
    }

    private static AccountRole ReadRole(ParseResult words)
    {
        var word = words.GetValue(Role)!;
        foreach (var role in Enum.GetValues<AccountRole>())
            if (Words.Of(role) == word)
                return role;
        throw new CommandException(ExitCode.Usage, $"--role {word}: expected viewer, submitter or admin");
    }
}
