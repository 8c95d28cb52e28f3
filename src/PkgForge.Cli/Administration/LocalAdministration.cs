using PkgForge.Cli.Commands;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Administration;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Registry.Views;
using PkgForge.Sources;
using PkgForge.Web.Access;

namespace PkgForge.Cli.Administration;

/// <summary>The farm of this machine: its registry.</summary>
internal sealed class LocalAdministration(FarmSession session) : IAdministration
{
    private readonly FarmAdministration farm = new(session.Registry, [.. session.Farm.Configuration.Buckets.Keys]);

    public async Task<IReadOnlyList<BuilderJson>> ListBuildersAsync(CancellationToken cancel) =>
        [.. (await session.Registry.ListBuildersAsync(cancel)).Select(BuilderJson.Of)];

    public async Task AddBuilderAsync(string name, PlatformKey platform, CancellationToken cancel) =>
        Require(await farm.AddBuilderAsync(name, platform, cancel));

    public async Task DeleteBuilderAsync(string name, CancellationToken cancel) =>
        Require(await farm.DeleteBuilderAsync(name, cancel));

    public async Task SetDrainingAsync(string name, bool draining, CancellationToken cancel) =>
        Require(await farm.SetDrainingAsync(name, draining, cancel));

    public async Task ReleaseBuilderAsync(string name, CancellationToken cancel) =>
        Require(await farm.ReleaseBuilderAsync(name, cancel));

    public async Task<string> EnrolBuilderAsync(
        string name,
        PlatformKey? platform,
        TimeSpan valid,
        CancellationToken cancel
    )
    {
        var server = BuilderEnrolment.AddressOf(session.Farm.Configuration.Serve);
        await this.AddIfMissingAsync(name, platform, cancel);
        return ServerAddress.EnrolmentLine(server, Require(await farm.AddEnrolmentAsync(name, valid, cancel)));
    }

    public async Task<int> RevokeBuilderAsync(string name, CancellationToken cancel) =>
        Require(await farm.RevokeBuilderAsync(name, cancel));

    public async Task<IReadOnlyList<PlatformJson>> ListPlatformsAsync(CancellationToken cancel) =>
        [.. (await session.Registry.ListPlatformsAsync(cancel)).Select(PlatformJson.Of)];

    public async Task AddPlatformAsync(PlatformKey key, PackageFormat? format, bool auto, CancellationToken cancel)
    {
        var builds =
            format
            ?? session.Farm.Configuration.Platforms.GetValueOrDefault(key)?.Format
            ?? throw new CommandException(
                ExitCode.Usage,
                $"what does {key} build? Say --preset or --format, or give it a section under 'platform_recipes:'"
            );
        Require(await farm.AddPlatformAsync(new(key, builds, Active: true, auto), cancel));
    }

    public async Task SetPlatformActiveAsync(PlatformKey key, bool active, CancellationToken cancel) =>
        Require(await farm.SetPlatformActiveAsync(key, active, cancel));

    public async Task SetPlatformAutoAsync(PlatformKey key, bool auto, CancellationToken cancel) =>
        Require(await farm.SetPlatformAutoAsync(key, auto, cancel));

    public async Task<IReadOnlyList<AccountJson>> ListAccountsAsync(CancellationToken cancel) =>
        [.. (await session.Registry.ListAccountsAsync(cancel)).Select(AccountJson.Of)];

    public async Task AddAccountAsync(string name, AccountRole role, CancellationToken cancel) =>
        Require(await farm.AddAccountAsync(name, role, cancel));

    public async Task SetRoleAsync(string name, AccountRole role, CancellationToken cancel) =>
        Require(await farm.SetRoleAsync(name, role, cancel));

    public async Task SetMaintainerAsync(string name, string bucket, bool maintains, CancellationToken cancel) =>
        Require(await farm.SetMaintainerAsync(name, bucket, maintains, cancel));

    public async Task<string> MakeTokenAsync(
        string name,
        string label,
        TimeSpan valid,
        bool readOnly,
        CancellationToken cancel
    )
    {
        var token = Secret.NewToken();
        Require(
            await farm.AddTokenAsync(
                name,
                new(Secret.Sha256Of(token), Session: false, label, Writes: !readOnly, valid),
                cancel
            )
        );
        return token;
    }

    public async Task<int> EndTokensAsync(string name, string? label, CancellationToken cancel) =>
        Require(await farm.EndTokensAsync(name, label, cancel));

    public async Task RemoveAccountAsync(string name, CancellationToken cancel) =>
        Require(await farm.RemoveAccountAsync(name, cancel));

    public async Task<IReadOnlyList<CapJson>> ListCapsAsync(CancellationToken cancel) =>
        [.. (await session.Registry.ListCapsAsync(cancel)).Select(CapJson.Of)];

    public async Task SetCapAsync(CapKind kind, string name, int tasks, CancellationToken cancel) =>
        Require(await farm.SetCapAsync(kind, name, tasks, cancel));

    public async Task RemoveCapAsync(CapKind kind, string name, CancellationToken cancel) =>
        Require(await farm.RemoveCapAsync(kind, name, cancel));

    public async Task<int> SetPriorityAsync(JobId job, Priority priority, CancellationToken cancel) =>
        Require(await farm.SetPriorityAsync(job, priority, cancel));

    public async Task<(IReadOnlyList<AuditJson> Entries, long? Next)> FindAuditAsync(
        AuditQuery query,
        CancellationToken cancel
    )
    {
        var page = await session.Registry.FindAuditAsync(query, cancel);
        return ([.. page.Entries.Select(AuditJson.Of)], page.Next);
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();

    private static void Require(Refusal? refusal)
    {
        if (refusal is not null)
            throw new CommandException(
                refusal.Kind == RefusalKind.Wrong ? ExitCode.Usage : ExitCode.Failed,
                refusal.Message
            );
    }

    private static T Require<T>(Answer<T> answer)
    {
        Require(answer.Refusal);
        return answer.Value;
    }
}
