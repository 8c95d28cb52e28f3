using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Spool;

namespace PkgForge.Server.Builders;

/// <summary>
/// The results directory of an attempt on this machine: <c>log</c>, other logs beside it, and <c>products/</c>.
/// <para>
/// Guaranteed if the power fails: before <see cref="FlushAsync"/> the directory or the end of the log may be lost, of an attempt that
/// then is lost itself. What is kept is on disk with its name in its directory; after the flush, the whole path is.
/// </para>
/// </summary>
internal sealed class LocalAttemptStore(AttemptDirectory attempt) : IAttemptStore
{
    /// <inheritdoc/>
    public string LogPath => attempt.Log;

    /// <inheritdoc/>
    public void LogGrew()
    {
        // It was written where it stays.
    }

    /// <inheritdoc/>
    public Task<Product> KeepProductAsync(string path, CancellationToken cancel)
    {
        Directory.CreateDirectory(attempt.Products);
        var kept = MoveIn(attempt.Products, path);
        return Task.FromResult(new Product(Path.GetFileName(kept), new FileInfo(kept).Length, Digest.OfFile(kept)));
    }

    /// <inheritdoc/>
    public Task KeepLogAsync(string path, CancellationToken cancel)
    {
        if (Path.GetFileName(path) is "log" or "products")
            throw new ArgumentException($"'{path}' has the name of something else of the attempt", nameof(path));
        MoveIn(attempt.Path, path);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancel)
    {
        attempt.Flush();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A file that is gone from its place and is here was moved by an earlier call, whose caller did not hear of it.</summary>
    private static string MoveIn(string directory, string path)
    {
        var target = Path.Combine(directory, Path.GetFileName(path));
        return !File.Exists(path) && File.Exists(target) ? target : ResultsArea.MoveIn(directory, path);
    }
}
