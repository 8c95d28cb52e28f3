using PkgForge.Jobs;
using PkgForge.Logs;
using PkgForge.Native;
using PkgForge.Platforms;
using PkgForge.Records;
using PkgForge.Registry.Views;
using PkgForge.Spool;
using PkgForge.Web.Live;

namespace PkgForge.Cli.Downloads;

/// <summary>The results of the farm of this machine.</summary>
internal sealed class LocalResults(FarmSession session) : IResults
{
    private SpoolDirectories Spool => session.Farm.Spool;

    public async Task<JobJson> FindAsync(JobId job, CancellationToken cancel) =>
        await new JobReader(
            session.Registry,
            Spool,
            (id, platform) => $"{Spool.Results.PathOf(id)}/{platform}"
        ).FindAsync(job, cancel)
        ?? throw new CommandException(ExitCode.Failed, $"there is no job '{job}'; see 'pkgforge status'");

    public async Task<IReadOnlyList<ProductJson>> ListAsync(JobId job, string platform, CancellationToken cancel) =>
        [
            .. (await session.Registry.ListProductsAsync(job, Key(platform), cancel)).Select(product => new ProductJson(
                product.FileName,
                product.Size,
                product.Sha256
            )),
        ];

    public Task<Stream?> OpenAsync(JobId job, ResultFile file, long offset, CancellationToken cancel)
    {
        var directory = new AttemptDirectory(Spool.Results.PathOf(job, Key(file.Platform), file.Attempt));
        return Task.FromResult<Stream?>(
            file.Kind switch
            {
                ResultKind.Log => OpenLog(directory.Log, offset),
                ResultKind.Record => Open(Path.Combine(directory.Path, RecordFile.Name), offset),
                _ => Open(Path.Combine(directory.Products, file.Name), offset),
            }
        );
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();

    private static LogStream? OpenLog(string path, long offset) =>
        LogFile.TryOpen(path) is { } log ? new LogStream(log) { Position = offset } : null;

    private static FileStream? Open(string path, long offset)
    {
        if (FileSystem.LinkStatus(path)?.Kind != FileKind.Regular)
            return null;
        var stream = new FileStream(FileSystem.OpenFile(path), FileAccess.Read, bufferSize: 0);
        stream.Position = offset;
        return stream;
    }

    private static PlatformKey Key(string platform) => PlatformKey.TryParse(platform, out var key) ? key : default;
}
