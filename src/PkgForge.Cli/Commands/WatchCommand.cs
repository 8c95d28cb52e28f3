using System.CommandLine;
using PkgForge.Cli.Live;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Web.Live;
using Spectre.Console;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge watch</c>: what becomes of a job until it has ended, or of the farm.</summary>
internal static class WatchCommand
{
    /// <summary>A sign of life that nobody is shown.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private static readonly Argument<string?> Job = new("job")
    {
        Description = "A job's id; without it all jobs that are being built or wait, until Ctrl-C",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Submitter = new("--submitter")
    {
        Description = "Without a job: this person's jobs only",
        HelpName = "NAME",
    };

    public static Command Create()
    {
        var command = new Command(
            "watch",
            "Show a job as it is built, until it has ended; exit code 0 when it succeeded, 1 when not. Or all jobs that are being built or wait.\n\n"
                + "Examples:\n  pkgforge watch hello-2.10\n  pkgforge watch hello-2.10 && pkgforge download hello-2.10\n"
                + "  pkgforge watch --json hello-2.10 | jq -r .state\n  pkgforge watch"
        )
        {
            Job,
            Submitter,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>Watches a job of the farm that the words name, to its end.</summary>
    /// <returns>The exit code: whether it has succeeded.</returns>
    public static async Task<int> JobAsync(ParseResult words, JobId job, WatchForm form, CancellationToken cancel)
    {
        try
        {
            using var server = FarmServer.Of(words);
            if (server is not null)
                return await Watching.JobAsync(new RemoteEvents(server, Tell).FollowAsync(job, cancel), form, cancel);
            await using var session = FarmSession.Open(words);
            await using var feeds = FeedsOf(session);
            return await Watching.JobAsync(feeds.FollowAsync(job, null, Silence, cancel), form, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            Tell($"left; job {job} goes on");
            return ExitCode.Failed;
        }
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        var json = words.GetValue(GlobalOptions.Json);
        var submitter = words.GetValue(Submitter);
        if (words.GetValue(Job) is { } text)
            return submitter is null
                ? await JobAsync(words, JobArguments.Parse(text), json ? WatchForm.Json : WatchForm.People, cancel)
                : throw new CommandException(
                    ExitCode.Usage,
                    "a job and --submitter exclude each other; give one of them"
                );
        try
        {
            await AllAsync(words, submitter, json, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // That is how one leaves.
        }
        return ExitCode.Done;
    }

    private static async Task AllAsync(ParseResult words, string? submitter, bool json, CancellationToken cancel)
    {
        using var server = FarmServer.Of(words);
        if (server is not null)
        {
            await Watching.FarmAsync(new RemoteEvents(server, Tell).FollowAllAsync(submitter, cancel), json, cancel);
            return;
        }
        await using var session = FarmSession.Open(words);
        await using var feeds = FeedsOf(session);
        await Watching.FarmAsync(feeds.FollowAllAsync(submitter, null, Silence, cancel), json, cancel);
    }

    private static Feeds FeedsOf(FarmSession session) =>
        new(
            session.Registry,
            session.Farm.Spool,
            (job, platform) => $"{session.Farm.Spool.Results.PathOf(job)}/{platform}",
            session.Farm.Time
        );

    private static void Tell(string text)
    {
        // What is drawn again in its place makes room for what is written in this way only.
        if (LiveView.IsPossible)
            AnsiConsole.Console.WriteLine($"pkgforge: {text}");
        else
            Console.Error.WriteLine($"pkgforge: {text}");
    }
}
