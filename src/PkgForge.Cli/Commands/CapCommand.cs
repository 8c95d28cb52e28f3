using System.CommandLine;
using PkgForge.Jobs;
using PkgForge.Registry;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge cap</c>: how many tasks of one submitter, or for one bucket, may be building at once.</summary>
internal static class CapCommand
{
    private const string Everybody = "*";

    private static readonly Argument<string> Kind = new("kind")
    {
        Description = "What the cap is on",
        HelpName = "submitter|bucket",
    };

    private static readonly Argument<string> Name = new("name")
    {
        Description = "The submitter's or the bucket's name; * for every submitter that has no cap of their own",
    };

    private static readonly Argument<int> Tasks = new("tasks")
    {
        Description = "So many tasks at once, on all platforms together; 0 to hold all of them up",
    };

    public static Command Create() =>
        new("cap", "Limit how many tasks of a submitter, or for a bucket, are built at once.")
        {
            List(),
            Set(),
            Remove(),
        };

    private static Command List()
    {
        var command = new Command("list", "List all caps.");
        command.SetAction(
            async (words, cancel) =>
            {
                await using var session = FarmSession.Open(words);
                var caps = (await session.Registry.ListCapsAsync(cancel))
                    .Select(cap => new CapJson(WordOf(cap.Kind), cap.Name, cap.Tasks ?? 0))
                    .ToArray();
                if (words.GetValue(GlobalOptions.Json))
                    Output.Json(caps, OutputJson.Default.CapJsonArray);
                else
                    Output.Table(
                        ["CAP ON", "NAME", "TASKS AT ONCE"],
                        caps.Select(cap => new[] { cap.Kind, cap.Name, $"{cap.Tasks}" }),
                        "no caps; set one: pkgforge cap set submitter NAME TASKS"
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Set()
    {
        var command = new Command(
            "set",
            "Set a cap, or change it. What is being built goes on.\n\nExamples:\n  pkgforge cap set submitter anna 4\n"
                + "  pkgforge cap set submitter '*' 8   # everybody who has no cap of their own\n"
                + "  pkgforge cap set bucket test 2"
        )
        {
            Kind,
            Name,
            Tasks,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var session = FarmSession.Open(words);
                var (kind, name, tasks) = (ReadKind(words), ReadName(words), words.GetValue(Tasks));
                if (tasks < 0)
                    throw new CommandException(ExitCode.Usage, $"a cap is 0 or more tasks, not {tasks}");
                CheckBucket(session, kind, name);
                await session.Registry.SetCapAsync(new(kind, name, tasks), cancel);
                Output.Line($"{Describe(kind, name)}: at most {tasks} {(tasks == 1 ? "task" : "tasks")} at once");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Remove()
    {
        var command = new Command("remove", "Remove a cap.\n\nExample:\n  pkgforge cap remove submitter anna")
        {
            Kind,
            Name,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var session = FarmSession.Open(words);
                var (kind, name) = (ReadKind(words), ReadName(words));
                if (!(await session.Registry.ListCapsAsync(cancel)).Any(cap => cap.Kind == kind && cap.Name == name))
                    throw new CommandException(
                        ExitCode.Failed,
                        $"{Describe(kind, name)} has no cap; see 'pkgforge cap list'"
                    );
                await session.Registry.SetCapAsync(new(kind, name, null), cancel);
                Output.Line($"{Describe(kind, name)}: no cap");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static CapKind ReadKind(ParseResult words) =>
        words.GetValue(Kind) switch
        {
            "submitter" => CapKind.Submitter,
            "bucket" => CapKind.Bucket,
            var other => throw new CommandException(
                ExitCode.Usage,
                $"a cap is on a submitter or a bucket, not on '{other}'"
            ),
        };

    private static string ReadName(ParseResult words)
    {
        var (kind, name) = (ReadKind(words), words.GetValue(Name)!);
        if (kind == CapKind.Submitter && name == Everybody)
            return name;
        var expected = kind == CapKind.Submitter ? JobRules.Submitter(name) : JobRules.Bucket(name);
        return expected is null
            ? name
            : throw new CommandException(
                ExitCode.Usage,
                $"'{name}' is not a {WordOf(kind)}'s name: expected {expected}"
            );
    }

    /// <summary>A cap on a bucket that does not exist would hold nobody up, and nobody would know why.</summary>
    private static void CheckBucket(FarmSession session, CapKind kind, string name)
    {
        var buckets = session.Farm.Configuration.Buckets.Keys;
        if (kind == CapKind.Bucket && !buckets.Contains(name))
            throw new CommandException(
                ExitCode.Failed,
                $"there is no bucket '{name}'; there are: {string.Join(", ", buckets.Order(StringComparer.Ordinal))}"
            );
    }

    private static string Describe(CapKind kind, string name) =>
        kind == CapKind.Submitter && name == Everybody
            ? "everybody who has no cap of their own"
            : $"{WordOf(kind)} {name}";

    private static string WordOf(CapKind kind) => kind == CapKind.Bucket ? "bucket" : "submitter";
}
