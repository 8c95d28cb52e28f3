using System.Diagnostics;
using AwesomeAssertions;
using Npgsql;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Sql;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>A registry of the first version that is brought up to this one, while others work with it.</summary>
public sealed class PostgresMigrationTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IAsyncLifetime
{
    private const int Jobs = 300;

    private readonly string schema = $"migration_{Guid.NewGuid():N}";
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-migration-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Text => database.ConnectionString(schema);

    public async ValueTask InitializeAsync()
    {
        await ExecuteAsync($"CREATE SCHEMA {schema}");
        var first = Migrations.Of("Postgres")[0];
        await ExecuteAsync(
            $"""
            CREATE TABLE migration (name text PRIMARY KEY, sha256 text NOT NULL, applied timestamptz NOT NULL);
            INSERT INTO migration VALUES ('{first.Name}', '{first.Sha256}', now());
            {first.Sql}
            """
        );
        await ExecuteAsync(Fill);
    }

    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync($"DROP SCHEMA {schema} CASCADE");
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Jobs that wait, three that are being built, one of each end.</summary>
    private static readonly string Fill = $"""
        INSERT INTO platform (key, name, architecture, format, active, auto) VALUES ('bookworm-amd64', 'bookworm', 'amd64', 'debian', true, true);
        INSERT INTO builder (name, platform, session, held, host, last_seen) SELECT 'b' || i, 1, i, true, 'one', now() FROM generate_series(1, 3) i;
        INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, priority, submitted, registered, ended, state)
        SELECT 'job-' || i, 'user-' || i % 5, 'main', false, '["hello.dsc"]', repeat('a', 64), i % 7 - 3, now(), now(),
               CASE WHEN i > {Jobs} THEN now() END,
               CASE WHEN i <= 3 THEN 4 WHEN i <= {Jobs} THEN 3 ELSE i - {Jobs} + 4 END
        FROM generate_series(1, {Jobs} + 2) i;
        INSERT INTO task (job, platform, priority, state, lease, builder, lease_expires)
        SELECT number, 1, priority, CASE WHEN number <= 3 THEN 12 WHEN number <= {Jobs} THEN 11 ELSE number - {Jobs} + 12 END,
               CASE WHEN number <= 3 OR number > {Jobs} THEN 1 ELSE 0 END, CASE WHEN number <= 3 THEN number END,
               CASE WHEN number <= 3 THEN now() + interval '1 h' END
        FROM job ORDER BY number;
        INSERT INTO attempt (task, number, builder, session, outcome, started, ended, cause)
        SELECT id, 1, 'b1', CASE WHEN state = 12 THEN builder ELSE 1 END, state - 12, now(), CASE WHEN state > 12 THEN now() END,
               CASE WHEN state = 14 THEN 'compile' END
        FROM task WHERE state >= 12;
        INSERT INTO product (task, file_name, size, sha256) SELECT id, 'a.deb', 1, repeat('b', 64) FROM task WHERE state = 13;
        """;

    [Fact]
    public async Task A_program_that_finds_the_schema_of_an_older_one_says_what_to_run()
    {
        await using var registry = Open();

        var calls = new Func<Task>[]
        {
            () => registry.CheckSchemaAsync(Cancel),
            () => registry.ListBuildersAsync(Cancel),
            () => registry.ClaimNextTaskAsync(new("b1", new("bookworm", "amd64"), 1), Cancel),
        };
        foreach (var call in calls)
            await call.Should().ThrowAsync<RegistrySchemaException>().WithMessage("*pkgforge initserver*");
    }

    [Fact]
    public async Task Two_processes_migrate_while_a_third_claims_and_nothing_is_lost()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var claiming = Task.Run(() => ClaimAsOnceAsync(stop.Token), Cancel);

        var outputs = await Task.WhenAll(InitserverAsync("one"), InitserverAsync("two"));

        await stop.CancelAsync();
        var claimed = await claiming;
        string.Concat(outputs)
            .Split("applied 0002_many_machines")
            .Should()
            .HaveCount(2, "one of the two has applied it");
        await using var registry = Open();
        await registry.CheckSchemaAsync(Cancel);
        (await registry.CheckAsync(Cancel)).Should().BeEmpty();
        var jobs = await registry.ListKeptAsync(0, 1000, Cancel);
        jobs.Should().HaveCount(Jobs + 2);
        jobs.Count(job => job.Ended).Should().Be(2 + claimed);
        (await registry.AttachBuilderAsync("b2", "one", Cancel)).Session.Should().NotBeNull();
    }

    /// <summary>Claims a task and ends it, as the program did to which that schema belongs, until it cannot any more.</summary>
    private async Task<int> ClaimAsOnceAsync(CancellationToken cancel)
    {
        for (var claimed = 0; ; claimed++)
        {
            try
            {
                await ExecuteAsync(
                    """
                    BEGIN;
                    WITH claimed AS (
                        UPDATE task SET state = 14, lease = lease + 1
                        WHERE id = (SELECT id FROM task WHERE state = 11 ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED)
                        RETURNING id, job, lease)
                    INSERT INTO attempt (task, number, builder, session, outcome, started, ended, cause)
                    SELECT id, lease, 'b1', 1, 2, now(), now(), 'compile' FROM claimed;
                    UPDATE job SET state = 6, ended = now()
                    WHERE state = 3 AND EXISTS (SELECT 1 FROM task WHERE task.job = job.number AND task.state = 14);
                    COMMIT
                    """
                );
            }
            catch (PostgresException e) when (e.SqlState is "42703" or "40P01")
            {
                // The column is gone; or it met the migration, which has won.
                if (e.SqlState == "42703")
                    return claimed;
                claimed--;
            }
            if (cancel.IsCancellationRequested)
                return claimed + 1;
        }
    }

    /// <summary>A process of its own that migrates.</summary>
    private async Task<string> InitserverAsync(string process)
    {
        var farm = Path.Combine(directory, process);
        var configuration = Path.Combine(directory, $"{process}.yml");
        await File.WriteAllTextAsync(
            configuration,
            $"registry: 'postgres:{Text}'\nspool: {farm}/spool\nwork: {farm}/work\nrepositories: {farm}/buckets\nuser: root\nsubmitters: root\n",
            Cancel
        );
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "pkgforge.dll"), "-c", configuration, "initserver"]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var initserver = Process.Start(start)!;
        var error = initserver.StandardError.ReadToEndAsync(Cancel);
        var output = await initserver.StandardOutput.ReadToEndAsync(Cancel);
        await initserver.WaitForExitAsync(Cancel);
        initserver.ExitCode.Should().Be(0, "it says: {0}{1}", output, await error);
        return output;
    }

    private IRegistry Open() => Registries.Open(new() { Connection = $"postgres:{Text}" });

    private Task ExecuteAsync(string sql) => PostgresCluster.ExecuteAsync(Text, sql);
}
