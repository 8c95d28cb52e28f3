using System.CommandLine;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Live;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge status</c>: one job with its tasks, or the newest jobs (<see cref="StatusList"/>).</summary>
internal static class StatusCommand
{
    private static readonly Argument<string?> Job = new("job")
    {
        Description = "A job's id; without it the newest jobs are listed",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "List at most so many jobs",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<string?> Submitter = new("--submitter")
    {
        Description = "List this person's jobs only",
        HelpName = "NAME",
    };

    private static readonly Option<string?> State = new("--state")
    {
        Description = "List jobs in this state only, e.g. building or 'partially failed'",
        HelpName = "STATE",
    };

    private static readonly Option<string?> Source = new("--source")
    {
        Description = "List jobs with a source package of this name only; 'lib*' for all names that begin so",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Bucket = new("--bucket", "-B")
    {
        Description = "List jobs for this bucket only",
        HelpName = "NAME",
    };

    private static readonly Option<string?> OnPlatform = new("--platform")
    {
        Description = "List jobs with a task on this platform only, e.g. bookworm-amd64",
        HelpName = "PLATFORM",
    };

    private static readonly Option<string?> From = new("--from")
    {
        Description = $"List jobs only that the farm took from then on: {TimeBound.Rule}",
        HelpName = "TIME",
    };

    private static readonly Option<string?> To = new("--to")
    {
        Description = "List jobs only that it took until then; a day counts to its end",
        HelpName = "TIME",
    };

    private static readonly Option<string?> OlderThan = new("--older-than")
    {
        Description = "List jobs that were registered before this one: the last of the page before",
        HelpName = "JOB",
    };

    public static Command Create()
    {
        var command = new Command(
            "status",
            "Show the newest jobs; or one job with its tasks: why they wait, and why they failed.\n\nExamples:\n"
                + "  pkgforge status\n  pkgforge status --state failed --submitter anna\n  pkgforge status --bucket main --platform bookworm-amd64 --from 2026-11-22\n  pkgforge status hello-2.10\n  pkgforge status --json hello-2.10 | jq .state"
        )
        {
            Job,
            Limit,
            Submitter,
            State,
            Source,
            Bucket,
            OnPlatform,
            From,
            To,
            OlderThan,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        using var server = FarmServer.Of(words);
        if (server is not null)
            return await AskAsync(new(server), words, cancel);
        await using var session = FarmSession.Open(words);
        var json = words.GetValue(GlobalOptions.Json);
        if (words.GetValue(Job) is { } id)
            return await ShowAsync(session, JobArguments.Parse(id), json, cancel);
        var query = await QueryAsync(session, words, cancel);
        var (jobs, next) = await JobLists.ReadAsync(session.Registry, query, cancel);
        if (json)
            Output.Json(jobs, OutputJson.Default.JobJsonArray);
        else
            StatusList.Write(jobs, query, next);
        return ExitCode.Done;
    }

    private static async Task<int> AskAsync(RemoteJobs jobs, ParseResult words, CancellationToken cancel)
    {
        var json = words.GetValue(GlobalOptions.Json);
        if (words.GetValue(Job) is { } id)
        {
            Show(await jobs.FindAsync(JobArguments.Parse(id), cancel), json, "it waits for the farm to take it");
            return ExitCode.Done;
        }
        var query = Query(words);
        var page = await jobs.ListAsync(query, cancel);
        if (json)
            Output.Json(page.Jobs, OutputJson.Default.JobJsonArray);
        else
            StatusList.Write(page.Jobs, query, RemoteJobs.NextOf(page));
        return ExitCode.Done;
    }

    private static async Task<JobQuery> QueryAsync(FarmSession session, ParseResult words, CancellationToken cancel)
    {
        var query = Query(words);
        if (query.After is { } job && await session.Registry.FindManifestAsync(job, cancel) is null)
            throw new CommandException(ExitCode.Failed, $"--older-than: there is no job '{job}'");
        return query;
    }

    private static JobQuery Query(ParseResult words) =>
        new(
            words.GetValue(Submitter),
            words.GetValue(State) is { } state ? JobArguments.ParseState(state) : null,
            Math.Clamp(words.GetValue(Limit), 1, 1000),
            words.GetValue(OlderThan) is { } text ? JobArguments.Parse(text) : null
        )
        {
            Source = words.GetValue(Source),
            Bucket = words.GetValue(Bucket),
            Platform = words.GetValue(OnPlatform) is { } platform ? JobArguments.ParsePlatform(platform) : null,
            From = Time(words, From, end: false),
            To = Time(words, To, end: true),
        };

    private static DateTimeOffset? Time(ParseResult words, Option<string?> option, bool end) =>
        words.GetValue(option) is not { } text
            ? null
            : TimeBound.Parse(text, end, TimeZoneInfo.Local)
                ?? throw new CommandException(ExitCode.Usage, $"{option.Name} is '{text}': expected {TimeBound.Rule}");

    private static async Task<int> ShowAsync(FarmSession session, JobId id, bool json, CancellationToken cancel)
    {
        var spool = session.Farm.Spool;
        var jobs = new JobReader(session.Registry, spool, (job, platform) => $"{spool.Results.PathOf(job)}/{platform}");
        var shown =
            await jobs.FindAsync(id, cancel)
            ?? throw new CommandException(
                ExitCode.Failed,
                $"there is no job '{id}', neither registered nor in {spool.Incoming.Path}"
            );
        Show(shown, json, $"it waits for 'pkgforge incoming' to take it from {spool.Incoming.Path}/{id}");
        return ExitCode.Done;
    }

    private static void Show(JobJson job, bool json, string ifIncoming)
    {
        if (json)
            Output.Json(job, OutputJson.Default.JobJson);
        else if (job.State == Words.Of(JobState.Incoming))
            Output.Line($"job {job.Id}: incoming\n  submitted; {ifIncoming}");
        else
            StatusText.Write(job, TimeProvider.System.GetUtcNow());
    }
}
