using System.CommandLine;
using PkgForge.Cli.Downloads;
using PkgForge.Cli.Remote;
using PkgForge.Platforms;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge download</c>: gets what a job has made.</summary>
internal static class DownloadCommand
{
    private static readonly Argument<string[]> Platforms = new("platform")
    {
        Description = "NAME-ARCHITECTURE, e.g. bookworm-amd64, one or several; without them all of the job's",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> To = new("--to")
    {
        Description = "The directory; without it one of the job's name in this one",
        HelpName = "DIRECTORY",
    };

    private static readonly Option<bool> Log = new("--log")
    {
        Description = "Also the log of each task's newest attempt, as PLATFORM.log",
    };

    private static readonly Option<bool> Record = new("--record")
    {
        Description = "Also its record, as PLATFORM.record.yml",
    };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Replace other files of the same names",
    };

    public static Command Create()
    {
        var command = new Command(
            "download",
            "Get the products of a job, each into the directory of its platform. What is there already with the right digest is left; what broke off is gone on with.\n\n"
                + "Examples:\n  pkgforge download hello-2.10\n  pkgforge download hello-2.10 bookworm-amd64 --to /tmp/hello --log\n"
                + "  pkgforge watch hello-2.10 && pkgforge download hello-2.10"
        )
        {
            JobArguments.Job,
            Platforms,
            To,
            Log,
            Record,
            Force,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        var job = JobArguments.ReadJob(words);
        IReadOnlyList<PlatformKey> platforms =
        [
            .. (words.GetValue(Platforms) ?? []).Select(JobArguments.ParsePlatform),
        ];
        await using var results = Open(words);
        var more = (words.GetValue(Log), words.GetValue(Record));
        var wanted = await Wanted.FindAsync(results, job, platforms, more, cancel);
        var directory = Path.GetFullPath(words.GetValue(To) ?? job.ToString());
        var got = await GetAsync(new(results, job, directory), wanted.Files, words.GetValue(Force), cancel);
        if (words.GetValue(GlobalOptions.Json))
            Output.Json([.. got], OutputJson.Default.DownloadedJsonArray);
        else
            foreach (var file in got)
                Output.Line($"{file.Path}{(file.New ? "" : " (was there)")}");
        foreach (var line in wanted.Missing)
            await Console.Error.WriteLineAsync($"pkgforge: {line}");
        return wanted.Missing.Count == 0 && got.Count == wanted.Files.Count ? ExitCode.Done : ExitCode.Failed;
    }

    private static IResults Open(ParseResult words) =>
        FarmServer.Of(words) is { } server ? new RemoteResults(server) : new LocalResults(FarmSession.Open(words));

    private static async Task<IReadOnlyList<DownloadedJson>> GetAsync(
        Download download,
        IReadOnlyList<ResultFile> files,
        bool force,
        CancellationToken cancel
    )
    {
        // Before anything comes: what is refused, is refused at once.
        var there = files.ToDictionary(file => file, download.IsThere);
        if (!force && files.FirstOrDefault(file => there[file] is false) is { } other)
            throw new CommandException(ExitCode.Failed, Download.Refusal(download.PathOf(other)));
        var got = new List<DownloadedJson>();
        await TransferBars.RunAsync(async bars =>
        {
            foreach (var file in files)
            {
                var isThere = there[file] is true;
                var bar = isThere ? null : TransferBars.Add(bars, file.Path, file.Size ?? 0);
                if ((isThere ? file.Sha256 : await download.GetAsync(file, force, bar, cancel)) is { } sha256)
                    got.Add(new(file.Platform, file.Name, download.PathOf(file), sha256, !isThere));
                else
                    await Console.Error.WriteLineAsync($"pkgforge: the farm has no {file.Path} (any more)");
                bar?.Value = bar.MaxValue;
            }
        });
        return got;
    }
}
