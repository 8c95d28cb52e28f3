using AwesomeAssertions;
using Npgsql;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Postgres;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>Each role of the farm can do its part, and no more: login users that are members of one role each.</summary>
public sealed class PostgresRolesTests(PostgresServer server) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    private static readonly PlatformKey Bookworm = new("bookworm", "amd64");
    private static readonly string Sha = new('a', 64);

    private readonly string name = $"roles_{Guid.NewGuid():N}";
    private IRegistry owner = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await server.Cluster.CreateDatabaseAsync(name);
        owner = As("farm");
        await owner.MakeRolesAsync(Cancel);
        await owner.MigrateAsync(Cancel);
        foreach (var role in PostgresRoles.Names)
            await SqlAsync(
                "farm",
                $"DO $$ BEGIN CREATE ROLE one_{role} LOGIN IN ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            );
    }

    public async ValueTask DisposeAsync()
    {
        if (owner is null)
            return;
        await owner.DisposeAsync();
        await server.Cluster.DropDatabaseAsync(name);
    }

    [Fact]
    public async Task The_whole_life_of_a_job_needs_no_more_than_each_role_has()
    {
        await using var admin = As("one_pkgforge_admin");
        await using var incoming = As("one_pkgforge_incoming");
        await using var builder = As("one_pkgforge_builder");
        await using var web = As("one_pkgforge_web");
        foreach (var registry in new[] { admin, incoming, builder, web })
            await registry.CheckSchemaAsync(Cancel);

        await admin.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: false), Cancel);
        await admin.SetPlatformAutoAsync(Bookworm, true, Cancel);
        await admin.AddBuilderAsync("b1", Bookworm, Cancel);
        await admin.AddBuilderAsync("b2", Bookworm, Cancel);
        await admin.SetCapAsync(new(CapKind.Submitter, "*", 5), Cancel);
        await admin.AddEnrolmentAsync("b2", Sha, TimeSpan.FromHours(1), Cancel);

        (await incoming.ListPlatformsAsync(Cancel)).Should().ContainSingle();
        foreach (var id in new[] { "one", "two", "three", "four" })
            (await incoming.RegisterJobAsync(NewJob(id), Cancel)).Should().Be(RegisterOutcome.Registered);
        var last = NewJob("last");
        await incoming.RegisterJobAsync(last with { Job = last.Job with { After = [JobId.Parse("four")] } }, Cancel);
        var (first, second) = (NewJob("first"), NewJob("second"));
        second = second with { Job = second.Job with { After = [first.Job.Id] } };
        await incoming.RegisterJobsAsync([first, second], Cancel);
        (await incoming.FindJobAsync(first.Job.Id, Cancel)).Should().NotBeNull();
        foreach (var id in new[] { "second", "first" })
            await admin.CancelAsync(JobId.Parse(id), null, Cancel);
        await incoming.RegisterRejectedAsync(
            new(JobId.Parse("bad"), "ada", DateTimeOffset.UnixEpoch, Sha, "no", Mail()),
            Cancel
        );
        (await incoming.FindManifestAsync(JobId.Parse("one"), Cancel)).Should().Be(Sha);
        await SendMailAsync(incoming);

        await WorkAsync(builder, "b1", AttemptOutcome.FarmFault);
        await SendMailAsync(builder);

        (await web.EnrolAsync(Sha, new('b', 64), Cancel)).Should().NotBeNull();
        (await web.FindTokenAsync(new('b', 64), Cancel))!.Builder.Should().Be("b2");
        await WorkAsync(web, "b2", AttemptOutcome.Interrupted);
        await web.SetPriorityAsync(JobId.Parse("last"), Priority.Urgent, Cancel);
        await web.CancelAsync(JobId.Parse("last"), null, Cancel);
        await web.RetryAsync(JobId.Parse("last"), null, true, Cancel);
        await web.RetryAsync(JobId.Parse("one"), null, true, Cancel);
        (await web.ListJobsAsync(new(), Cancel)).Should().HaveCount(8);
        await web.ExplainAsync(JobId.Parse("last"), Cancel);
        await web.ListBuildersAsync(Cancel);
        (await web.ReadStatisticsAsync(StatisticsWindow.Month, Cancel)).Platforms.Should().ContainSingle();
        (await web.FindPublishedAsync("main", Bookworm, ["a.deb"], Cancel)).Should().ContainSingle();
        await SendMailAsync(web);
        await admin.AddAccountAsync("ada", AccountRole.Submitter, Cancel);
        await SignInAsync(web);
        await admin.SetMaintainerAsync("ada", "main", true, Cancel);
        foreach (var asking in new[] { incoming, web })
            (await asking.MaintainsAsync("ada", "main", Cancel)).Should().BeTrue();

        await admin.SetDrainingAsync("b1", true, Cancel);
        await admin.ReleaseBuilderAsync("b1", Cancel);
        await admin.RevokeTokensAsync("b2", Cancel);
        await admin.CancelAsync(JobId.Parse("last"), null, Cancel);
        (await admin.CheckAsync(Cancel)).Should().BeEmpty();
        (await admin.DeleteBuilderAsync("b1", Cancel)).Should().Be(DeleteBuilderOutcome.Deleted);
        (await admin.MigrateAsync(Cancel)).Should().BeEmpty("there is nothing to do, and it may not");
        await admin.ZapAsync(Cancel);
        await SqlAsync("one_pkgforge_admin", "SELECT setval('task_id_seq', 1000)");
    }

    /// <summary>Everything that a builder does, with three tasks.</summary>
    private static async Task WorkAsync(IRegistry registry, string name, AttemptOutcome putBack)
    {
        var session = (await registry.AttachBuilderAsync(name, "one", Cancel)).Session!;
        await using var wakeUp = await registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        var claim = (await registry.ClaimNextTaskAsync(session, Cancel))!;
        (await registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        (await registry.FindHeldTaskAsync(claim.Lease, Cancel)).Should().NotBeNull();
        var result = new TaskResult(BuildTaskState.Success, null, null, "ok", [new("a.deb", 1, Sha)], Mail())
        {
            Durations = new Dictionary<string, TimeSpan> { ["hello"] = TimeSpan.FromSeconds(3) },
            Published = new Dictionary<string, string?> { ["a.deb"] = "hello_1.dsc" },
        };
        (await registry.FinishTaskAsync(claim.Lease, result, Cancel)).Should().BeTrue();
        (await registry.FindGivenTaskAsync(claim.Lease, Cancel)).Should().NotBeNull();
        claim = (await registry.ClaimNextTaskAsync(session, Cancel))!;
        await registry.RefuseTaskAsync(claim.Lease, "too small", Cancel);
        claim = (await registry.ClaimNextTaskAsync(session, Cancel))!;
        await registry.RequeueAsync(claim.Lease, putBack, "no disk", Mail(), Cancel);
        await registry.BeatAsync([session], Cancel);
        await registry.ReleaseExpiredAsync(Cancel);
        await registry.DetachBuilderAsync(session, Cancel);
    }

    /// <summary>Somebody comes by the word of a provider, has an account, gets a session, and goes.</summary>
    private static async Task SignInAsync(IRegistry registry)
    {
        var ada = new ProvenIdentity("https://id.example.org", "7", "ada");
        (await registry.EnterAsync(ada, null, null, Cancel)).Outcome.Should().Be(IdentityOutcome.Entered);
        await registry.AddCredentialAsync(
            "ada",
            new(Sha, Session: true, "browser", true, TimeSpan.FromHours(1)),
            Cancel
        );
        (await registry.ListCredentialsAsync("ada", Cancel)).Should().ContainSingle();
        (await registry.EndOwnCredentialAsync("ada", Sha, Cancel)).Should().BeTrue();
    }

    private static async Task SendMailAsync(IRegistry registry)
    {
        foreach (var mail in await registry.TakeMailAsync(10, Cancel))
            await registry.RemoveMailAsync(mail.Id, Cancel);
    }

    [Theory]
    [InlineData("admin", "DROP TABLE outbox")]
    [InlineData("admin", "ALTER TABLE task ADD COLUMN x integer")]
    [InlineData("admin", "CREATE TABLE x (y integer)")]
    [InlineData("admin", "TRUNCATE outbox")]
    [InlineData("admin", "DELETE FROM migration")]
    [InlineData("admin", "UPDATE state SET final = true")]
    [InlineData("incoming", "SELECT * FROM token")]
    [InlineData("incoming", "SELECT setval('job_number_seq', 1000)")]
    [InlineData("builder", "SELECT setval('task_id_seq', 1000)")]
    [InlineData("web", "SELECT setval('task_id_seq', 1000)")]
    [InlineData("web", "DELETE FROM identity")]
    [InlineData("web", "UPDATE account SET role = 3")]
    [InlineData("web", "UPDATE identity SET account = 1")]
    [InlineData("builder", "INSERT INTO identity (issuer, subject, account, created) VALUES ('x', 'x', 1, now())")]
    [InlineData(
        "incoming",
        "INSERT INTO platform (key, name, architecture, format, active, auto) VALUES ('a-b', 'a', 'b', 'rpm', true, true)"
    )]
    [InlineData("incoming", "UPDATE platform SET active = true")]
    [InlineData("incoming", "UPDATE task SET state = 13")]
    [InlineData("incoming", "UPDATE task SET builder = 1")]
    [InlineData(
        "incoming",
        "INSERT INTO task (job, platform, lane, state, waiting, lease) VALUES (1, 1, 1, 13, now(), 1)"
    )]
    [InlineData(
        "incoming",
        "INSERT INTO attempt (task, number, builder, session, outcome, started, ended) VALUES (1, 1, 'x', 1, 1, now(), now())"
    )]
    [InlineData("incoming", "INSERT INTO product (task, file_name, size, sha256) VALUES (1, 'x', 1, 'x')")]
    [InlineData("incoming", "UPDATE job SET state = 5")]
    [InlineData("incoming", "DELETE FROM job")]
    [InlineData("incoming", "UPDATE submitter SET used = 0")]
    [InlineData("incoming", "UPDATE cap SET tasks = 100")]
    [InlineData("incoming", "UPDATE builder SET held = false")]
    [InlineData("incoming", "INSERT INTO token (sha256, kind, builder, created) VALUES ('x', 'builder', 1, now())")]
    [InlineData("builder", "SELECT sha256 FROM token")]
    [InlineData("builder", "INSERT INTO token (sha256, kind, builder, created) VALUES ('x', 'builder', 1, now())")]
    [InlineData(
        "builder",
        "INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, submitted, registered, state) VALUES ('x', 'x', 'x', false, '[]', 'x', now(), now(), 3)"
    )]
    [InlineData("builder", "INSERT INTO task (job, platform, lane, waiting) VALUES (1, 1, 1, now())")]
    [InlineData("builder", "UPDATE job SET submitter = 'x'")]
    [InlineData("builder", "UPDATE job SET manifest_sha256 = 'x'")]
    [InlineData("builder", "UPDATE task SET job = 1")]
    [InlineData("builder", "UPDATE task SET platform = 1")]
    [InlineData("builder", "UPDATE task SET rank = -1")]
    [InlineData("builder", "UPDATE platform SET active = false")]
    [InlineData("builder", "UPDATE builder SET name = 'x'")]
    [InlineData("builder", "UPDATE builder SET platform = 1")]
    [InlineData("builder", "UPDATE builder SET draining = false")]
    [InlineData("builder", "INSERT INTO builder (name, platform, session) VALUES ('x', 1, 1)")]
    [InlineData("builder", "DELETE FROM builder")]
    [InlineData("builder", "UPDATE attempt SET outcome = 1")]
    [InlineData("builder", "DELETE FROM attempt")]
    [InlineData("builder", "UPDATE product SET sha256 = 'x'")]
    [InlineData("builder", "DELETE FROM published")]
    [InlineData("builder", "INSERT INTO package (name) VALUES ('x')")]
    [InlineData("builder", "INSERT INTO day_sum (day, sums) VALUES ('2026-11-26', '[]')")]
    [InlineData("incoming", "UPDATE package SET name = 'x'")]
    [InlineData("web", "UPDATE day_sum SET sums = '[]'")]
    [InlineData("web", "DELETE FROM job_package")]
    [InlineData("builder", "DELETE FROM product")]
    [InlineData("builder", "DELETE FROM task")]
    [InlineData("builder", "UPDATE cap SET tasks = 100")]
    [InlineData("builder", "DELETE FROM cap")]
    [InlineData("builder", "UPDATE outbox SET recipients = '[]'")]
    [InlineData("web", "UPDATE platform SET active = false")]
    [InlineData(
        "web",
        "INSERT INTO platform (key, name, architecture, format, active, auto) VALUES ('a-b', 'a', 'b', 'rpm', true, true)"
    )]
    [InlineData("web", "INSERT INTO builder (name, platform, session) VALUES ('x', 1, 1)")]
    [InlineData("web", "UPDATE builder SET platform = 1")]
    [InlineData("web", "DELETE FROM builder")]
    [InlineData("web", "INSERT INTO cap VALUES ('bucket', 'x', 1)")]
    [InlineData("web", "UPDATE cap SET tasks = 100")]
    [InlineData(
        "web",
        "INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, submitted, registered, state) VALUES ('x', 'x', 'x', false, '[]', 'x', now(), now(), 3)"
    )]
    [InlineData("web", "UPDATE job SET submitter = 'x'")]
    [InlineData("web", "DELETE FROM job")]
    [InlineData("web", "UPDATE token SET builder = 1")]
    [InlineData("web", "UPDATE token SET expires = NULL")]
    [InlineData(
        "web",
        "INSERT INTO token (sha256, kind, builder, created, expires) VALUES ('x', 'enrolment', 1, now(), now())"
    )]
    [InlineData("web", "DELETE FROM token")]
    [InlineData("web", "UPDATE attempt SET outcome = 1")]
    [InlineData("web", "UPDATE product SET sha256 = 'x'")]
    [InlineData("web", "UPDATE duration SET source = 'x'")]
    [InlineData("web", "DELETE FROM migration")]
    public async Task What_is_not_a_roles_part_is_refused(string role, string sql)
    {
        var refused = await FluentActions
            .Awaiting(() => SqlAsync($"one_pkgforge_{role}", sql))
            .Should()
            .ThrowAsync<PostgresException>();

        refused.Which.SqlState.Should().Be(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task Every_table_stands_in_the_grants()
    {
        await SqlAsync(
            "farm",
            """
            DO $$ BEGIN
                ASSERT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
                                   AND NOT has_table_privilege('pkgforge_admin', oid, 'SELECT')), 'a table is not in grants.sql';
            END $$
            """
        );
    }

    [Fact]
    public async Task Migrating_again_takes_back_what_a_role_was_given_beside()
    {
        await SqlAsync(
            "farm",
            "GRANT UPDATE, DELETE ON platform TO pkgforge_builder; GRANT UPDATE (sha256) ON token TO pkgforge_builder"
        );

        await owner.MigrateAsync(Cancel);

        await What_is_not_a_roles_part_is_refused("builder", "UPDATE platform SET active = false");
        await What_is_not_a_roles_part_is_refused("builder", "UPDATE token SET sha256 = 'x'");
    }

    [Fact]
    public async Task Who_may_not_make_roles_is_told_what_to_run()
    {
        await SqlAsync(
            "farm",
            "DROP OWNED BY pkgforge_web; DROP ROLE one_pkgforge_web; ALTER ROLE pkgforge_web RENAME TO pkgforge_away"
        );
        try
        {
            await using var plain = As("one_pkgforge_builder");
            (await plain.MakeRolesAsync(Cancel))
                .Should()
                .BeEquivalentTo(new RolesOutcome([], ["CREATE ROLE pkgforge_web NOLOGIN;"]));
            (await owner.MigrateAsync(Cancel)).Should().BeEmpty("a role that is not there is passed by");
            (await owner.MakeRolesAsync(Cancel)).Should().BeEquivalentTo(new RolesOutcome(["pkgforge_web"], []));
        }
        finally
        {
            await SqlAsync("farm", "DROP ROLE pkgforge_away");
        }
        (await owner.MakeRolesAsync(Cancel)).Should().BeEquivalentTo(new RolesOutcome([], []));
    }

    [Fact]
    public async Task What_a_role_may_not_is_reported_as_refused()
    {
        await using var builder = As("one_pkgforge_builder");

        await FluentActions
            .Awaiting(() => builder.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, true, true), Cancel))
            .Should()
            .ThrowAsync<UnauthorizedAccessException>()
            .WithMessage("*platform*");
    }

    private IRegistry As(string user) => Registries.Open(new() { Connection = $"postgres:{Text(user)}" });

    private string Text(string user) => $"{server.Cluster.ConnectionString(name)};Username={user}";

    private Task SqlAsync(string user, string sql) => PostgresCluster.ExecuteAsync(Text(user), sql);

    private static OutgoingMail Mail() => new(["ada@example.org"], "ok", new Dictionary<string, string>(), "body");

    private static NewJob NewJob(string id) =>
        new(
            new Job
            {
                Id = JobId.Parse(id),
                Submitter = "ada",
                Time = DateTimeOffset.UnixEpoch,
                Bucket = "main",
                Sources = ["hello_2.10-3.dsc"],
                Files = [],
            },
            Sha,
            [Bookworm]
        );
}
