using System.Net;
using PkgForge.Native;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Reproducing;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Configuration;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>
/// A registered builder at work: claims the tasks of its platform one after the other, and does each (<see cref="TaskRun"/>).
/// A name is held by one process: on this machine by a lock on a file, which goes with the process however it ends; on
/// the farm by the registry. Where the farm is, it does not know.
/// </summary>
/// <param name="farm">The farm; it stays the caller's.</param>
/// <param name="site">What this machine has.</param>
/// <param name="name">The builder's name.</param>
public sealed class Buildd(IBuilderFarm farm, BuilderSite site, string name) : IHandler
{
    /// <summary>However long it is, a wait ends with a wake-up: the farm sees to that.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly string directory = Path.Combine(site.Configuration.Work, "builders", name);
    private FileLock? nameLock;
    private BuilderPost? post;
    private TaskRun? run;
    private bool isClean;

    /// <inheritdoc/>
    public string Name => $"buildd {name}";

    /// <inheritdoc/>
    /// <exception cref="BuilderRefusedException">
    /// The name is unknown, or held by another process; or nobody says how roots of its platform are made.
    /// </exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        TakeLock();
        FaultPoint.Reach(FaultPoints.NameLocked);
        await CleanAsync(cancel);
        if (site.Groups is { } groups)
            await groups.CleanAsync(directory);
        await Workplace.CleanAsync(site.Configuration.Work, site.Groups, cancel);
        site.Log.Means(Name, ControlGroups.Describe(site.Groups));
        FaultPoint.Reach(FaultPoints.NameCleaned);
        post ??= await farm.AttachAsync(name, Dns.GetHostName(), cancel);
        run = new(farm, site with { Configuration = BuilderSettings.For(site.Configuration, post) }, post, directory);
    }

    /// <inheritdoc/>
    public async Task<bool> RunPassAsync(CancellationToken cancel)
    {
        await CleanAsync(cancel);
        if (await farm.ClaimAsync(post!.Session, cancel) is not { } claimed)
            return false;
        isClean = false;
        await run!.RunAsync(claimed, cancel);
        await CleanAsync(CancellationToken.None);
        return true;
    }

    /// <inheritdoc/>
    public async Task WaitAsync(CancellationToken cancel)
    {
        while (!await farm.WaitAsync(post!.Session, LongestWait, cancel))
        {
            // Nothing has happened: to claim would ask the farm for nothing.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (post is not null)
            await DetachAsync(post.Session);
        nameLock?.Dispose();
    }

    private void TakeLock()
    {
        Directory.CreateDirectory(directory);
        nameLock ??= FileLock.TryTake($"{directory}/lock");
        if (nameLock is null)
            throw new BuilderRefusedException($"a buildd named '{name}' is running on this machine already");
    }

    /// <summary>
    /// Removes what the last task, or a process that was killed, has left in the directory. Its builds are dead: a root ends with
    /// the process that opened it. Files in it may belong to subordinate ids.
    /// </summary>
    private async Task CleanAsync(CancellationToken cancel)
    {
        if (isClean)
            return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(directory))
        {
            if (!entry.EndsWith("/lock", StringComparison.Ordinal))
                await ForeignFiles.RemoveAsync(entry, cancel);
        }
        isClean = true;
    }

    private async Task DetachAsync(BuilderSession held)
    {
        try
        {
            await farm.DetachAsync(held, CancellationToken.None);
        }
        catch (FarmUnavailableException)
        {
            // The hold runs out by itself, and the next process of this host takes it over at once.
        }
    }
}
