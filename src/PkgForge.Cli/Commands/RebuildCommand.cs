using System.CommandLine;
using PkgForge.Native;
using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Reproducing;
using PkgForge.Server.Configuration;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge rebuild</c>: builds an attempt again in the same root, and compares the products.</summary>
internal static class RebuildCommand
{
    private static readonly Option<string?> Place = new("--output", "-o")
    {
        Description = "Where the products go, a directory that is empty or not there; without it a new one in /tmp",
        HelpName = "DIRECTORY",
    };

    public static Command Create()
    {
        var command = new Command(
            "rebuild",
            "Build an attempt again in the same root, on this machine, and compare the products byte for byte. Nothing is published or changed.\n\n"
                + "Exit codes: 0 all is the same, 1 something is different, or a layer is gone.\n\n"
                + "Examples:\n  pkgforge rebuild hello-2.10\n"
                + "  pkgforge rebuild hello-2.10 bookworm-amd64 --attempt 1 --output /tmp/again"
        )
        {
            JobArguments.Job,
            JobArguments.PlatformOfSeveral,
            RecordedAttempts.Attempt,
            Place,
            GlobalOptions.TargetDirectory,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        var configuration = GlobalOptions.Configuration(words);
        var spool = GlobalOptions.Spool(configuration);
        FarmUser.Require(configuration);
        var record = RecordedAttempts.Read(words, spool);
        var named = words.GetValue(Place) is { } given ? Provide(given, configuration) : null;
        FarmUser.Become(configuration);
        var directory = named ?? Directory.CreateTempSubdirectory("pkgforge-rebuild-").FullName;
        try
        {
            return await RunAsync(words, record, directory, cancel);
        }
        catch when (named is null)
        {
            // Nobody has been told of it.
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    private static async Task<int> RunAsync(
        ParseResult words,
        AttemptRecord record,
        string directory,
        CancellationToken cancel
    )
    {
        var configuration = GlobalOptions.Configuration(words);
        var spool = GlobalOptions.Spool(configuration);
        var builds = Builds(record);
        await using var attempt = await Reconstruction.OpenAsync(configuration, spool, record, cancel);
        await using var error = Console.OpenStandardError();
        using var log = new BuildLog($"{directory}/log", record.Limits.Log, TimeProvider.System, shown: error);
        log.Say($"{record.Job} on {record.Platform}, attempt {record.Attempt}, again");
        var rebuilt = await BuildAsync(attempt, builds, directory, log, cancel);
        var same = rebuilt.TrueForAll(source => source.IsSame);
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(
                new(
                    record.Job.ToString(),
                    record.Platform.ToString(),
                    record.Attempt,
                    same,
                    directory,
                    [.. rebuilt.Select(RebuiltSourceJson.Of)]
                ),
                OutputJson.Default.RebuiltJson
            );
        else
            Tell(rebuilt, directory);
        return same ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<List<RebuiltSource>> BuildAsync(
        Reconstruction attempt,
        List<RecordedBuild> builds,
        string directory,
        BuildLog log,
        CancellationToken cancel
    )
    {
        var rebuild = new Rebuild(attempt);
        var rebuilt = new List<RebuiltSource>();
        foreach (var build in builds)
            rebuilt.Add(await rebuild.RunAsync(build, directory, log, cancel));
        return rebuilt;
    }

    private static List<RecordedBuild> Builds(AttemptRecord record)
    {
        var builds = record.Builds.Where(build => build.Steps.Count > 0).ToList();
        if (builds.Count == 0)
            throw new CommandException(
                ExitCode.Failed,
                $"nothing was built in a root in attempt {record.Attempt} at {record.Job} on {record.Platform}: there is nothing to build again"
            );
        return builds;
    }

    private static void Tell(List<RebuiltSource> rebuilt, string directory)
    {
        foreach (var source in rebuilt)
        {
            if (source.Result != source.Recorded)
                Output.Line($"{source.Source}: {source.Result}; the record says {source.Recorded}");
            else if (source.Result != RecordedBuild.Built)
                Output.Line($"{source.Source}: {source.Result} again: {Output.Printable(source.Message ?? "")}");
            foreach (var product in source.Products)
                Output.Line($"{Words.Of(product.Likeness), -10} {product.Name}");
        }
        Output.Line($"products and log: {directory}");
    }

    /// <summary>Made before root becomes the farm's user, and given to that.</summary>
    private static string Provide(string given, FarmConfiguration configuration)
    {
        var path = Path.GetFullPath(given);
        if (Directory.Exists(path))
            return Directory.EnumerateFileSystemEntries(path).Any()
                ? throw new CommandException(
                    ExitCode.Usage,
                    $"--output {given}: the directory is not empty; expected one that is, or a new one"
                )
                : path;
        // What somebody has put there meanwhile is not made the farm's.
        FileSystem.MakeDirectory(path, (UnixFileMode)0b111_101_101);
        if (Accounts.EffectiveUser == 0 && Accounts.FindUser(configuration.User) is { } user)
            FileSystem.ChangeLinkOwner(path, user.Uid, user.Gid);
        return path;
    }
}
