using System.CommandLine;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry.Views;
using PkgForge.Server.Publishing;
using PkgForge.Web.Api;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge promote</c>: what a job has made, published in another bucket.</summary>
internal static class PromoteCommand
{
    private static readonly Argument<string> Bucket = new("bucket") { Description = "The bucket to publish in" };

    public static Command Create()
    {
        var command = new Command(
            "promote",
            "Publish what a job has made in another bucket, without building it again. For the farm's user, or over HTTP for maintainers of the bucket.\n\n"
                + "Examples:\n  pkgforge promote hello-2.10 main\n  pkgforge promote hello-2.10 main bookworm-amd64"
        )
        {
            JobArguments.Job,
            Bucket,
            JobArguments.Platform,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        var (job, bucket) = (JobArguments.ReadJob(words), words.GetValue(Bucket)!);
        var platform = JobArguments.ReadPlatform(words);
        using var server = FarmServer.Of(words);
        var promoted = server is null
            ? await PromoteAsync(words, job, bucket, platform, cancel)
            : await server.PostAsync(
                $"jobs/{job}/promote",
                new(bucket, platform?.ToString()),
                RequestJson.Default.PromoteRequest,
                ApiJson.Default.PromotedJson,
                cancel
            );
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(promoted, OutputJson.Default.PromotedJson);
        else
            foreach (var one in promoted.Platforms)
                Output.Line(
                    Output.Printable(
                        one.Refusal is { } why
                            ? $"{one.Platform}: not published: {why}"
                            : $"{one.Platform}: published in bucket {promoted.Bucket}, snapshot {one.Snapshot}"
                    )
                );
        return Array.TrueForAll(promoted.Platforms, one => one.Refusal is null) ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<PromotedJson> PromoteAsync(
        ParseResult words,
        JobId job,
        string bucket,
        PlatformKey? platform,
        CancellationToken cancel
    )
    {
        DaemonRun.BecomeUser(GlobalOptions.Configuration(words));
        await using var session = FarmSession.Open(words);
        var buckets = session.Farm.Configuration.Buckets.Keys;
        if (!buckets.Contains(bucket))
            throw new CommandException(
                ExitCode.Failed,
                $"there is no bucket '{bucket}'; there are: {string.Join(", ", buckets.Order(StringComparer.Ordinal))}"
            );
        var detail =
            await session.Registry.FindJobAsync(job, cancel)
            ?? throw new CommandException(ExitCode.Failed, $"no job '{job}' is registered");
        var outcomes = await new Promotion(session.Farm).PromoteAsync(detail, platform, bucket, cancel);
        return outcomes.Count > 0
            ? PromotedJson.Of(job, bucket, outcomes)
            : throw new CommandException(
                ExitCode.Failed,
                $"{job}: there is no task that has succeeded, and so nothing to publish"
            );
    }
}
