using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;

namespace PkgForge.Cli.Downloads;

/// <summary>The results of jobs: of this machine's farm, or of a server's.</summary>
internal interface IResults : IAsyncDisposable
{
    /// <summary>A job.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    Task<JobJson> FindAsync(JobId job, CancellationToken cancel);

    /// <summary>What a task has made that succeeded.</summary>
    Task<IReadOnlyList<ProductJson>> ListAsync(JobId job, string platform, CancellationToken cancel);

    /// <summary>The content of a file, from so many bytes on; null if there is no such file.</summary>
    /// <exception cref="FarmUnavailableException">It cannot be had now.</exception>
    Task<Stream?> OpenAsync(JobId job, ResultFile file, long offset, CancellationToken cancel);
}
