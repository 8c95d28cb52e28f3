using AwesomeAssertions;
using Npgsql;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>
/// The connection to the server is cut at every message of every call that changes something: it is done once, neither twice nor not at all, and
/// the caller gets its answer.
/// </summary>
public sealed class PostgresFaultTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IAsyncLifetime
{
    private static readonly PlatformKey Bookworm = new("bookworm", "amd64");
    private static readonly JobId One = JobId.Parse("one");
    private static readonly string Sha = new('a', 64);
    private static readonly string Token = new('b', 64);

    private readonly string schema = $"fault_{Guid.NewGuid():N}";
    private IRegistry direct = null!;
    private IRegistry cut = null!;
    private PostgresProxy proxy = null!;
    private RegistryDump dump = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var text = new NpgsqlConnectionStringBuilder(database.ConnectionString(schema));
        await PostgresCluster.ExecuteAsync(text.ToString(), $"CREATE SCHEMA {schema}");
        direct = Open(text);
        await direct.MigrateAsync(Cancel);
        dump = new(text.ToString());
        proxy = new(text.Host!);
        text.Host = proxy.Host;
        text.SslMode = SslMode.Disable;
        text.GssEncryptionMode = GssEncryptionMode.Disable;
        cut = Open(text);
        await cut.ListPlatformsAsync(Cancel);
    }

    // Each claim works the order of lanes out anew: the number of messages is the same each time.
    private static IRegistry Open(NpgsqlConnectionStringBuilder text) =>
        Registries.Open(new() { Connection = $"postgres:{text}", OrderAge = TimeSpan.Zero });

    public async ValueTask DisposeAsync()
    {
        if (direct is null)
            return;
        await cut.DisposeAsync();
        await proxy.DisposeAsync();
        await direct.DisposeAsync();
        await PostgresCluster.ExecuteAsync(database.ConnectionString(schema), $"DROP SCHEMA {schema} CASCADE");
    }

    [Theory]
    [InlineData(nameof(IRegistry.AddPlatformAsync))]
    [InlineData(nameof(IRegistry.SetPlatformActiveAsync))]
    [InlineData(nameof(IRegistry.AddBuilderAsync))]
    [InlineData(nameof(IRegistry.DeleteBuilderAsync))]
    [InlineData(nameof(IRegistry.SetDrainingAsync))]
    [InlineData(nameof(IRegistry.ReleaseBuilderAsync))]
    [InlineData(nameof(IRegistry.AddEnrolmentAsync))]
    [InlineData(nameof(IRegistry.EnrolAsync))]
    [InlineData(nameof(IRegistry.RevokeTokensAsync))]
    [InlineData(nameof(IRegistry.AttachBuilderAsync))]
    [InlineData(nameof(IRegistry.DetachBuilderAsync))]
    [InlineData(nameof(IRegistry.BeatAsync))]
    [InlineData(nameof(IRegistry.RegisterJobAsync))]
    [InlineData(nameof(IRegistry.RegisterRejectedAsync))]
    [InlineData(nameof(IRegistry.ClaimNextTaskAsync))]
    [InlineData(nameof(IRegistry.HeartbeatAsync))]
    [InlineData(nameof(IRegistry.FinishTaskAsync))]
    [InlineData(nameof(IRegistry.RequeueAsync))]
    [InlineData(nameof(IRegistry.RefuseTaskAsync))]
    [InlineData(nameof(IRegistry.CancelAsync))]
    [InlineData(nameof(IRegistry.RetryAsync))]
    [InlineData(nameof(IRegistry.SetPriorityAsync))]
    [InlineData(nameof(IRegistry.SetCapAsync))]
    [InlineData(nameof(IRegistry.ReleaseExpiredAsync))]
    [InlineData(nameof(IRegistry.TakeMailAsync))]
    [InlineData(nameof(IRegistry.RemoveMailAsync))]
    [InlineData(nameof(IRegistry.ZapAsync))]
    public async Task A_call_is_done_once_wherever_its_connection_is_cut(string method)
    {
        var call = Calls[method];
        var (expected, rows) = await RunAsync(call);
        var cuts = 0;

        foreach (var where in Enum.GetValues<Cut>())
            for (
                var n = where == Cut.InsteadOfCommitted ? 1 : First(method);
                ;
                n += where == Cut.InsteadOfCommitted ? 1 : Step
            )
            {
                var (answer, after) = await RunAsync(call, () => proxy.Arm(where, n));
                if (!proxy.Disarm())
                    break;
                cuts++;
                call.Answers(expected).Should().Contain(answer, "of {0} {1}", where, n);
                after.Should().Be(rows, "of {0} {1}", where, n);
            }

        cuts.Should().BePositive("the proxy must have cut");
        TestContext.Current.TestOutputHelper?.WriteLine($"{method}: {cuts} cuts");
    }

    /// <summary>Every message takes minutes; without being asked to, these tests take each fifth one, and each answer to a commit.</summary>
    private static int Step => Environment.GetEnvironmentVariable("PKGFORGE_TEST_FAULTS") is { Length: > 0 } ? 1 : 5;

    private static int First(string method) => 1 + (method.Length % Step);

    private async Task<(string Answer, string Rows)> RunAsync(Call call, Action? arm = null)
    {
        await dump.EmptyAsync(Cancel);
        var task = await SetUpAsync();
        await call.Prepare(direct, task);
        if (call.Sql is { } sql)
            await PostgresCluster.ExecuteAsync(database.ConnectionString(schema), sql);
        arm?.Invoke();
        var answer = await call.Act(cut, task);
        return (answer, await dump.ReadAsync(Cancel));
    }

    /// <summary>A builder that holds the task of job "one", and a job "two" that waits.</summary>
    private async Task<(BuilderSession Session, Lease Lease)> SetUpAsync()
    {
        await direct.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: true), Cancel);
        await direct.AddBuilderAsync("b1", Bookworm, Cancel);
        var session = (await direct.AttachBuilderAsync("b1", "one", Cancel)).Session!;
        await direct.RegisterJobAsync(NewJob("one"), Cancel);
        var claim = await direct.ClaimNextTaskAsync(session, Cancel);
        await direct.RegisterJobAsync(NewJob("two"), Cancel);
        return (session, claim!.Lease);
    }

    /// <summary>A call, what it needs, and what it may answer beside its usual answer when it was repeated.</summary>
    private sealed record Call(
        Func<IRegistry, (BuilderSession Session, Lease Lease), Task> Prepare,
        Func<IRegistry, (BuilderSession Session, Lease Lease), Task<string>> Act,
        string? Repeated = null
    )
    {
        /// <summary>What only SQL can prepare.</summary>
        public string? Sql { get; init; }

        public string[] Answers(string usual) => Repeated is null ? [usual] : [usual, Repeated];
    }

    private static Call Of<T>(
        Func<IRegistry, (BuilderSession Session, Lease Lease), Task<T>> act,
        Func<IRegistry, (BuilderSession Session, Lease Lease), Task>? prepare = null,
        string? repeated = null
    ) =>
        new(
            prepare ?? ((_, _) => Task.CompletedTask),
            async (registry, task) => $"{await act(registry, task)}",
            repeated
        );

    private static Call Of(
        Func<IRegistry, (BuilderSession Session, Lease Lease), Task> act,
        Func<IRegistry, (BuilderSession Session, Lease Lease), Task>? prepare = null
    ) =>
        Of(
            async (registry, task) =>
            {
                await act(registry, task);
                return true;
            },
            prepare
        );

    private static readonly Dictionary<string, Call> Calls = new()
    {
        [nameof(IRegistry.AddPlatformAsync)] = Of(
            (r, _) => r.AddPlatformAsync(new(new("f43", "x86_64"), PackageFormat.Rpm, true, true), Cancel)
        ),
        [nameof(IRegistry.SetPlatformActiveAsync)] = Of((r, _) => r.SetPlatformActiveAsync(Bookworm, false, Cancel)),
        [nameof(IRegistry.AddBuilderAsync)] = Of((r, _) => r.AddBuilderAsync("b2", Bookworm, Cancel)),
        [nameof(IRegistry.DeleteBuilderAsync)] = Of(
            (r, _) => r.DeleteBuilderAsync("b1", Cancel),
            (r, t) => r.DetachBuilderAsync(t.Session, Cancel)
        ),
        [nameof(IRegistry.SetDrainingAsync)] = Of((r, _) => r.SetDrainingAsync("b1", true, Cancel)),
        [nameof(IRegistry.ReleaseBuilderAsync)] = Of((r, _) => r.ReleaseBuilderAsync("b1", Cancel)),
        [nameof(IRegistry.AddEnrolmentAsync)] = Of(
            (r, _) => r.AddEnrolmentAsync("b1", Sha, TimeSpan.FromHours(1), Cancel)
        ),
        [nameof(IRegistry.EnrolAsync)] = Of(
            (r, _) => r.EnrolAsync(Sha, Token, Cancel),
            (r, _) => r.AddEnrolmentAsync("b1", Sha, TimeSpan.FromHours(1), Cancel)
        ),
        [nameof(IRegistry.RevokeTokensAsync)] = Of(
            (r, _) => r.RevokeTokensAsync("b1", Cancel),
            (r, _) => r.AddEnrolmentAsync("b1", Sha, TimeSpan.FromHours(1), Cancel),
            repeated: "0"
        ),
        [nameof(IRegistry.AttachBuilderAsync)] = Of(
            async (r, _) => (await r.AttachBuilderAsync("b1", "one", Cancel)).Session is not null
        ),
        [nameof(IRegistry.DetachBuilderAsync)] = Of((r, t) => r.DetachBuilderAsync(t.Session, Cancel)),
        [nameof(IRegistry.BeatAsync)] = Of(async (r, t) => (await r.BeatAsync([t.Session], Cancel)).Held.Count),
        [nameof(IRegistry.RegisterJobAsync)] = Of(
            (r, _) => r.RegisterJobAsync(NewJob("three", after: "one"), Cancel),
            repeated: nameof(RegisterOutcome.AlreadyThere)
        ),
        [nameof(IRegistry.RegisterRejectedAsync)] = Of(
            (r, _) =>
                r.RegisterRejectedAsync(
                    new(JobId.Parse("bad"), "ada", DateTimeOffset.UnixEpoch, Sha, "no", Mail),
                    Cancel
                ),
            repeated: nameof(RegisterOutcome.AlreadyThere)
        ),
        [nameof(IRegistry.ClaimNextTaskAsync)] = Of(
            (r, t) => ClaimAsync(r, t.Session),
            async (r, t) =>
            {
                await r.FinishTaskAsync(t.Lease, Success, Cancel);
                await r.SetCapAsync(new(CapKind.Bucket, "main", 1), Cancel);
            }
        ),
        [nameof(IRegistry.HeartbeatAsync)] = Of((r, t) => r.HeartbeatAsync(t.Lease, Cancel)),
        [nameof(IRegistry.FinishTaskAsync)] = Of(
            (r, t) => r.FinishTaskAsync(t.Lease, Success, Cancel),
            (r, _) => r.RegisterJobAsync(NewJob("three", after: "one"), Cancel)
        ),
        [nameof(IRegistry.RequeueAsync)] = Of(
            (r, t) => r.RequeueAsync(t.Lease, AttemptOutcome.FarmFault, "no disk", Mail, Cancel),
            repeated: nameof(RequeueOutcome.Refused)
        ),
        [nameof(IRegistry.RefuseTaskAsync)] = Of(
            (r, t) => r.RefuseTaskAsync(t.Lease, "too small", Cancel),
            repeated: "False"
        ),
        [nameof(IRegistry.CancelAsync)] = Of(
            async (r, _) => (await r.CancelAsync(JobId.Parse("two"), null, Cancel))!.Count
        ),
        [nameof(IRegistry.RetryAsync)] = Of(
            async (r, _) => (await r.RetryAsync(One, null, all: true, Cancel))!.Count,
            async (r, t) =>
            {
                await r.RegisterJobAsync(NewJob("three", after: "one"), Cancel);
                await r.FinishTaskAsync(t.Lease, Success, Cancel);
            }
        ),
        [nameof(IRegistry.SetPriorityAsync)] = Of(
            (r, _) => r.SetPriorityAsync(JobId.Parse("two"), Priority.Urgent, Cancel)
        ),
        [nameof(IRegistry.SetCapAsync)] = Of((r, _) => r.SetCapAsync(new(CapKind.Bucket, "main", 3), Cancel)),
        [nameof(IRegistry.ReleaseExpiredAsync)] = Of((r, _) => r.ReleaseExpiredAsync(Cancel), repeated: "0") with
        {
            Sql = "UPDATE task SET lease_expires = now() - interval '1 h' WHERE state = 12",
        },
        [nameof(IRegistry.TakeMailAsync)] = Of(
            async (r, _) => (await r.TakeMailAsync(10, Cancel)).Count,
            (r, t) => r.FinishTaskAsync(t.Lease, Success, Cancel),
            repeated: "0"
        ),
        [nameof(IRegistry.RemoveMailAsync)] = Of(
            (r, _) => r.RemoveMailAsync(1, Cancel),
            (r, t) => r.FinishTaskAsync(t.Lease, Success, Cancel)
        ),
        [nameof(IRegistry.ZapAsync)] = Of((r, _) => r.ZapAsync(Cancel)),
    };

    private static async Task<string> ClaimAsync(IRegistry registry, BuilderSession session) =>
        (await registry.ClaimNextTaskAsync(session, Cancel)) is { } task ? $"{task.Job} {task.Attempt}" : "nothing";

    private static OutgoingMail Mail => new(["ada@example.org"], "ok", new Dictionary<string, string>(), "body");

    private static TaskResult Success =>
        new(BuildTaskState.Success, null, null, "ok", [new("a.deb", 1, Sha)], Mail)
        {
            Durations = new Dictionary<string, TimeSpan> { ["hello"] = TimeSpan.FromSeconds(3) },
        };

    private static NewJob NewJob(string id, string? after = null) =>
        new(
            new Job
            {
                Id = JobId.Parse(id),
                Submitter = "ada",
                Time = DateTimeOffset.UnixEpoch,
                Bucket = "main",
                Sources = ["hello_2.10-3.dsc"],
                Files = [],
                After = after is null ? [] : [JobId.Parse(after)],
            },
            Sha,
            [Bookworm]
        );
}
