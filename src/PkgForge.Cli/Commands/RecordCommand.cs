using System.CommandLine;
using PkgForge.Cli.Remote;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge record</c>: what an attempt was made of and with.</summary>
internal static class RecordCommand
{
    public static Command Create()
    {
        var command = new Command(
            "record",
            "Print the record of an attempt: layers with their packages, steps, limits, sources and products with digests.\n\n"
                + "Examples:\n  pkgforge record hello-2.10\n  pkgforge record hello-2.10 bookworm-amd64 --attempt 1"
        )
        {
            JobArguments.Job,
            JobArguments.PlatformOfSeveral,
            RecordedAttempts.Attempt,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        using var server = FarmServer.Of(words);
        if (server is not null)
        {
            await new RemoteJobs(server).RecordAsync(
                words,
                words.GetValue(RecordedAttempts.Attempt),
                stream => PrintAsync(stream, cancel),
                cancel
            );
            return ExitCode.Done;
        }
        var spool = GlobalOptions.Spool(GlobalOptions.Configuration(words));
        await using var record = File.OpenRead(RecordedAttempts.Find(words, spool));
        await PrintAsync(record, cancel);
        return ExitCode.Done;
    }

    private static async Task PrintAsync(Stream record, CancellationToken cancel)
    {
        await using var output = Console.OpenStandardOutput();
        await record.CopyToAsync(output, cancel);
    }
}
