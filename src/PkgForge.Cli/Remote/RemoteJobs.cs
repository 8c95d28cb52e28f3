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

    /// <summary>Cancels or retries. Returns the platforms of the tasks that it changed.</summary>
    public async Task<IReadOnlyList<PlatformKey>> ChangeAsync(
        string verb,
        JobId job,
        PlatformKey? platform,
        bool all,
        CancellationToken cancel
    )
    {
        var answer = await server.PostAsync(
            $"jobs/{job}/{verb}",
            new(platform?.ToString(), all),
            RequestJson.Default.ChangeRequest,
            ApiJson.Default.ChangedJson,
            cancel
        );
        return [.. answer.Platforms.Select(text => PlatformKey.TryParse(text, out var key) ? key : default)];
    }

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
        var job = await FindAsync(id, cancel);
        var task = Pick(words, job);
        var number =
            attempt
            ?? (task.Attempts is [.., var newest] ? newest.Number : (int?)null)
            ?? throw new CommandException(ExitCode.Failed, $"no attempt at {id} on {task.Platform} has begun yet");
        var path = $"jobs/{id}/tasks/{task.Platform}/attempts/{number}/log{(follow ? "?follow=1" : "")}";
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (!follow)
            request.Headers.AcceptEncoding.Add(new(Zstd));
        using var answer = await server.SendAsync(request, null, cancel);
        var sent = await answer.Content.ReadAsStreamAsync(cancel);
        await using var log = answer.Content.Headers.ContentEncoding.Contains(Zstd) ? LogFrames.Unpack(sent) : sent;
        await print(log);
    }

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
