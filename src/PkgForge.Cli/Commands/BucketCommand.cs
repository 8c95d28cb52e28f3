using System.CommandLine;
using PkgForge.Server.Configuration;
using PkgForge.Server.Publishing;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge bucket</c>: where the buckets' repositories are, and how apt and dnf use them.</summary>
internal static class BucketCommand
{
    public static Command Create()
    {
        var list = new Command("list", "List the buckets' repositories, and what apt or dnf need to use them.");
        list.SetAction(RunAsync);
        return new("bucket", "Look at buckets: sets of package repositories, one per platform.")
        {
            list,
            BucketContents.Create(),
        };
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        await using var session = FarmSession.Open(words);
        var configuration = session.Farm.Configuration;
        var shelf = new BucketShelf(configuration);
        var platforms = await session.Registry.ListPlatformsAsync(cancel);
        var buckets = configuration
            .Buckets.Keys.Order(StringComparer.Ordinal)
            .SelectMany(bucket =>
                platforms.Select(platform => BucketRepository.For(configuration.Repositories, bucket, platform))
            )
            .Select(r => new BucketJson(r.Bucket, r.Platform.ToString(), r.Directory, shelf.UsageOf(r).Text))
            .ToArray();
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(buckets, OutputJson.Default.BucketJsonArray);
        else
            foreach (var bucket in buckets)
                Output.Line($"{bucket.Bucket} on {bucket.Platform}: {bucket.Directory}\n{Indent(bucket.Usage)}");
        return ExitCode.Done;
    }

    private static string Indent(string text) =>
        string.Join('\n', text.TrimEnd().Split('\n').Select(line => $"  {line}"));
}
