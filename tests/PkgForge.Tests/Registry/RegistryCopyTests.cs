using AwesomeAssertions;
using Microsoft.Data.Sqlite;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Copying;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

public sealed class RegistryCopyTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IAsyncLifetime
{
    private static readonly PlatformKey Bookworm = new("bookworm", "amd64");

    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-copy-").FullName;
    private readonly string schema = $"copy_{Guid.NewGuid():N}";
    private IRegistry source = null!;
    private IRegistry target = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => Path.Combine(directory, "registry.db");

    private string Text => database.ConnectionString(schema);

    private RegistryOptions From => new() { Connection = $"sqlite:{File}" };

    private RegistryOptions To => new() { Connection = $"postgres:{Text}" };

    public async ValueTask InitializeAsync()
    {
        await PostgresCluster.ExecuteAsync(Text, $"CREATE SCHEMA {schema}");
        (source, target) = (Registries.Open(From), Registries.Open(To));
        await source.MigrateAsync(Cancel);
        await target.MigrateAsync(Cancel);
        await source.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: true), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (source is null)
            return;
        await source.DisposeAsync();
        await target.DisposeAsync();
        await PostgresCluster.ExecuteAsync(Text, $"DROP SCHEMA {schema} CASCADE");
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_registry_in_every_state_arrives_whole_and_goes_on()
    {
        await FillAsync();
        var expected = await DescribeAsync(source);

        var outcome = await RegistryCopy.RunAsync(From, To, Cancel);

        (outcome.Refusal, outcome.Findings.Count).Should().Be((null, 0));
        outcome.Tables.Select(table => table.Table).Should().Equal(CopiedTable.Names);
        outcome.Tables.Where(table => table.Rows == 0).Should().BeEmpty("the test fills every table");
        (await DescribeAsync(target)).Should().BeEquivalentTo(expected);
        await target.ReleaseExpiredAsync(Cancel);
        var session = (await target.AttachBuilderAsync("b1", "two", Cancel)).Session!;
        (await target.ClaimNextTaskAsync(session, Cancel)).Should().NotBeNull();
    }

    [Fact]
    public async Task Numbers_go_on_after_those_of_the_source_also_of_deleted_rows()
    {
        await source.AddBuilderAsync("b1", Bookworm, Cancel);
        await source.AddBuilderAsync("b2", Bookworm, Cancel);
        await source.DeleteBuilderAsync("b2", Cancel);
        await source.RegisterJobAsync(NewJob("old"), Cancel);

        await RegistryCopy.RunAsync(From, To, Cancel);

        await target.AddBuilderAsync("b3", Bookworm, Cancel);
        await target.RegisterJobAsync(NewJob("new"), Cancel);
        await RequireAsync("SELECT id = 3 FROM builder WHERE name = 'b3'");
        await RequireAsync("SELECT number = 2 FROM job WHERE id = 'new'");
    }

    [Fact]
    public async Task A_running_builder_is_named_and_nothing_is_copied()
    {
        await source.AddBuilderAsync("busy", Bookworm, Cancel);
        await source.AttachBuilderAsync("busy", "one", Cancel);

        var outcome = await RegistryCopy.RunAsync(From, To, Cancel);

        outcome.Refusal.Should().Contain("busy").And.Contain("Stop all daemons");
        (await target.ListPlatformsAsync(Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_target_with_something_in_it_is_refused()
    {
        await target.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: true), Cancel);

        (await RegistryCopy.RunAsync(From, To, Cancel)).Refusal.Should().Contain("not empty").And.Contain("platform");
    }

    [Fact]
    public async Task The_account_that_initserver_has_made_gives_way_to_those_of_the_source()
    {
        await source.AddAccountAsync("anna", AccountRole.Admin, Cancel);
        await target.AddAccountAsync("root", AccountRole.Admin, Cancel);

        (await RegistryCopy.RunAsync(From, To, Cancel)).Refusal.Should().BeNull();

        (await target.ListAccountsAsync(Cancel)).Should().ContainSingle().Which.Name.Should().Be("anna");
    }

    [Fact]
    public async Task Accounts_that_somebody_has_made_in_the_target_stay_and_it_is_refused()
    {
        await target.AddAccountAsync("root", AccountRole.Admin, Cancel);
        await target.AddAccountAsync("anna", AccountRole.Viewer, Cancel);

        (await RegistryCopy.RunAsync(From, To, Cancel)).Refusal.Should().Contain("not empty").And.Contain("account");
        (await target.ListAccountsAsync(Cancel)).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_target_without_tables_is_refused_with_what_to_run()
    {
        await PostgresCluster.ExecuteAsync(Text, $"DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}");

        await FluentActions
            .Awaiting(() => RegistryCopy.RunAsync(From, To, Cancel))
            .Should()
            .ThrowAsync<RegistrySchemaException>()
            .WithMessage("*initserver*");
    }

    [Fact]
    public async Task The_wrong_kinds_are_refused() =>
        await FluentActions
            .Awaiting(() => RegistryCopy.RunAsync(To, From, Cancel))
            .Should()
            .ThrowAsync<ArgumentException>()
            .WithMessage("*sqlite:*");

    [Fact]
    public async Task A_copy_that_is_broken_off_leaves_the_target_empty()
    {
        await FillAsync();
        await TriggerAsync("outbox", "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW;");

        await FluentActions
            .Awaiting(() => RegistryCopy.RunAsync(From, To, Cancel))
            .Should()
            .ThrowAsync<RegistryUnavailableException>();

        (await target.ListPlatformsAsync(Cancel)).Should().BeEmpty();
        (await target.CountAsync(Cancel)).Values.Should().OnlyContain(rows => rows == 0);
    }

    [Fact]
    public async Task A_target_that_stores_something_else_is_noticed_and_left_empty()
    {
        await FillAsync();
        await TriggerAsync("product", "NEW.size := NEW.size + 1; RETURN NEW;");

        (await RegistryCopy.RunAsync(From, To, Cancel)).Refusal.Should().Contain("product reads otherwise");

        (await target.ListPlatformsAsync(Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_contradicts_itself_is_copied_as_it_is_and_told()
    {
        await FillAsync();
        Sqlite("UPDATE task SET refused = 0");

        var outcome = await RegistryCopy.RunAsync(From, To, Cancel);

        outcome.Refusal.Should().BeNull();
        outcome.Findings.Should().ContainSingle().Which.Should().Contain("refused by 0");
    }

    [Fact]
    public async Task Every_table_that_holds_data_is_copied() =>
        await RequireAsync(
            $"""
            SELECT array_agg(tablename::text ORDER BY tablename)
                 = ARRAY(SELECT unnest(ARRAY['{string.Join(
                "','",
                CopiedTable.Names
            )}', 'state', 'migration']) ORDER BY 1)
            FROM pg_tables WHERE schemaname = '{schema}'
            """
        );

    [Fact]
    public async Task A_hundred_thousand_tasks_are_copied_in_one_transaction()
    {
        await source.RegisterJobAsync(NewJob("first"), Cancel);
        Sqlite(
            """
            WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, priority, submitted, registered, ended, state)
            SELECT 'job-' || i, submitter, bucket, scratch, sources, manifest_sha256, 0, submitted, registered, registered, 6 FROM n, job;
            INSERT INTO task (job, platform, state, lease, lane, waiting)
            SELECT number, 1, 14, 1, 1, registered FROM job WHERE number > 1;
            INSERT INTO attempt (task, number, builder, session, outcome, started, ended, cause)
            SELECT id, 1, 'b1', 1, 2, waiting, waiting, 'compile' FROM task WHERE state = 14;
            """
        );
        var outcome = await RegistryCopy.RunAsync(From, To, Cancel);

        (outcome.Refusal, outcome.Findings.Count).Should().Be((null, 0));
        outcome.Tables.Single(table => table.Table == "task").Rows.Should().Be(100_001);
    }

    /// <summary>Every table, and tasks in every state.</summary>
    private async Task FillAsync()
    {
        await source.AddBuilderAsync("b1", Bookworm, Cancel);
        var session = (await source.AttachBuilderAsync("b1", "one", Cancel)).Session!;
        await source.AddEnrolmentAsync("b1", new('c', 64), TimeSpan.FromHours(1), Cancel);
        await source.SetCapAsync(new(CapKind.Bucket, "main", 5), Cancel);
        await source.AddAccountAsync("ada", AccountRole.Submitter, Cancel);
        await source.SetMaintainerAsync("ada", "main", true, Cancel);
        await source.AddCredentialAsync("ada", new(new('d', 64), false, "ci", true, TimeSpan.FromHours(1)), Cancel);
        await source.EnterAsync(new("https://id.example.org", "7", "ada"), null, null, Cancel);
        await source.AddAuditAsync("ada", "retry", "one", Cancel);
        var mail = new OutgoingMail(
            ["ada@example.org"],
            "Grüße \U0001F600",
            new Dictionary<string, string>(),
            "a\nb\\"
        );
        await EndAsync(
            session,
            "done",
            new(BuildTaskState.Success, null, null, "ok", [new("a_1.deb", 9, new('b', 64))], mail)
            {
                Durations = new Dictionary<string, TimeSpan> { ["hello"] = TimeSpan.FromSeconds(3) },
                Published = new Dictionary<string, string?> { ["a_1.deb"] = "hello_2.10-3.dsc" },
            }
        );
        await EndAsync(
            session,
            "failed",
            new(BuildTaskState.Fail, Cause.Compile, "x.c:1: \t'error'", "no", [], null)
            {
                Place = new(5_000_000_000, 9),
                FailedSource = "hello_2.10-3.dsc",
            }
        );
        await source.RegisterJobAsync(NewJob("refused"), Cancel);
        await source.RefuseTaskAsync((await source.ClaimNextTaskAsync(session, Cancel))!.Lease, "too small", Cancel);
        await source.CancelAsync(JobId.Parse("refused"), null, Cancel);
        await source.RegisterJobAsync(NewJob("building"), Cancel);
        await source.ClaimNextTaskAsync(session, Cancel);
        await source.RegisterJobAsync(NewJob("waiting"), Cancel);
        var behind = NewJob("behind");
        await source.RegisterJobAsync(
            behind with
            {
                Job = behind.Job with { After = [JobId.Parse("waiting")] },
            },
            Cancel
        );
        await source.RegisterRejectedAsync(
            new(JobId.Parse("bad"), "", DateTimeOffset.UnixEpoch, new('a', 64), "none", null),
            Cancel
        );
        // Whoever looks at a week sums up its days.
        await source.ReadStatisticsAsync(StatisticsWindow.Week, Cancel);
        // Its process was killed an hour ago.
        Sqlite(
            "UPDATE builder SET last_seen = last_seen - 3600000; UPDATE task SET lease_expires = lease_expires - 3600000"
        );
    }

    private async Task EndAsync(BuilderSession session, string id, TaskResult result)
    {
        await source.RegisterJobAsync(NewJob(id), Cancel);
        var claim = await source.ClaimNextTaskAsync(session, Cancel);
        (await source.FinishTaskAsync(claim!.Lease, result, Cancel)).Should().BeTrue();
    }

    private static NewJob NewJob(string id) =>
        new(
            new Job
            {
                Id = JobId.Parse(id),
                Submitter = "ada",
                Time = new(2026, 11, 22, 10, 0, 0, 123, TimeSpan.Zero),
                Bucket = "main",
                Sources = ["hello_2.10-3.dsc"],
                Files = [],
            },
            new('a', 64),
            [Bookworm]
        );

    /// <summary>All that the registry's methods tell.</summary>
    private static async Task<object> DescribeAsync(IRegistry registry)
    {
        var jobs = await registry.ListJobsAsync(new(Limit: 100), Cancel);
        var details = new List<JobDetail?>();
        foreach (var job in jobs)
            details.Add(await registry.FindJobAsync(job.Id, Cancel));
        return new
        {
            Details = details,
            Builders = await registry.ListBuildersAsync(Cancel),
            Caps = await registry.ListCapsAsync(Cancel),
            Kept = await registry.ListKeptAsync(0, 1000, Cancel),
            Package = await registry.FindPackageAsync("hello", null, 100, Cancel),
            Published = await registry.FindPublishedAsync("main", Bookworm, ["a_1.deb"], Cancel),
            Statistics = await registry.ReadStatisticsAsync(StatisticsWindow.Week, Cancel),
            Rows = await registry.CountAsync(Cancel),
        };
    }

    private Task TriggerAsync(string table, string body) =>
        PostgresCluster.ExecuteAsync(
            Text,
            $"""
            CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {body} END';
            CREATE TRIGGER meddle BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION meddle()
            """
        );

    /// <summary>Fails unless the query says true.</summary>
    private Task RequireAsync(string query) =>
        PostgresCluster.ExecuteAsync(Text, $"DO $$ BEGIN ASSERT ({query}), 'it says no'; END $$");

    private void Sqlite(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
