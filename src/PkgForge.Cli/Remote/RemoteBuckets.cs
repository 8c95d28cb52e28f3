using PkgForge.Cli.Commands;
using PkgForge.Registry.Views;
using PkgForge.Web.Api;

namespace PkgForge.Cli.Remote;

/// <summary>Buckets, as a server knows them.</summary>
internal sealed class RemoteBuckets(FarmServer server)
{
    private const string Prefix = "/api/v1/";

    /// <summary>The repositories of all buckets.</summary>
    public async Task<BucketJson[]> ListAsync(CancellationToken cancel) =>
        [
            .. from bucket in await server.GetAsync("buckets", ApiJson.Default.FarmBucketJsonArray, cancel)
            from repository in bucket.Repositories
            select new BucketJson(bucket.Name, repository.Platform, null, repository.Usage),
        ];

    /// <summary>What a bucket holds, for all platforms or for one.</summary>
    public async Task<ShelvedJson[]> ReadAsync(string bucket, string? platform, CancellationToken cancel)
    {
        var place = $"buckets/{Uri.EscapeDataString(bucket)}";
        var known = await server.GetAsync(place, ApiJson.Default.FarmBucketJson, cancel);
        var contents = new List<ShelvedJson>();
        foreach (var name in platform is null ? known.Repositories.Select(r => r.Platform) : [platform])
            contents.Add(new(bucket, name, await FilesAsync($"{place}/{Uri.EscapeDataString(name)}", cancel)));
        return [.. contents];
    }

    private async Task<BucketFileJson[]> FilesAsync(string path, CancellationToken cancel)
    {
        var files = new List<BucketFileJson>();
        for (var next = $"{path}?limit=1000"; next is not null; )
        {
            var page = await server.GetAsync(next, ApiJson.Default.BucketContentsJson, cancel);
            files.AddRange(page.Files);
            next = page.Next?[Prefix.Length..];
        }
        return [.. files];
    }
}
