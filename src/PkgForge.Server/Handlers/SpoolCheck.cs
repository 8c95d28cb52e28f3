using System.Runtime.CompilerServices;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Registry;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>
/// Compares the spool with the registry: every accepted job lies there, and every product that is registered. It may run while the farm
/// works: files are there before the registry knows of them. Results of a job that has ended may have been cleared away, as a whole.
/// </summary>
/// <param name="registry">What should be there.</param>
/// <param name="spool">What is there.</param>
/// <param name="deep">Reads every file and compares digests, too.</param>
public sealed class SpoolCheck(IRegistry registry, SpoolDirectories spool, bool deep)
{
    private const int JobsAtOnce = 200;

    /// <summary>A sentence for each thing that is missing or differs, as they are found.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public async IAsyncEnumerable<string> RunAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var last = 0L;
        while (await registry.ListKeptAsync(last, JobsAtOnce, cancel) is [.., var end] page)
        {
            foreach (var finding in page.SelectMany(job => Accepted(job).Concat(Products(job))))
            {
                cancel.ThrowIfCancellationRequested();
                yield return finding;
            }
            last = end.Number;
        }
    }

    private IEnumerable<string> Accepted(KeptJob job)
    {
        var directory = spool.Accepted.PathOf(job.Id);
        if (!spool.Accepted.Contains(job.Id))
            return [$"job {job.Id} is registered and has no directory {directory}"];
        var manifest = Path.Combine(directory, Manifest.FileName);
        if (FileSystem.LinkStatus(manifest)?.Kind != FileKind.Regular)
            return [$"job {job.Id} has no manifest {manifest}"];
        return deep ? Sources(job, directory, manifest) : [];
    }

    private IEnumerable<string> Sources(KeptJob job, string directory, string manifest)
    {
        if (Digest.OfFile(manifest) != job.ManifestSha256)
            return [$"job {job.Id}: {manifest} is not the manifest that was registered"];
        return spool.Accepted.Read(job.Id).Job is { } content
            ? content.Files.Select(f => Compare(Path.Combine(directory, f.Name), f.Size, f.Sha256)).OfType<string>()
            : [$"job {job.Id}: {manifest} is no manifest"];
    }

    private IEnumerable<string> Products(KeptJob job)
    {
        if (job.Ended && !Directory.Exists(spool.Results.PathOf(job.Id)))
            return [];
        return job
            .Products.Select(kept =>
                Compare(
                    Path.Combine(
                        spool.Results.PathOf(job.Id, kept.Platform, kept.Attempt),
                        "products",
                        kept.Product.FileName
                    ),
                    kept.Product.Size,
                    kept.Product.Sha256
                )
            )
            .OfType<string>();
    }

    private string? Compare(string path, long size, string sha256) =>
        FileSystem.LinkStatus(path) is not { Kind: FileKind.Regular } ? $"{path} is not there"
        : new FileInfo(path).Length is var length && length != size ? $"{path} has {length} bytes; expected {size}"
        : deep && Digest.OfFile(path) is var found && found != sha256 ? $"{path} has SHA-256 {found}; expected {sha256}"
        : null;
}
