using System.CommandLine;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Spool;

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
                + "  pkgforge status\n  pkgforge status --state failed --submitter anna\n  pkgforge status hello-2.10\n  pkgforge status --json hello-2.10 | jq .state"
        )
        {
            Job,
            Limit,
            Submitter,
            State,
            OlderThan,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        await using var session = FarmSession.Open(words);
        var json = words.GetValue(GlobalOptions.Json);
        if (words.GetValue(Job) is { } id)
            return await ShowAsync(session, JobArguments.Parse(id), json, cancel);
        var query = await QueryAsync(session, words, cancel);
        var jobs = await StatusList.ReadAsync(session.Registry, query, cancel);
        if (json)
            Output.Json([.. jobs.Select(Describe)], OutputJson.Default.JobJsonArray);
        else
            StatusList.Write(jobs, query);
        return ExitCode.Done;
    }

    private static async Task<JobQuery> QueryAsync(FarmSession session, ParseResult words, CancellationToken cancel)
    {
        var older = words.GetValue(OlderThan) is { } text ? JobArguments.Parse(text) : (JobId?)null;
        if (older is { } job && await session.Registry.FindManifestAsync(job, cancel) is null)
            throw new CommandException(ExitCode.Failed, $"--older-than: there is no job '{job}'");
        return new(
            words.GetValue(Submitter),
            words.GetValue(State) is { } state ? JobArguments.ParseState(state) : null,
            Math.Clamp(words.GetValue(Limit), 1, 1000),
            older
        );
    }

    private static async Task<int> ShowAsync(FarmSession session, JobId id, bool json, CancellationToken cancel)
    {
        var detail = await session.Registry.FindJobAsync(id, cancel);
        if (detail is null)
            return ShowUnregistered(session, id, json);
        var waiting = await session.Registry.ExplainAsync(id, cancel);
        var why = waiting.ToDictionary(task => task.Platform.ToString(), StringComparer.Ordinal);
        var tasks = detail.Tasks.Select(task => Describe(session, id, task, why)).ToArray();
        if (json)
            Output.Json(
                Describe(new(detail.Job, waiting)) with
                {
                    Tasks = tasks,
                    Order = OrderOf(session, id),
                },
                OutputJson.Default.JobJson
            );
        else
            StatusText.Write(detail, tasks, why, session.Farm.Time.GetUtcNow());
        return ExitCode.Done;
    }

    /// <summary>The manifest alone says it; null where it cannot be read, as that of a job that was rejected.</summary>
    private static string? OrderOf(FarmSession session, JobId id)
    {
        try
        {
            return session.Farm.Spool.Accepted.Read(id).Job?.Order.Name();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int ShowUnregistered(FarmSession session, JobId id, bool json)
    {
        if (session.Farm.Spool.Incoming.Find(id.ToString()) is not { } entry)
            throw new CommandException(
                ExitCode.Failed,
                $"there is no job '{id}', neither registered nor in {session.Farm.Spool.Incoming.Path}"
            );
        if (json)
            Output.Json(
                new(
                    id.ToString(),
                    "incoming",
                    "",
                    "",
                    false,
                    entry.Changed,
                    default,
                    null,
                    [],
                    null,
                    Priority.Normal.Name(),
                    null,
                    null
                ),
                OutputJson.Default.JobJson
            );
        else
            Output.Line(
                $"job {id}: incoming\n  submitted; it waits for 'pkgforge incoming' to take it from {entry.Path}"
            );
        return ExitCode.Done;
    }

    private static JobJson Describe(ListedJob listed)
    {
        var job = listed.Job;
        return new(
            job.Id.ToString(),
            Words.Of(job.State),
            job.Submitter,
            job.Bucket,
            job.Scratch,
            job.Submitted,
            job.Registered,
            job.Ended,
            [.. job.Sources],
            job.Reason,
            job.Priority.Name(),
            WaitingText.Foremost(listed.Waiting) is { } task ? WaitingText.Word(task.Reason) : null,
            null
        );
    }

    private static TaskJson Describe(
        FarmSession session,
        JobId id,
        BuildTask task,
        Dictionary<string, Waiting> waiting
    ) =>
        new(
            task.Platform.ToString(),
            Words.Of(task.State),
            task.CancelRequested,
            $"{session.Farm.Spool.Results.PathOf(id)}/{task.Platform}",
            waiting.TryGetValue(task.Platform.ToString(), out var why) ? WaitingJson.Of(why) : null,
            [
                .. task.Attempts.Select(a => new AttemptJson(
                    a.Number,
                    a.Builder,
                    Words.Of(a.Outcome),
                    a.Started,
                    a.Ended,
                    a.Cause?.Name(),
                    a.Evidence,
                    a.Message
                )
                {
                    EvidenceOffset = a.Place?.Offset,
                    EvidenceLine = a.Place?.Line,
                }),
            ]
        );
}
