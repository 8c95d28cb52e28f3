using PkgForge.Platforms;

namespace PkgForge.Registry.Administration;

/// <summary>Platforms: they are added, and switched on and off; they are never removed.</summary>
public sealed partial class FarmAdministration
{
    /// <summary>Adds a platform. How its roots are made stands in the configuration of who builds for it.</summary>
    public async Task<Refusal?> AddPlatformAsync(Platform platform, CancellationToken cancel)
    {
        if (AdminRules.Platform(platform.Key) is { } expected)
            return Refusal.Wrong($"'{Shown($"{platform.Key}")}' is not a platform: expected {expected}");
        await NoteAsync("add platform", $"{platform.Key}", cancel);
        return await registry.AddPlatformAsync(platform, cancel)
            ? null
            : Refusal.Conflict($"platform {platform.Key} is there already");
    }

    /// <summary>Allows or forbids new tasks for a platform.</summary>
    public Task<Refusal?> SetPlatformActiveAsync(PlatformKey key, bool active, CancellationToken cancel) =>
        ChangePlatformAsync(
            active ? "activate platform" : "deactivate platform",
            key,
            () => registry.SetPlatformActiveAsync(key, active, cancel),
            cancel
        );

    /// <summary>Puts a platform into the default set, or out of it.</summary>
    public Task<Refusal?> SetPlatformAutoAsync(PlatformKey key, bool auto, CancellationToken cancel) =>
        ChangePlatformAsync(
            auto ? "set auto platform" : "set not auto platform",
            key,
            () => registry.SetPlatformAutoAsync(key, auto, cancel),
            cancel
        );

    private async Task<Refusal?> ChangePlatformAsync(
        string action,
        PlatformKey key,
        Func<Task<bool>> change,
        CancellationToken cancel
    )
    {
        if (!key.IsWellFormed)
            return NoPlatform(key);
        await NoteAsync(action, $"{key}", cancel);
        return await change() ? null : NoPlatform(key);
    }

    private static Refusal NoPlatform(PlatformKey key) =>
        Refusal.Missing($"there is no platform {Shown($"{key}")}; see 'pkgforge platform list'");
}
