using System.CommandLine;
using PkgForge.Server.Handlers;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge registry</c>: checks the registry, and moves it to another database.</summary>
internal static class RegistryCommand
{
    /// <summary>More findings than this help nobody.</summary>
    private const int MostFindings = 1000;

    private static readonly Option<bool> Deep = new("--deep")
    {
        Description = "Read every source, manifest and product, and compare digests",
    };

    public static Command Create() =>
        new("registry", "Look after the registry: the farm's database.") { Check(), RegistryCopyCommand.Create() };

    private static Command Check()
    {
        var command = new Command(
            "check",
            "Look for rows that contradict each other, and compare registry and spool. The farm may run.\n\n"
                + "Examples:\n  pkgforge registry check\n  pkgforge registry check --deep"
        )
        {
            Deep,
            GlobalOptions.TargetDirectory,
        };
        command.SetAction(CheckAsync);
        return command;
    }

    private static async Task<int> CheckAsync(ParseResult words, CancellationToken cancel)
    {
        await using var session = FarmSession.Open(words, Timeout.InfiniteTimeSpan);
        await session.Registry.CheckSchemaAsync(cancel);
        var findings = new List<string>(await session.Registry.CheckAsync(cancel));
        var spool = new SpoolCheck(session.Registry, session.Farm.Spool, words.GetValue(Deep));
        await foreach (var finding in spool.RunAsync(cancel))
        {
            if (findings.Count >= MostFindings)
                break;
            findings.Add(finding);
        }
        if (words.GetValue(GlobalOptions.Json))
            Output.Json([.. findings], OutputJson.Default.StringArray);
        else
            Tell(findings);
        return findings.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Tell(List<string> findings)
    {
        foreach (var finding in findings)
            Output.Line(Output.Printable(finding));
        Output.Line(
            findings.Count switch
            {
                0 => "registry and spool hold no contradiction",
                >= MostFindings => $"{findings.Count} findings; there may be more",
                _ => $"{findings.Count} findings",
            }
        );
    }
}
