using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Sources;

namespace PkgForge.Server.Remote;

/// <summary>Brings everything that a task reads to this machine: manifest, sources, and the repositories of its buckets.</summary>
internal sealed class OrderDownload(RemoteSite site, ServerConnection server)
{
    /// <summary>Fetches what is not there yet.</summary>
    /// <param name="claimed">What was claimed.</param>
    /// <param name="task">Its path on the server.</param>
    /// <param name="directory">The builder's own directory.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<TaskOrder> FetchAsync(
        ClaimedTask claimed,
        string task,
        string directory,
        CancellationToken cancel
    )
    {
        var order = await Resuming.UntilDoneAsync(
            site,
            "order",
            () => server.GetAsync($"{task}/order", WireJson.Default.OrderAnswer, cancel),
            cancel
        );
        try
        {
            return await FetchAsync(order, claimed, task, directory, cancel);
        }
        catch (NotThereException e)
        {
            throw new FarmFaultException(e.Message, e);
        }
    }

    private async Task<TaskOrder> FetchAsync(
        OrderAnswer order,
        ClaimedTask claimed,
        string task,
        string directory,
        CancellationToken cancel
    )
    {
        var sources = Path.Combine(directory, "sources");
        Directory.CreateDirectory(sources);
        var download = new FileDownload(site, server);
        var job = await FetchManifestAsync(download, claimed, task, (order, sources), cancel);
        foreach (var file in job.Files)
        {
            var path = $"{task}/sources/{Uri.EscapeDataString(file.Name)}";
            await download.FetchAsync(path, Path.Combine(sources, file.Name), file, cancel);
        }
        var mirror = new RepositoryMirror(site, server, claimed.Platform);
        var repositories = new List<RepositoryReference>();
        foreach (var repository in order.Repositories)
            repositories.Add(await mirror.BringAsync(task, repository, cancel));
        return new(job, sources, repositories, order.Lintian, order.Rpmlint);
    }

    /// <summary>The names in a manifest that was read are plain: they lead to no other directory.</summary>
    private static async Task<Job> FetchManifestAsync(
        FileDownload download,
        ClaimedTask claimed,
        string task,
        (OrderAnswer Order, string Sources) what,
        CancellationToken cancel
    )
    {
        var target = Path.Combine(what.Sources, Manifest.FileName);
        if (what.Order.ManifestSize > Manifest.MaxBytes)
            throw new FarmFaultException($"the manifest of {claimed.Job} has more than {Manifest.MaxBytes} bytes");
        var file = new SourceFile(Manifest.FileName, what.Order.ManifestSize, what.Order.ManifestSha256);
        await download.FetchAsync($"{task}/manifest", target, file, cancel);
        var read = Manifest.Read(await File.ReadAllBytesAsync(target, cancel));
        return read.Job is { } job && job.Id == claimed.Job
            ? job
            : throw new FarmFaultException(
                $"the manifest of {claimed.Job} cannot be read: {read.Error ?? "it is another job's"}"
            );
    }
}
