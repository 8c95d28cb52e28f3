using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>Being written.</summary>
internal abstract partial class SqlRegistry
{
    public Task<Beat> BeatAsync(IReadOnlyCollection<BuilderSession> waiting, CancellationToken cancel) => throw Later();

    public Task<bool> SetDrainingAsync(string builder, bool draining, CancellationToken cancel) => throw Later();

    public Task<bool> ReleaseBuilderAsync(string builder, CancellationToken cancel) => throw Later();

    public Task<bool> AddEnrolmentAsync(string builder, string sha256, TimeSpan valid, CancellationToken cancel) =>
        throw Later();

    public Task<TokenHolder?> EnrolAsync(string codeSha256, string tokenSha256, CancellationToken cancel) =>
        throw Later();

    public Task<TokenHolder?> FindTokenAsync(string sha256, CancellationToken cancel) => throw Later();

    public Task<int?> RevokeTokensAsync(string builder, CancellationToken cancel) => throw Later();

    public Task<bool> SetPriorityAsync(JobId job, Priority priority, CancellationToken cancel) => throw Later();

    public Task SetCapAsync(Cap cap, CancellationToken cancel) => throw Later();

    public Task<IReadOnlyList<Cap>> ListCapsAsync(CancellationToken cancel) => throw Later();

    public Task<IReadOnlyList<Waiting>> ExplainAsync(JobId job, CancellationToken cancel) => throw Later();

    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancel) => throw Later();

    public Task<ClaimedTask?> FindHeldTaskAsync(string builder, Lease lease, CancellationToken cancel) => throw Later();

    public Task<bool> RefuseTaskAsync(Lease lease, string reason, CancellationToken cancel) => throw Later();

    private static NotSupportedException Later() => new("not written yet");
}
