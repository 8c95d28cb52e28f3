using AwesomeAssertions;
using Npgsql;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using PkgForge.Tests.Shared;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
[assembly: AssemblyFixture(typeof(Postgres18Fixture))]

namespace PkgForge.Tests.Registry;

/// <summary>With the server that the machine has: Debian 12's is 15.</summary>
public sealed class InstalledPostgresRegistryTests(PostgresDatabase database)
    : PostgresRegistryTests(database),
        IClassFixture<PostgresDatabase>;

/// <summary>With PostgreSQL 18.</summary>
public sealed class Postgres18RegistryTests(Postgres18Database database)
    : PostgresRegistryTests(database),
        IClassFixture<Postgres18Database>;

public abstract class PostgresRegistryTests(PostgresDatabase database) : RegistryContract
{
    private readonly string schema = $"test_{Guid.NewGuid():N}";

    protected override RegistryOptions Options =>
        new()
        {
            Connection = $"postgres:{Text}",
            OrderAge = TimeSpan.Zero,
            AfterRestart = TimeSpan.Zero,
        };

    private string Text => database.ConnectionString(schema);

    protected override async ValueTask CreateDatabaseAsync() => await ExecuteAsync($"CREATE SCHEMA {schema}");

    protected override async ValueTask DropDatabaseAsync() => await ExecuteAsync($"DROP SCHEMA {schema} CASCADE");

    protected override string Ago(int seconds) => $"(now() - interval '{seconds} s')";

    protected override string Seconds(int seconds) => $"interval '{seconds} s'";

    protected override string False => "false";

    protected override async Task EmptyDatabaseAsync()
    {
        await Registry.DisposeAsync();
        await DropDatabaseAsync();
        await CreateDatabaseAsync();
    }

    protected override Task ExecuteAsync(string sql) => PostgresCluster.ExecuteAsync(Text, sql);

    protected override Task BreakAsync(string sql) => ExecuteAsync($"{DropConstraints}; {sql}");

    private const string DropConstraints = """
        DO $$
        DECLARE it record;
        BEGIN
            FOR it IN SELECT conname, conrelid::regclass AS owner FROM pg_constraint
                      WHERE contype IN ('c', 'f') AND connamespace = current_schema()::regnamespace
            LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', it.owner, it.conname);
            END LOOP;
        END $$
        """;

    protected override async Task<bool> IsRefusedAsync(string sql)
    {
        try
        {
            await ExecuteAsync(sql);
            return false;
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            return true;
        }
    }

    [Fact]
    public async Task A_server_that_stays_away_is_reported_without_the_password()
    {
        await using var away = Registries.Open(
            new()
            {
                Connection = "postgres:Host=/nowhere;Database=forge;Username=me;Password=hunter2",
                Timeout = TimeSpan.FromMilliseconds(100),
            }
        );

        var error = await FluentActions
            .Awaiting(() => away.ListPlatformsAsync(Cancel))
            .Should()
            .ThrowAsync<RegistryUnavailableException>();

        error.Which.Message.Should().Contain("forge on /nowhere").And.Contain("is the server running");
        error.Which.ToString().Should().NotContain("hunter2");
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_reported_at_once()
    {
        await using var none = Registries.Open(
            new() { Connection = $"postgres:{database.Server.ConnectionString("nobodys")}" }
        );

        (
            await FluentActions
                .Awaiting(() => none.MigrateAsync(Cancel))
                .Should()
                .ThrowAsync<RegistryUnavailableException>()
        ).WithMessage("*nobodys*createdb*");
    }

    [Fact]
    public async Task A_listener_whose_connection_is_killed_wakes_once_and_listens_again()
    {
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        await ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid() AND datname = current_database()"
        );
        await wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel).WaitAsync(Long, Cancel);

        var wait = wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel);
        await RegisterAsync("hello");
        await wait.WaitAsync(Long, Cancel);
    }

    [Fact]
    public async Task A_task_of_another_platform_wakes_nobody()
    {
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        await using var other = await Registry.ListenAsync(Topic.Tasks(Fedora), Cancel);
        var wait = wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel);

        await RegisterAsync("fedora", Fedora);
        await other.WaitAsync(TimeSpan.FromHours(1), Cancel).WaitAsync(Long, Cancel);
        wait.IsCompleted.Should().BeFalse();

        await RegisterAsync("both", Fedora, Bookworm);
        await wait.WaitAsync(Long, Cancel);
    }

    [Fact]
    public async Task Who_stands_still_in_the_middle_of_the_end_for_longer_than_a_lease_has_not_ended_the_task()
    {
        await RegisterAsync("hello");
        var session = await BuilderAsync();
        await using var hasty = Registries.Open(Options with { Lease = TimeSpan.FromMilliseconds(300) });
        await using var other = Registries.Open(Options);
        var claim = (await hasty.ClaimNextTaskAsync(session, Cancel))!;
        var released = 0;
        // As a process that is stopped: the others wait until the database has ended its transaction.
        void Stopped()
        {
            while (released == 0)
                released = other.ReleaseExpiredAsync(Cancel).GetAwaiter().GetResult();
        }

        (
            await hasty
                .FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success), Stopped, Cancel)
                .WaitAsync(Long, Cancel)
        )
            .Should()
            .BeFalse();

        released.Should().Be(1);
        (await TaskAsync("hello")).Attempts.Should().ContainSingle().Which.Outcome.Should().Be(AttemptOutcome.Lost);
    }

    [Fact]
    public async Task A_task_that_becomes_ready_in_a_long_transaction_is_not_passed_by_for_ever()
    {
        // The first of the lane waits for another; many others of the lane do not.
        await RegisterAsync("lib");
        await RegisterAsync(NewJob("app"), job => job with { After = [JobId.Parse("lib")] });
        await Registry.RegisterJobsAsync([.. Enumerable.Range(1, 600).Select(n => NewJob($"other-{n}"))], Cancel);
        var lib = await ClaimAsync(await BuilderAsync());
        var second = await BuilderAsync("b2");
        await using var other = Registries.Open(Options);
        // While lib's end is being committed another process claims so many that it moves the lane's head up.
        async Task WorkAsync()
        {
            for (var i = 0; i < 550; i++)
            {
                var claim = (await other.ClaimNextTaskAsync(second, Cancel))!;
                claim.Job.ToString().Should().StartWith("other-");
                await other.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Fail), Cancel);
            }
        }

        void Long() => Task.Run(WorkAsync, Cancel).GetAwaiter().GetResult();
        (await Registry.FinishTaskAsync(lib.Lease, Result(BuildTaskState.Success), Long, Cancel)).Should().BeTrue();

        (await ClaimAsync(second)).Job.ToString().Should().Be("app", "it is the oldest that is ready");
    }

    [Fact]
    public async Task What_the_foreign_key_asks_when_a_builder_moves_on_needs_no_scan_of_all_tasks()
    {
        await using var connection = new NpgsqlConnection($"{Text};Pooling=false");
        await connection.OpenAsync(Cancel);
        // The statement of PostgreSQL's own trigger (ri_triggers.c); a table without rows would be scanned anyway.
        await using var command = new NpgsqlCommand(
            "SET enable_seqscan = off; EXPLAIN SELECT 1 FROM ONLY task x WHERE 1 = builder AND 0 = turn FOR KEY SHARE OF x",
            connection
        );
        var plan = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel))
            plan.Add(reader.GetString(0));

        string.Join('\n', plan).Should().Contain("task_current").And.NotContain("Seq Scan");
    }

    /// <summary>A farm's packages become more and more: what a job costs may not.</summary>
    [Fact]
    public async Task Registering_a_job_does_not_read_the_packages_of_others()
    {
        await using var connection = new NpgsqlConnection($"{Text};Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var many = new NpgsqlCommand(
            "INSERT INTO package (name) SELECT 'source' || n FROM generate_series(1, 30000) AS n; ANALYZE package",
            connection
        );
        await many.ExecuteNonQueryAsync(Cancel);
        var (read, sessions) = (await AskAsync(Read), await AskAsync(Sessions));

        await using (var registry = Registries.Open(Options))
            await registry.RegisterJobsAsync([.. Enumerable.Range(1, 20).Select(n => NewJob($"job-{n}"))], Cancel);
        // A session says what it has read at the latest when it ends.
        while (await AskAsync(Sessions) > sessions)
            await Task.Delay(20, Cancel);

        (await AskAsync(Read)).Should().Be(read);

        async Task<long> AskAsync(string statement)
        {
            await using var ask = new NpgsqlCommand(statement, connection);
            return (long)(await ask.ExecuteScalarAsync(Cancel))!;
        }
    }

    private const string Read = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'package'";
    private const string Sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";

    [Fact]
    public async Task Whether_a_lease_was_accepted_is_not_said_while_its_end_is_being_committed()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        await using var other = Registries.Open(Options);
        Task<bool>? asked = null;
        void Ask() => asked = Task.Run(() => other.WasAcceptedAsync(claim.Lease.Attempt, Cancel));

        await Registry.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success), Ask, Cancel);

        (await asked!.WaitAsync(Long, Cancel)).Should().BeTrue();
    }

    [Fact]
    public async Task An_expired_lease_is_not_taken_from_who_is_just_ending_the_task()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        await using var other = Registries.Open(Options);
        await ExpireLeasesAsync();
        var released = -1;
        // As a process that is stopped in the middle of its commit: others go by.
        void Stopped() => released = other.ReleaseExpiredAsync(Cancel).GetAwaiter().GetResult();

        (await Registry.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success), Stopped, Cancel))
            .Should()
            .BeTrue();

        released.Should().Be(0);
        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Success);
    }

    [Fact]
    public async Task An_old_snapshot_makes_ends_read_no_more_than_a_turns_worth_of_dead_entries()
    {
        const int Tasks = 600;
        await Registry.RegisterJobsAsync([.. Enumerable.Range(1, Tasks).Select(n => NewJob($"job-{n}"))], Cancel);
        // The planner is told of a large table, and of an index of current tasks that has nothing in it.
        await ExecuteAsync("VACUUM (ANALYZE) task");
        await using var source = NpgsqlDataSource.Create(Text);
        await using var snapshot = await source.OpenConnectionAsync(Cancel);
        await using var begin = new NpgsqlCommand(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM platform",
            snapshot
        );
        await begin.ExecuteNonQueryAsync(Cancel);
        var session = await BuilderAsync();

        await using (var registry = Registries.Open(Options))
        {
            for (var i = 0; i < Tasks; i++)
            {
                var claim = (await registry.ClaimNextTaskAsync(session, Cancel))!;
                await registry.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success), Cancel);
            }
        }

        // Connections that end write down what they have read.
        await using var read = source.CreateCommand(
            "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE schemaname = current_schema() AND indexrelname = 'task_current'"
        );
        var entries = (long)(await read.ExecuteScalarAsync(Cancel))!;
        entries.Should().BeLessThan(Tasks * 128L, "a turn has 128 tasks; the whole index would be {0}", Tasks * Tasks);
    }
}
