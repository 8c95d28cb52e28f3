using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Sources;

namespace PkgForge.Cli.Administration;

/// <summary>
/// What the commands for administrators ask of a farm, be it this machine's (<see cref="LocalAdministration"/>) or a server's
/// (<see cref="RemoteAdministration"/>). Every method that changes something throws <see cref="CommandException"/>, with the exit code, where the farm
/// refuses it.
/// </summary>
internal interface IAdministration : IAsyncDisposable
{
    /// <summary>All builders, by name.</summary>
    Task<IReadOnlyList<BuilderJson>> ListBuildersAsync(CancellationToken cancel);

    Task AddBuilderAsync(string name, PlatformKey platform, CancellationToken cancel);

    Task DeleteBuilderAsync(string name, CancellationToken cancel);

    /// <summary>Lets a builder finish what it builds and gives it no more; or gives it tasks again.</summary>
    Task SetDrainingAsync(string name, bool draining, CancellationToken cancel);

    /// <summary>Takes a builder out of quarantine.</summary>
    Task ReleaseBuilderAsync(string name, CancellationToken cancel);

    /// <summary>Makes a one-time code. Returns the line that makes another machine this builder.</summary>
    /// <param name="name">The builder.</param>
    /// <param name="platform">What it builds, where it is to be added if there is none.</param>
    /// <param name="valid">How long the code may be used.</param>
    /// <param name="cancel">Gives up.</param>
    Task<string> EnrolBuilderAsync(string name, PlatformKey? platform, TimeSpan valid, CancellationToken cancel);

    /// <summary>Ends the token and the codes of a builder. Returns how many.</summary>
    Task<int> RevokeBuilderAsync(string name, CancellationToken cancel);

    /// <summary>All platforms, by name.</summary>
    Task<IReadOnlyList<PlatformJson>> ListPlatformsAsync(CancellationToken cancel);

    /// <summary>Adds a platform that is active at once.</summary>
    /// <param name="key">Its name and architecture.</param>
    /// <param name="format">What it builds; null for what its recipe says.</param>
    /// <param name="auto">It is in the default set.</param>
    /// <param name="cancel">Gives up.</param>
    Task AddPlatformAsync(PlatformKey key, PackageFormat? format, bool auto, CancellationToken cancel);

    Task SetPlatformActiveAsync(PlatformKey key, bool active, CancellationToken cancel);

    Task SetPlatformAutoAsync(PlatformKey key, bool auto, CancellationToken cancel);

    /// <summary>All accounts with their tokens, by name.</summary>
    Task<IReadOnlyList<AccountJson>> ListAccountsAsync(CancellationToken cancel);

    Task AddAccountAsync(string name, AccountRole role, CancellationToken cancel);

    Task SetRoleAsync(string name, AccountRole role, CancellationToken cancel);

    Task SetMaintainerAsync(string name, string bucket, bool maintains, CancellationToken cancel);

    /// <summary>Makes a token. Returns it: it is shown this once.</summary>
    Task<string> MakeTokenAsync(string name, string label, TimeSpan valid, bool readOnly, CancellationToken cancel);

    /// <summary>Ends an account's token of this label, or all its tokens and sessions. Returns how many.</summary>
    Task<int> EndTokensAsync(string name, string? label, CancellationToken cancel);

    Task RemoveAccountAsync(string name, CancellationToken cancel);

    /// <summary>All caps.</summary>
    Task<IReadOnlyList<CapJson>> ListCapsAsync(CancellationToken cancel);

    Task SetCapAsync(CapKind kind, string name, int tasks, CancellationToken cancel);

    Task RemoveCapAsync(CapKind kind, string name, CancellationToken cancel);

    /// <summary>Moves a job's waiting tasks to another priority. Returns how many wait.</summary>
    Task<int> SetPriorityAsync(JobId job, Priority priority, CancellationToken cancel);

    /// <summary>A page of what was done over HTTP, newest first, and what <see cref="AuditQuery.Before"/> is for the next; null when it is the last.</summary>
    Task<(IReadOnlyList<AuditJson> Entries, long? Next)> FindAuditAsync(AuditQuery query, CancellationToken cancel);
}

/// <summary>Opens the farm that the words or the configuration name.</summary>
internal static class Administrations
{
    public static IAdministration Open(System.CommandLine.ParseResult words) =>
        Remote.FarmServer.Of(words) is { } server
            ? new RemoteAdministration(server)
            : new LocalAdministration(FarmSession.Open(words));

    /// <summary>Adds a builder if there is none of the name.</summary>
    public static async Task AddIfMissingAsync(
        this IAdministration farm,
        string name,
        PlatformKey? platform,
        CancellationToken cancel
    )
    {
        if ((await farm.ListBuildersAsync(cancel)).Any(builder => builder.Name == name))
            return;
        var key =
            platform
            ?? throw new CommandException(
                ExitCode.Failed,
                $"there is no builder {name}; to add one, name its platform, too: pkgforge builder enrol {name} PLATFORM ARCH"
            );
        await farm.AddBuilderAsync(name, key, cancel);
    }
}
