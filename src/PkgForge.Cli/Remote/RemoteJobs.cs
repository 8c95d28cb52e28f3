using System.CommandLine;
using System.Globalization;
using PkgForge.Cli.Commands;
using PkgForge.Jobs;
using PkgForge.Logs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Api;

namespace PkgForge.Cli.Remote;

/// <summary>The commands about jobs, against a server: the same words in, the same words out.</summary>
internal sealed class RemoteJobs(FarmServer server)
{
    /// <summary>As which a stored log is sent as it lies.</summary>
    private const string Zstd = "zstd";

    /// <summary>One job.</summary>
    public async Task<JobJson> FindAsync(JobId job, CancellationToken cancel) =>
        await server.GetAsync($"jobs/{job}", ApiJson.Default.JobJson, cancel);

    /// <summary>A page of jobs.</summary>
    public Task<JobsAnswer> ListAsync(JobQuery query, CancellationToken cancel)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"jobs?limit={query.Limit}");
        if (query.Submitter is { } submitter)
            path += $"&submitter={Uri.EscapeDataString(submitter)}";
        if (query.State is { } state)
            path += $"&state={Words.Of(state).Replace(' ', '-')}";
        if (query.Source is { } source)
            path += $"&source={Uri.EscapeDataString(source)}";
        if (query.Bucket is { } bucket)
            path += $"&bucket={Uri.EscapeDataString(bucket)}";
        if (query.Platform is { } platform)
            path += $"&platform={platform}";
        if (query.From is { } from)
            path += $"&from={Time(from)}";
        if (query.To is { } to)
            path += $"&to={Time(to)}";
        if (query.After is { } after)
            path += $"&after={after}";
        return server.GetAsync(path, ApiJson.Default.JobsAnswer, cancel);
    }

    /// <summary>The job before which the next page begins; null when there is none.</summary>
    public static JobId? NextOf(JobsAnswer page) =>
        page.Next?.Split("after=") is [_, var rest] && JobId.TryParse(rest.Split('&')[0], out var id) ? id : null;

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Cancels or retries.</summary>
    public Task<ChangedJson> ChangeAsync(
        string verb,
        JobId job,
        PlatformKey? platform,
        bool all,
        CancellationToken cancel
    ) =>
        server.PostAsync(
            $"jobs/{job}/{verb}",
            new(platform?.ToString(), all),
            RequestJson.Default.ChangeRequest,
            ApiJson.Default.ChangedJson,
            cancel
        );

    /// <summary>The log of an attempt, or of the newest one, as it comes.</summary>
    /// <param name="words">Which.</param>
    /// <param name="attempt">Its number; null for the newest.</param>
    /// <param name="follow">On until the attempt has ended.</param>
    /// <param name="print">Gets the log.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task LogAsync(
        ParseResult words,
        int? attempt,
        bool follow,
        Func<Stream, Task> print,
        CancellationToken cancel
    )
    {
        var id = JobArguments.ReadJob(words);
        var (_, task) = await TaskAsync(words, cancel);
        var number =
            attempt
            ?? (task.Attempts is [.., var newest] ? newest.Number : (int?)null)
            ?? throw new CommandException(ExitCode.Failed, $"no attempt at {id} on {task.Platform} has begun yet");
        var path = $"{AttemptPath(id, task, number)}/log{(follow ? "?follow=1" : "")}";
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (!follow)
            request.Headers.AcceptEncoding.Add(new(Zstd));
        using var answer = await server.SendAsync(request, null, cancel);
        var sent = await answer.Content.ReadAsStreamAsync(cancel);
        await using var log = answer.Content.Headers.ContentEncoding.Contains(Zstd) ? LogFrames.Unpack(sent) : sent;
        await print(log);
    }

    /// <summary>Prints why an attempt failed, or the newest that did.</summary>
    public async Task CauseAsync(ParseResult words, int? attempt, CancellationToken cancel)
    {
        var (job, task) = await TaskAsync(words, cancel);
        var failed = CauseText.Pick(job.Id, task, attempt);
        var log = $"{AttemptPath(JobArguments.ReadJob(words), task, failed.Number)}/log";
        var lines = CauseText.PlaceOf(failed) is { } place
            ? await RemoteExcerpt.ReadAsync(server, log, place, cancel)
            : [];
        CauseText.Write(
            job.Id,
            task,
            failed,
            $"{server.Address.AbsoluteUri.TrimEnd('/')}/api/v1/{log}",
            lines,
            words.GetValue(GlobalOptions.Json)
        );
    }

    /// <summary>The record of an attempt, or of the newest that has one, as it comes.</summary>
    public async Task RecordAsync(ParseResult words, int? attempt, Func<Stream, Task> print, CancellationToken cancel)
    {
        var (job, task) = await TaskAsync(words, cancel);
        int[] numbers = attempt is { } number ? [number] : [.. task.Attempts.Select(a => a.Number).OrderDescending()];
        foreach (var one in numbers)
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                $"{AttemptPath(JobArguments.ReadJob(words), task, one)}/record"
            );
            using var answer = await server.FindAsync(request, cancel);
            if (answer is null)
                continue;
            await using var record = await answer.Content.ReadAsStreamAsync(cancel);
            await print(record);
            return;
        }
        throw new CommandException(
            ExitCode.Failed,
            attempt is null
                ? $"no attempt at {job.Id} on {task.Platform} has a record: none has ended on a builder that was not killed"
                : $"attempt {attempt} at {job.Id} on {task.Platform} has no record: it has not begun, goes on, or its builder was killed"
        );
    }

    private async Task<(JobJson Job, TaskJson Task)> TaskAsync(ParseResult words, CancellationToken cancel)
    {
        var job = await FindAsync(JobArguments.ReadJob(words), cancel);
        return (job, Pick(words, job));
    }

    private static string AttemptPath(JobId id, TaskJson task, int number) =>
        $"jobs/{id}/tasks/{task.Platform}/attempts/{number}";

    private static TaskJson Pick(ParseResult words, JobJson job)
    {
        var tasks = job.Tasks ?? [];
        var wanted = JobArguments.ReadPlatform(words)?.ToString();
        var there = string.Join(", ", tasks.Select(task => task.Platform));
        if (wanted is null && tasks.Length > 1)
            throw new CommandException(ExitCode.Usage, $"which platform? The job has {there}");
        return Array.Find(
                tasks,
                task => wanted is null || task.Platform.Equals(wanted, StringComparison.OrdinalIgnoreCase)
            )
            ?? throw new CommandException(
                ExitCode.Failed,
                tasks.Length == 0
                    ? "the job was rejected: it has no log"
                    : $"the job has no task on {wanted}; it has {there}"
            );
    }
}
