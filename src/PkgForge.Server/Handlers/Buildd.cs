using System.Net;
using PkgForge.Native;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Configuration;
using PkgForge.Server.Publishing;
using PkgForge.Server.Reporting;

namespace PkgForge.Server.Handlers;

/// <summary>
/// A registered builder at work: claims the tasks of its platform one after the other, and does each (<see cref="TaskRun"/>).
/// A name is held by one process: on this machine by a lock on a file, which goes with the process however it ends; on
/// the farm by the registry.
/// </summary>
/// <param name="farm">What it works with.</param>
/// <param name="name">The builder's name.</param>
public sealed class Buildd(Farm farm, string name) : IHandler
{
    /// <summary>The safety net under the wake-ups, and how often an idle builder is seen.</summary>
    private static readonly TimeSpan SlowPoll = TimeSpan.FromSeconds(30);

    private readonly string directory = Path.Combine(farm.Configuration.Work, "builders", name);
    private readonly OutboxDelivery mail = new(farm);
    private FileLock? nameLock;
    private BuilderSession? session;
    private IWakeUp? wakeUp;
    private TaskRun? run;

    /// <inheritdoc/>
    public string Name => $"buildd {name}";

    /// <inheritdoc/>
    /// <exception cref="BuilderRefusedException">The name is unknown, or held by another process.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        await farm.Registry.CheckSchemaAsync(cancel);
        TakeLock();
        await RemoveLeftoversAsync(cancel);
        var attached = await farm.Registry.AttachBuilderAsync(name, Dns.GetHostName(), cancel);
        session = attached.Session ?? throw new BuilderRefusedException(attached.Refusal!);
        run = new(farm, session, directory);
        await EnsureRepositoriesAsync(session.Platform, cancel);
        wakeUp = await farm.Registry.ListenAsync(Topic.Tasks(session.Platform), cancel);
    }

    /// <inheritdoc/>
    public async Task<bool> RunPassAsync(CancellationToken cancel)
    {
        mail.Start();
        var claimed = await farm.Registry.ClaimNextTaskAsync(session!, cancel);
        if (claimed is not null)
        {
            await run!.RunAsync(claimed, cancel);
            await RemoveLeftoversAsync(CancellationToken.None);
            return true;
        }
        if ((await farm.Registry.BeatAsync([session!], cancel)).Held.Count == 0)
            throw new BuilderRefusedException($"the name '{name}' was taken over by another process");
        return false;
    }

    /// <inheritdoc/>
    public Task WaitAsync(CancellationToken cancel) => wakeUp!.WaitAsync(SlowPoll, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (wakeUp is not null)
            await wakeUp.DisposeAsync();
        mail.Start();
        await mail.DisposeAsync();
        if (session is not null)
            await DetachAsync(session);
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
    /// What the last task, or a process that was killed, has left in the directory. Its builds are dead: a root ends with
    /// the process that opened it. Files in it may belong to subordinate ids.
    /// </summary>
    private async Task RemoveLeftoversAsync(CancellationToken cancel)
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(directory))
        {
            if (!entry.EndsWith("/lock", StringComparison.Ordinal))
                await LayerStore.RemoveForeignAsync(entry, cancel);
        }
    }

    // So that apt and dnf can be pointed at a bucket before the first package is in it.
    private async Task EnsureRepositoriesAsync(PlatformKey key, CancellationToken cancel)
    {
        if (!farm.Configuration.Platforms.TryGetValue(key, out var recipe))
            throw new ConfigurationException(
                $"platform {key} has no section under 'platform_recipes:' in the configuration of this machine"
            );
        var platform = new Platform(key, recipe.Format, Active: true, Auto: true);
        foreach (var bucket in farm.Configuration.Buckets.Keys)
        {
            if (BucketRepository.For(farm.Configuration.Repositories, bucket, platform) is { } repository)
                await repository.EnsureAsync(cancel);
        }
    }

    private async Task DetachAsync(BuilderSession held)
    {
        try
        {
            await farm.Registry.DetachBuilderAsync(held, CancellationToken.None);
        }
        catch (RegistryUnavailableException)
        {
            // The hold runs out by itself, and the next process of this host takes it over at once.
        }
    }
}
