using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Sql;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    /// <summary>Brings the database back to what it was before any migration.</summary>
    protected abstract Task EmptyDatabaseAsync();

    [Fact]
    public async Task Migrating_again_changes_nothing()
    {
        (await Registry.MigrateAsync(Cancel)).Should().BeEmpty();
        await Registry.CheckSchemaAsync(Cancel);
    }

    [Fact]
    public async Task Of_many_that_migrate_at_once_one_does_the_work()
    {
        await EmptyDatabaseAsync();
        var applied = await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        await using var registry = Registries.Open(Options);
                        return await registry.MigrateAsync(Cancel);
                    })
                )
        );

        applied
            .SelectMany(names => names)
            .Should()
            .Equal(
                "0001_registry",
                "0002_many_machines",
                "0003_access",
                "0004_packages",
                "0005_identities",
                "0006_job_filters"
            );
        await using var check = Registries.Open(Options);
        await check.CheckSchemaAsync(Cancel);
    }

    [Fact]
    public async Task An_empty_database_is_refused_with_what_to_run()
    {
        await EmptyDatabaseAsync();
        await using var empty = Registries.Open(Options);

        await FluentActions
            .Awaiting(() => empty.CheckSchemaAsync(Cancel))
            .Should()
            .ThrowAsync<RegistrySchemaException>()
            .WithMessage("*pkgforge initserver*");
        await FluentActions
            .Awaiting(() => empty.ListPlatformsAsync(Cancel))
            .Should()
            .ThrowAsync<RegistrySchemaException>()
            .WithMessage("*pkgforge initserver*");
    }

    [Fact]
    public async Task A_schema_that_lacks_a_migration_is_refused_with_what_to_run()
    {
        await ExecuteAsync("DELETE FROM migration");

        await FluentActions
            .Awaiting(() => Registry.CheckSchemaAsync(Cancel))
            .Should()
            .ThrowAsync<RegistrySchemaException>()
            .WithMessage("*0001_registry*pkgforge initserver*");
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await ExecuteAsync($"INSERT INTO migration VALUES ('9999_future', 'x', {Ago(0)})");

        await FluentActions
            .Awaiting(() => Registry.CheckSchemaAsync(Cancel))
            .Should()
            .ThrowAsync<RegistrySchemaException>()
            .WithMessage("*newer*9999_future*");
        await FluentActions
            .Awaiting(() => Registry.MigrateAsync(Cancel))
            .Should()
            .ThrowAsync<RegistrySchemaException>();
    }

    [Fact]
    public async Task A_migration_whose_text_has_changed_is_refused()
    {
        await ExecuteAsync("UPDATE migration SET sha256 = 'other'");

        await FluentActions
            .Awaiting(() => Registry.MigrateAsync(Cancel))
            .Should()
            .ThrowAsync<RegistrySchemaException>()
            .WithMessage("*0001_registry*another text*");
    }

    [Fact]
    public void Both_databases_have_the_same_migrations() =>
        Migrations
            .Of("Sqlite")
            .Select(migration => migration.Name)
            .Should()
            .NotBeEmpty()
            .And.Equal(Migrations.Of("Postgres").Select(migration => migration.Name));

    [Fact]
    public async Task The_states_have_the_numbers_of_the_enums()
    {
        foreach (var state in Enum.GetValues<JobState>())
            (
                await IsRefusedAsync(
                    $"INSERT INTO state (id, kind, name, final) VALUES ({(int)state}, 'job', 'x', {False})"
                )
            )
                .Should()
                .BeTrue();
        foreach (var state in Enum.GetValues<BuildTaskState>())
            (
                await IsRefusedAsync(
                    $"INSERT INTO state (id, kind, name, final) VALUES ({(int)state}, 'task', 'x', {False})"
                )
            )
                .Should()
                .BeTrue();
        (await IsRefusedAsync("UPDATE state SET name = 'needs build' WHERE id = 15")).Should().BeTrue();
        States.Waiting.Should().Be($"{(int)BuildTaskState.NeedsBuild}");
        States.Building.Should().Be($"{(int)BuildTaskState.Building}");
        States.Success.Should().Be($"{(int)BuildTaskState.Success}");
        States.Fail.Should().Be($"{(int)BuildTaskState.Fail}");
        States.Cancelled.Should().Be($"{(int)BuildTaskState.Cancelled}");
        States.Accepted.Should().Be($"{(int)AttemptOutcome.Success}");
    }

    /// <summary>Rows that the program never writes, and that the database must not take from anybody.</summary>
    [Theory]
    [InlineData("UPDATE task SET state = 12 WHERE state = 11")]
    [InlineData("UPDATE task SET state = 13, lease = 0 WHERE state = 11")]
    [InlineData("UPDATE task SET state = 11 WHERE state = 12")]
    [InlineData("UPDATE task SET builder = NULL WHERE state = 12")]
    [InlineData("UPDATE task SET lease_expires = NULL WHERE state = 12")]
    [InlineData("UPDATE task SET lease = -1 WHERE state = 11")]
    [InlineData("UPDATE task SET faults = -1")]
    [InlineData("UPDATE task SET cancel_requested = TRUE WHERE state = 11")]
    [InlineData("UPDATE task SET state = 3 WHERE state = 11")]
    [InlineData("UPDATE task SET platform = 99 WHERE state = 11")]
    [InlineData("UPDATE job SET state = 1")]
    [InlineData("UPDATE job SET state = 11")]
    [InlineData("UPDATE job SET state = 5 WHERE id = 'waiting'")]
    [InlineData("UPDATE job SET ended = registered WHERE id = 'waiting'")]
    [InlineData("UPDATE job SET ended = NULL WHERE id = 'done'")]
    [InlineData("UPDATE job SET state = 2 WHERE id = 'done'")]
    [InlineData("UPDATE job SET reason = 'x' WHERE id = 'done'")]
    [InlineData("UPDATE job SET id = '.x' WHERE id = 'done'")]
    [InlineData("UPDATE job SET id = 'a/b' WHERE id = 'done'")]
    [InlineData("UPDATE job SET id = 'waiting' WHERE id = 'done'")]
    [InlineData("UPDATE job SET manifest_sha256 = 'A' WHERE id = 'done'")]
    [InlineData("UPDATE attempt SET ended = NULL WHERE outcome = 1")]
    [InlineData("UPDATE attempt SET cause = 'compile' WHERE outcome = 1")]
    [InlineData("UPDATE attempt SET outcome = 2 WHERE outcome = 1")]
    [InlineData("UPDATE attempt SET number = 0")]
    [InlineData("INSERT INTO attempt SELECT * FROM attempt")]
    [InlineData("UPDATE product SET task = 99")]
    [InlineData("UPDATE task SET blocked = -1")]
    [InlineData("UPDATE task SET lane = 99")]
    [InlineData("UPDATE lane SET priority = 2")]
    [InlineData("UPDATE builder SET quarantine = 'x'")]
    [InlineData("INSERT INTO cap (kind, name, tasks) VALUES ('host', 'x', 1)")]
    [InlineData("INSERT INTO job_after (job, after) SELECT max(number), max(number) FROM job")]
    [InlineData("INSERT INTO token (sha256, kind, builder, created) SELECT 'x', 'builder', 1, last_seen FROM builder")]
    [InlineData("UPDATE product SET size = -1")]
    [InlineData("UPDATE product SET sha256 = 'AAAA'")]
    [InlineData("UPDATE product SET file_name = '../x'")]
    [InlineData("UPDATE platform SET name = 'a b', key = 'a b-amd64' WHERE architecture = 'amd64'")]
    [InlineData("UPDATE platform SET key = 'x'")]
    [InlineData("UPDATE platform SET format = 'tar'")]
    [InlineData("DELETE FROM platform")]
    [InlineData("DELETE FROM builder WHERE name = 'b1'")]
    [InlineData("UPDATE builder SET host = NULL WHERE held")]
    [InlineData("UPDATE outbox SET tries = -1")]
    public async Task The_database_takes_no_impossible_row(string sql)
    {
        var builder = await BuilderAsync();
        await RegisterAsync("done");
        var mail = new OutgoingMail(["ada@example.org"], "ok", new Dictionary<string, string>(), "body");
        var done = await ClaimAsync(builder);
        await Registry.FinishTaskAsync(done.Lease, Result(BuildTaskState.Success, mail), Cancel);
        await RegisterAsync("building");
        await ClaimAsync(builder);
        await RegisterAsync("waiting");

        (await IsRefusedAsync(sql)).Should().BeTrue();
    }

    [Fact]
    public async Task A_builder_has_one_current_task()
    {
        await RegisterAsync("one");
        await RegisterAsync("two");
        await ClaimAsync(await BuilderAsync("b1"));
        await ClaimAsync(await BuilderAsync("b2"));

        (await IsRefusedAsync("UPDATE task SET builder = (SELECT min(id) FROM builder)")).Should().BeTrue();
    }

    [Fact]
    public async Task Zap_deletes_jobs_and_keeps_platforms_and_builders()
    {
        await RegisterAsync("hello");
        var mail = new OutgoingMail(["ada@example.org"], "ok", new Dictionary<string, string>(), "body");
        var claim = await ClaimAsync(await BuilderAsync());
        await Registry.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success, mail), Cancel);
        await RegisterAsync("world");
        var old = await ClaimAsync(await BuilderAsync("b2"));
        (await Registry.CountAsync(Cancel))
            .Should()
            .BeEquivalentTo(
                new Dictionary<string, long>
                {
                    ["job"] = 2,
                    ["task"] = 2,
                    ["attempt"] = 1,
                    ["refusal"] = 0,
                    ["job_after"] = 0,
                    ["lane"] = 1,
                    ["submitter"] = 1,
                    ["product"] = 1,
                    ["outbox"] = 1,
                    ["package"] = 2,
                    ["job_package"] = 4,
                    ["published"] = 0,
                    ["day_sum"] = 0,
                }
            );

        await Registry.ZapAsync(Cancel);

        (await Registry.CountAsync(Cancel)).Values.Should().OnlyContain(count => count == 0);
        (await Registry.ListPlatformsAsync(Cancel)).Should().HaveCount(2);
        (await Registry.ListBuildersAsync(Cancel)).Should().HaveCount(2);
        await RegisterAsync("new");
        (await ClaimAsync(await BuilderAsync("b3"))).Lease.TaskId.Should().BeGreaterThan(old.Lease.TaskId);
    }
}
