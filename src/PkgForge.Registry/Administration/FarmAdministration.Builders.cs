using PkgForge.Platforms;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Registry.Administration;

/// <summary>Builders, and which machines may be one.</summary>
public sealed partial class FarmAdministration
{
    /// <summary>Adds a builder.</summary>
    public async Task<Refusal?> AddBuilderAsync(string name, PlatformKey platform, CancellationToken cancel)
    {
        if (AdminRules.Builder(name) is { } expected)
            return Refusal.Wrong($"'{Shown(name)}' is not a builder's name: expected {expected}");
        if ((await registry.ListPlatformsAsync(cancel)).All(known => known.Key != platform))
            return NoPlatformForBuilder(platform);
        await NoteAsync("add builder", $"{name} {platform}", cancel);
        return await registry.AddBuilderAsync(name, platform, cancel)
            ? null
            : Refusal.Conflict($"a builder named {name} is there already");
    }

    /// <summary>Deletes a builder that no process runs.</summary>
    public async Task<Refusal?> DeleteBuilderAsync(string name, CancellationToken cancel)
    {
        if (AdminRules.Builder(name) is not null)
            return NoBuilder(name);
        await NoteAsync("delete builder", name, cancel);
        return await registry.DeleteBuilderAsync(name, cancel) switch
        {
            DeleteBuilderOutcome.Deleted => null,
            DeleteBuilderOutcome.NotFound => NoBuilder(name),
            _ => Refusal.Conflict(await WhyKeptAsync(name, cancel)),
        };
    }

    /// <summary>Lets a builder finish what it builds and gives it no more; or gives it tasks again.</summary>
    public Task<Refusal?> SetDrainingAsync(string name, bool draining, CancellationToken cancel) =>
        ChangeBuilderAsync(
            draining ? "drain builder" : "end draining builder",
            name,
            () => registry.SetDrainingAsync(name, draining, cancel),
            cancel
        );

    /// <summary>Takes a builder out of quarantine.</summary>
    public Task<Refusal?> ReleaseBuilderAsync(string name, CancellationToken cancel) =>
        ChangeBuilderAsync("release builder", name, () => registry.ReleaseBuilderAsync(name, cancel), cancel);

    /// <summary>Makes a one-time code by which a machine becomes this builder. Nobody can be shown it again.</summary>
    public async Task<Answer<string>> AddEnrolmentAsync(string name, TimeSpan valid, CancellationToken cancel)
    {
        if (AdminRules.Valid(valid) is { } expected)
            return Refusal.Wrong($"the time for which the code is valid is not one: expected {expected}");
        var code = BuilderToken.NewCode();
        var refusal = await ChangeBuilderAsync(
            "enrol builder",
            name,
            () => registry.AddEnrolmentAsync(name, BuilderToken.Sha256Of(code), valid, cancel),
            cancel
        );
        return refusal is null ? code : refusal;
    }

    /// <summary>Ends the token of a builder, and codes that were not used. Returns how many there were.</summary>
    public async Task<Answer<int>> RevokeBuilderAsync(string name, CancellationToken cancel)
    {
        if (AdminRules.Builder(name) is not null)
            return NoBuilder(name);
        await NoteAsync("revoke builder", name, cancel);
        return await registry.RevokeTokensAsync(name, cancel) is { } ended ? ended : NoBuilder(name);
    }

    private async Task<Refusal?> ChangeBuilderAsync(
        string action,
        string name,
        Func<Task<bool>> change,
        CancellationToken cancel
    )
    {
        // What cannot be a name is nobody's, and is not noted either: it may be of any length.
        if (AdminRules.Builder(name) is not null)
            return NoBuilder(name);
        await NoteAsync(action, name, cancel);
        return await change() ? null : NoBuilder(name);
    }

    private async Task<string> WhyKeptAsync(string name, CancellationToken cancel)
    {
        var builder = (await registry.ListBuildersAsync(cancel)).FirstOrDefault(known => known.Name == name);
        return builder?.Current is { } task
            ? $"builder {name} is building {task.Job}: drain it, wait until that has ended, and stop its buildd first"
            : $"builder {name} is running; stop its buildd first";
    }

    private static Refusal NoBuilder(string name) =>
        Refusal.Missing($"there is no builder {Shown(name)}; see 'pkgforge builder list'");

    private static Refusal NoPlatformForBuilder(PlatformKey platform) =>
        Refusal.Wrong($"there is no platform {platform}; see 'pkgforge platform list'");
}
