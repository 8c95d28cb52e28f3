using System.CommandLine;
using PkgForge.Cli.Administration;
using PkgForge.Registry;
using PkgForge.Registry.Administration;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge cap</c>: how many tasks of one submitter, or for one bucket, may be building at once.</summary>
internal static class CapCommand
{
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
        var command = new Command("list", "List all caps.") { GlobalOptions.Target };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var caps = await farm.ListCapsAsync(cancel);
                if (words.GetValue(GlobalOptions.Json))
                    Output.Json([.. caps], OutputJson.Default.CapJsonArray);
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
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var (kind, name, tasks) = (ReadKind(words), words.GetValue(Name)!, words.GetValue(Tasks));
                await farm.SetCapAsync(kind, name, tasks, cancel);
                Output.Line(
                    $"{FarmAdministration.Describe(kind, name)}: at most {tasks} {(tasks == 1 ? "task" : "tasks")} at once"
                );
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
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var (kind, name) = (ReadKind(words), words.GetValue(Name)!);
                await farm.RemoveCapAsync(kind, name, cancel);
                Output.Line($"{FarmAdministration.Describe(kind, name)}: no cap");
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
}
