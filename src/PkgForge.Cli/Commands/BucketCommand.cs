using System.CommandLine;
using PkgForge.Cli.Remote;
using PkgForge.Server.Publishing;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge bucket</c>: where the buckets' repositories are, and how apt and dnf use them.</summary>
internal static class BucketCommand
{
    public static Command Create()
    {
        var list = new Command("list", "List the buckets' repositories, and what apt or dnf need to use them.")
        {
            GlobalOptions.Target,
        };
        list.SetAction(RunAsync);
        return new("bucket", "Look at buckets: sets of package repositories, one per platform.")
        {
            list,
            BucketContents.Create(),
        };
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        using var server = FarmServer.Of(words);
        var buckets = await (server is null ? ListAsync(words, cancel) : new RemoteBuckets(server).ListAsync(cancel));
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(buckets, OutputJson.Default.BucketJsonArray);
        else
            foreach (var bucket in buckets)
                Output.Line(
                    Output.Printable(
                        $"{bucket.Bucket} on {bucket.Platform}:{(bucket.Directory is { } at ? $" {at}" : "")}"
                    ) + $"\n{Indent(bucket.Usage)}"
                );
        return ExitCode.Done;
    }

    private static async Task<BucketJson[]> ListAsync(ParseResult words, CancellationToken cancel)
    {
        await using var session = FarmSession.Open(words);
        var configuration = session.Farm.Configuration;
        var shelf = new BucketShelf(configuration);
        var platforms = await session.Registry.ListPlatformsAsync(cancel);
        return
        [
            .. configuration
                .Buckets.Keys.Order(StringComparer.Ordinal)
                .SelectMany(bucket =>
                    platforms.Select(platform => BucketRepository.For(configuration.Repositories, bucket, platform))
                )
                .Select(r => new BucketJson(r.Bucket, r.Platform.ToString(), r.Directory, shelf.UsageOf(r).Text)),
        ];
    }

    private static string Indent(string text) =>
        string.Join('\n', text.TrimEnd().Split('\n').Select(line => $"  {Output.Printable(line)}"));
}
