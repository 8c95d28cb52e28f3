using System.CommandLine;
using PkgForge.Cli.Remote;
using PkgForge.Platforms;
using PkgForge.Registry.Buckets;
using PkgForge.Registry.Views;
using PkgForge.Server.Publishing;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge bucket show</c>: what a bucket holds, and where it comes from.</summary>
internal static class BucketContents
{
    /// <summary>The registry is asked for so many files at once.</summary>
    private const int AskedAtOnce = 1000;

    private static readonly Argument<string> Name = new("name") { Description = "The bucket" };

    private static readonly Argument<string?> OnlyPlatform = new("platform")
    {
        Description = "For this platform only, e.g. bookworm-amd64",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create()
    {
        var command = new Command(
            "show",
            "List the packages of a bucket, and the jobs that they came from.\n\nExamples:\n  pkgforge bucket show main\n"
                + "  pkgforge bucket show main bookworm-amd64"
        )
        {
            Name,
            OnlyPlatform,
            GlobalOptions.Target,
        };
        command.SetAction(ShowAsync);
        return command;
    }

    private static async Task<int> ShowAsync(ParseResult words, CancellationToken cancel)
    {
        var (bucket, platform) = (words.GetValue(Name)!, words.GetValue(OnlyPlatform));
        using var server = FarmServer.Of(words);
        var contents = await (
            server is null
                ? ReadAsync(words, bucket, platform, cancel)
                : new RemoteBuckets(server).ReadAsync(bucket, platform, cancel)
        );
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(contents, OutputJson.Default.ShelvedJsonArray);
        else
            Output.Table(
                ["PLATFORM", "PACKAGE", "SOURCE", "VERSION", "JOB"],
                contents.SelectMany(of => of.Files.Select(file => Row(of.Platform, file))),
                $"{bucket} holds nothing yet"
            );
        return ExitCode.Done;
    }

    private static async Task<ShelvedJson[]> ReadAsync(
        ParseResult words,
        string bucket,
        string? only,
        CancellationToken cancel
    )
    {
        await using var session = FarmSession.Open(words);
        var shelf = new BucketShelf(session.Farm.Configuration);
        if (shelf.Buckets.All(known => known.Name != bucket))
            throw new CommandException(
                ExitCode.Failed,
                $"there is no bucket '{bucket}'; there are: {string.Join(", ", shelf.Buckets.Select(known => known.Name))}"
            );
        var contents = new List<ShelvedJson>();
        foreach (var platform in Chosen(await session.Registry.ListPlatformsAsync(cancel), only))
            contents.Add(await ReadAsync(session, shelf, bucket, platform, cancel));
        return [.. contents];
    }

    private static IReadOnlyList<Platform> Chosen(IReadOnlyList<Platform> platforms, string? name)
    {
        if (name is null)
            return platforms;
        return PlatformKey.TryParse(name, out var key) && platforms.FirstOrDefault(known => known.Key == key) is { } one
            ? [one]
            : throw new CommandException(
                ExitCode.Failed,
                $"there is no platform '{name}'; there are: {string.Join(", ", platforms.Select(known => known.Key))}"
            );
    }

    private static async Task<ShelvedJson> ReadAsync(
        FarmSession session,
        BucketShelf shelf,
        string bucket,
        Platform platform,
        CancellationToken cancel
    )
    {
        var current = shelf.Look(bucket, platform).Snapshots is [var newest, ..] ? newest.Number : 0;
        var files = new List<BucketFileJson>();
        foreach (var part in (shelf.Read(bucket, platform, current) ?? []).Chunk(AskedAtOnce))
        {
            var origins = (
                await session.Registry.FindPublishedAsync(
                    bucket,
                    platform.Key,
                    [.. part.Select(file => file.Name)],
                    cancel
                )
            ).ToDictionary(origin => (origin.FileName, origin.Sha256));
            files.AddRange(
                part.Select(file => BucketFileJson.Of(file, origins.GetValueOrDefault((file.Name, file.Sha256))))
            );
        }
        return new(bucket, platform.Key.ToString(), [.. files]);
    }

    private static string[] Row(string platform, BucketFileJson file) =>
        [platform, file.Name, file.Source ?? "", file.Version ?? "", file.Job ?? ""];
}

/// <summary>What a bucket holds for a platform.</summary>
internal sealed record ShelvedJson(string Bucket, string Platform, BucketFileJson[] Files);
