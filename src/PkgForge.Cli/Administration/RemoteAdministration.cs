using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Administration;
using PkgForge.Registry.Views;
using PkgForge.Sources;
using PkgForge.Web.Api;

namespace PkgForge.Cli.Administration;

/// <summary>The farm of a server: its API. Names go into addresses, so that what cannot be one is not sent.</summary>
internal sealed class RemoteAdministration(FarmServer server) : IAdministration
{
    public async Task<IReadOnlyList<BuilderJson>> ListBuildersAsync(CancellationToken cancel) =>
        await server.GetAsync("builders", ApiJson.Default.BuilderJsonArray, cancel);

    public Task AddBuilderAsync(string name, PlatformKey platform, CancellationToken cancel) =>
        server.DoAsync(
            HttpMethod.Post,
            "builders",
            new(name, platform.ToString()),
            AdminRequestJson.Default.NewBuilder,
            cancel
        );

    public Task DeleteBuilderAsync(string name, CancellationToken cancel) =>
        server.DoAsync(HttpMethod.Delete, OfBuilder(name), cancel);

    public Task SetDrainingAsync(string name, bool draining, CancellationToken cancel) =>
        server.DoAsync(
            HttpMethod.Patch,
            OfBuilder(name),
            new(draining),
            AdminRequestJson.Default.BuilderChange,
            cancel
        );

    public Task ReleaseBuilderAsync(string name, CancellationToken cancel) =>
        server.DoAsync(HttpMethod.Delete, $"{OfBuilder(name)}/quarantine", cancel);

    public async Task<string> EnrolBuilderAsync(
        string name,
        PlatformKey? platform,
        TimeSpan valid,
        CancellationToken cancel
    )
    {
        await this.AddIfMissingAsync(name, platform, cancel);
        var answer = await server.SendAsync(
            HttpMethod.Post,
            $"{OfBuilder(name)}/enrolment",
            new(InSeconds(valid)),
            AdminRequestJson.Default.NewEnrolment,
            AdminJson.Default.EnrolmentAnswer,
            cancel
        );
        return Output.Printable(answer.Command);
    }

    public async Task<int> RevokeBuilderAsync(string name, CancellationToken cancel) =>
        (
            await server.SendAsync(
                HttpMethod.Delete,
                $"{OfBuilder(name)}/tokens",
                AdminJson.Default.RevokedAnswer,
                cancel
            )
        ).Revoked;

    public async Task<IReadOnlyList<PlatformJson>> ListPlatformsAsync(CancellationToken cancel) =>
        await server.GetAsync("platforms", ApiJson.Default.PlatformJsonArray, cancel);

    public Task AddPlatformAsync(PlatformKey key, PackageFormat? format, bool auto, CancellationToken cancel) =>
        format is { } builds
            ? server.DoAsync(
                HttpMethod.Post,
                "platforms",
                new(key.Name, key.Architecture, Words.Of(builds), auto),
                AdminRequestJson.Default.NewPlatform,
                cancel
            )
            : throw new CommandException(
                ExitCode.Usage,
                $"what does {key} build? Say --format: the recipes of {server.Address} are not seen from here"
            );

    public Task SetPlatformActiveAsync(PlatformKey key, bool active, CancellationToken cancel) =>
        ChangePlatformAsync(key, new(Active: active), cancel);

    public Task SetPlatformAutoAsync(PlatformKey key, bool auto, CancellationToken cancel) =>
        ChangePlatformAsync(key, new(Auto: auto), cancel);

    public async Task<IReadOnlyList<AccountJson>> ListAccountsAsync(CancellationToken cancel) =>
        await server.GetAsync("accounts", ApiJson.Default.AccountJsonArray, cancel);

    public Task AddAccountAsync(string name, AccountRole role, CancellationToken cancel) =>
        server.DoAsync(
            HttpMethod.Post,
            "accounts",
            new(name, Words.Of(role)),
            AdminRequestJson.Default.NewAccount,
            cancel
        );

    public Task SetRoleAsync(string name, AccountRole role, CancellationToken cancel) =>
        server.DoAsync(
            HttpMethod.Patch,
            OfAccount(name),
            new(Words.Of(role)),
            AdminRequestJson.Default.AccountChange,
            cancel
        );

    public Task SetMaintainerAsync(string name, string bucket, bool maintains, CancellationToken cancel) =>
        JobRules.Bucket(bucket) is null
            ? server.DoAsync(
                maintains ? HttpMethod.Put : HttpMethod.Delete,
                $"{OfAccount(name)}/maintains/{bucket}",
                cancel
            )
            : throw Missing($"there is no bucket '{bucket}'; see 'pkgforge bucket list'");

    public async Task<string> MakeTokenAsync(
        string name,
        string label,
        TimeSpan valid,
        bool readOnly,
        CancellationToken cancel
    )
    {
        var answer = await server.SendAsync(
            HttpMethod.Post,
            $"{OfAccount(name)}/tokens",
            new(label, InSeconds(valid), readOnly),
            AdminRequestJson.Default.NewToken,
            AdminJson.Default.TokenAnswer,
            cancel
        );
        return Output.Printable(answer.Token);
    }

    public async Task<int> EndTokensAsync(string name, string? label, CancellationToken cancel) =>
        (
            await server.SendAsync(
                HttpMethod.Delete,
                $"{OfAccount(name)}/tokens{(label is null ? "" : $"?label={Uri.EscapeDataString(label)}")}",
                AdminJson.Default.RevokedAnswer,
                cancel
            )
        ).Revoked;

    public Task RemoveAccountAsync(string name, CancellationToken cancel) =>
        server.DoAsync(HttpMethod.Delete, OfAccount(name), cancel);

    public async Task<IReadOnlyList<CapJson>> ListCapsAsync(CancellationToken cancel) =>
        await server.GetAsync("caps", AdminJson.Default.CapJsonArray, cancel);

    public Task SetCapAsync(CapKind kind, string name, int tasks, CancellationToken cancel) =>
        server.DoAsync(HttpMethod.Put, OfCap(kind, name), new(tasks), AdminRequestJson.Default.CapChange, cancel);

    public Task RemoveCapAsync(CapKind kind, string name, CancellationToken cancel) =>
        server.DoAsync(HttpMethod.Delete, OfCap(kind, name), cancel);

    public async Task<int> SetPriorityAsync(JobId job, Priority priority, CancellationToken cancel) =>
        (
            await server.SendAsync(
                HttpMethod.Put,
                $"jobs/{job}/priority",
                new(priority.Name()),
                AdminRequestJson.Default.PriorityChange,
                AdminJson.Default.PriorityAnswer,
                cancel
            )
        ).Waiting;

    public async Task<(IReadOnlyList<AuditJson> Entries, long? Next)> FindAuditAsync(
        AuditQuery query,
        CancellationToken cancel
    )
    {
        var path = $"audit{AuditQueries.Address(query)}&limit={query.AtMost}";
        var page = await server.GetAsync(path, AdminJson.Default.AuditAnswer, cancel);
        return (page.Entries, page.Before);
    }

    public ValueTask DisposeAsync()
    {
        server.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>No time is none: what is less than a second is one.</summary>
    private static long InSeconds(TimeSpan time) => (long)Math.Ceiling(time.TotalSeconds);

    private Task ChangePlatformAsync(PlatformKey key, PlatformChange change, CancellationToken cancel) =>
        server.DoAsync(HttpMethod.Patch, $"platforms/{key}", change, AdminRequestJson.Default.PlatformChange, cancel);

    private static string OfBuilder(string name) =>
        AdminRules.Builder(name) is null
            ? $"builders/{name}"
            : throw Missing($"there is no builder {name}; see 'pkgforge builder list'");

    private static string OfAccount(string name) =>
        JobRules.Submitter(name) is null
            ? $"accounts/{name}"
            : throw Missing($"there is no account '{name}'; see 'pkgforge account list'");

    private static string OfCap(CapKind kind, string name) =>
        AdminRules.Capped(kind, name) is { } expected
            ? throw new CommandException(
                ExitCode.Usage,
                $"'{name}' is not a {Words.Of(kind)}'s name: expected {expected}"
            )
            : $"caps/{Words.Of(kind)}/{Uri.EscapeDataString(name)}";

    private static CommandException Missing(string message) => new(ExitCode.Failed, message);
}
