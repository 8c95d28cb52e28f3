using System.Text.Json;
using PkgForge.Registry;
using PkgForge.Web.Live;
using Spectre.Console;

namespace PkgForge.Cli.Live;

/// <summary>How what is watched is shown.</summary>
internal enum WatchForm
{
    /// <summary>Drawn again in its place, or a line for each change.</summary>
    People,

    /// <summary>An object a line for each change.</summary>
    Json,

    /// <summary>Only how it has ended.</summary>
    Nothing,
}

/// <summary>Shows what becomes of a job, or of the farm.</summary>
internal static class Watching
{
    private static readonly string Successful = Words.Of(JobState.Successful);

    /// <summary>Watches a job to its end.</summary>
    /// <returns>The exit code: whether it has succeeded.</returns>
    public static async Task<int> JobAsync(IAsyncEnumerable<FarmEvent> events, WatchForm form, CancellationToken cancel)
    {
        var watched = new WatchedJob();
        if (form == WatchForm.People && LiveView.IsPossible)
            await LiveView.RunAsync(
                events,
                news => watched.Apply(news),
                () => JobTable.Of(watched, TimeProvider.System.GetUtcNow()),
                cancel
            );
        else
            await foreach (var news in events.WithCancellation(cancel))
            {
                var lines = watched.Apply(news);
                if (form == WatchForm.Json && news.Name == FarmEvent.Job)
                    Output.Line(news.Data);
                else if (form == WatchForm.People)
                    Write(lines);
            }
        if (watched.Job is not { } job)
            throw new CommandException(ExitCode.Failed, "there is no such job, neither registered nor in incoming");
        if (form == WatchForm.Nothing)
            Output.Line($"job {job.Id}: {job.State}");
        return job.State == Successful ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>Watches the farm until it is enough.</summary>
    public static async Task FarmAsync(IAsyncEnumerable<FarmEvent> events, bool json, CancellationToken cancel)
    {
        var farm = new WatchedFarm();
        if (!json && LiveView.IsPossible)
        {
            await LiveView.RunAsync(
                events,
                news => farm.Apply(news),
                () => FarmTable.Of(farm, TimeProvider.System.GetUtcNow(), AnsiConsole.Profile.Height),
                cancel
            );
            return;
        }
        await foreach (var news in events.WithCancellation(cancel))
        foreach (var job in farm.Apply(news))
            if (json)
                Output.Line(JsonSerializer.Serialize(job, EventJson.Default.JobJson));
            else
                Write([WatchedFarm.Line(job)]);
    }

    private static void Write(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            Output.Line($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {Output.Printable(line)}");
        Console.Out.Flush();
    }
}
