using PkgForge.Buckets;
using PkgForge.Native;
using PkgForge.Platforms;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Sources;

namespace PkgForge.Server.Remote;

/// <summary>
/// Copies of the buckets' repositories on a builder's machine: <c>WORK/mirrors/BUCKET/PLATFORM</c>. A file is kept once, by its digest; each state of a
/// repository is a tree of links to such files, which appears by one rename and never changes. All builders of the machine share them.
/// </summary>
internal sealed class RepositoryMirror(RemoteSite site, ServerConnection server, PlatformKey platform)
{
    private const int MostFiles = 300_000;
    private const int SideBySide = 4;

    /// <summary>A bucket that moves on so often while its files are fetched has lost them.</summary>
    private const int Lists = 3;

    /// <summary>Brings a repository, in the state that the order names or a later one.</summary>
    public async Task<RepositoryReference> BringAsync(string task, RepositoryName wanted, CancellationToken cancel)
    {
        if (!BucketName.IsWellFormed(wanted.Name))
            throw new FarmFaultException($"the server names a bucket that cannot be: expected {BucketName.Rule}");
        var store = new MirrorStore(Path.Combine(site.Work, "mirrors", wanted.Name, platform.ToString()));
        using var turn = await store.LockAsync(cancel);
        if (store.Find(wanted.Revision) is { } there)
            return new(wanted.Name, there, wanted.Revision);
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await FetchAsync(store, task, wanted.Name, cancel);
            }
            catch (NotThereException e) when (tried < Lists)
            {
                site.Log.ListedAgain(wanted.Name, e.Message);
            }
        }
    }

    /// <summary>Fetches the present state. What has come of a former one is used.</summary>
    private async Task<RepositoryReference> FetchAsync(
        MirrorStore store,
        string task,
        string bucket,
        CancellationToken cancel
    )
    {
        var list = await Resuming.UntilDoneAsync(
            site,
            $"bucket {bucket}",
            () => server.GetAsync($"{task}/repositories/{bucket}", WireJson.Default.RepositoryAnswer, cancel),
            cancel
        );
        Check(list);
        await FetchAsync(store, $"{task}/repositories/{bucket}/files?revision={list.Revision}&path=", list, cancel);
        site.Log.Mirrored(bucket, list.Files.Count, list.Files.Sum(file => file.Size));
        return new(bucket, store.Add(list), list.Revision);
    }

    private async Task FetchAsync(MirrorStore store, string query, RepositoryAnswer list, CancellationToken cancel)
    {
        var download = new FileDownload(site, server);
        // A file that is there under its digest was checked when it came.
        var missing = list.Files.DistinctBy(file => file.Sha256).Where(file => !store.Has(file));
        var options = new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancel };
        await Parallel.ForEachAsync(
            missing,
            options,
            async (file, stop) =>
                await download.FetchAsync(
                    query + Uri.EscapeDataString(file.Path),
                    store.PlaceOf(file),
                    new SourceFile(file.Path, file.Size, file.Sha256),
                    stop
                )
        );
    }

    private static void Check(RepositoryAnswer list)
    {
        if (list.Files.Count > MostFiles)
            throw new FarmFaultException($"a repository of {list.Files.Count} files; at most {MostFiles} are fetched");
        if (list.Files.FirstOrDefault(file => !IsSafe(file)) is { } bad)
            throw new FarmFaultException(
                $"the server lists a file of a repository that cannot be: {bad.Path.Length} characters long"
            );
    }

    private static bool IsSafe(FileLine file) =>
        BuilderToken.IsSha256(file.Sha256)
        && file.Size >= 0
        && file.Path.Split('/') is ["dists" or "repodata" or "list" or "pool", _, ..] parts
        && parts.All(part => part.Length is > 0 and <= 255 && part is not ("." or "..") && !part.Any(char.IsControl));
}
