using System.Diagnostics;
using AwesomeAssertions;
using Microsoft.Data.Sqlite;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Registry;

public sealed class SqliteRegistryTests : RegistryContract
{
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-registry-").FullName;

    private string Database => Path.Combine(directory, "registry.db");

    protected override RegistryOptions Options => new() { Connection = $"sqlite:{Database}", OrderAge = TimeSpan.Zero };

    protected override ValueTask CreateDatabaseAsync() => ValueTask.CompletedTask;

    protected override ValueTask DropDatabaseAsync()
    {
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override string Ago(int seconds) => $"(unixepoch() - {seconds}) * 1000";

    protected override string Seconds(int seconds) => $"{seconds * 1000}";

    protected override string False => "0";

    protected override async Task EmptyDatabaseAsync()
    {
        await Registry.DisposeAsync();
        File.Delete(Database);
    }

    protected override Task ExecuteAsync(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=false;Foreign Keys=true");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    protected override Task BreakAsync(string sql) =>
        ExecuteAsync($"PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; {sql}");

    protected override async Task<bool> IsRefusedAsync(string sql)
    {
        try
        {
            await ExecuteAsync(sql);
            return false;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == 19)
        {
            return true;
        }
    }

    [Fact]
    public async Task A_user_who_may_not_write_can_read_while_the_farm_runs_and_while_it_does_not()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to become a user who may not write");
        await Registry.ListPlatformsAsync(Cancel);
        var running = await ReadAsNobodyAsync();
        await Registry.DisposeAsync();
        var stopped = await ReadAsNobodyAsync();

        (running, stopped).Should().Be((0, 0));
        File.Exists($"{Database}-wal").Should().BeFalse("nobody can make it");
    }

    /// <summary>Exit code of <c>pkgforge status</c>, run by a user to whom nothing belongs.</summary>
    private async Task<int> ReadAsNobodyAsync()
    {
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        var configuration = Path.Combine(directory, "pkgforge.yml");
        await File.WriteAllTextAsync(configuration, $"registry: sqlite:{Database}\nspool: {directory}\n", Cancel);
        // A copy: the checkout may be where nobody may look.
        var program = Directory.CreateTempSubdirectory("pkgforge-program-").FullName;
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        using var copy = Process.Start("cp", ["-rT", AppContext.BaseDirectory, program]);
        await copy.WaitForExitAsync(Cancel);
        string[] arguments =
        [
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "dotnet",
            $"{program}/pkgforge.dll",
            "-c",
            configuration,
            "status",
        ];
        using var status = Process.Start("setpriv", arguments);
        await status.WaitForExitAsync(Cancel);
        Directory.Delete(program, recursive: true);
        return status.ExitCode;
    }

    [Fact]
    public async Task Two_processes_worth_of_registries_work_off_one_file_together()
    {
        const int Tasks = 60;
        await using var other = Registries.Open(Options);
        var sessions = new[] { await BuilderAsync("b1"), await BuilderAsync("b2"), await BuilderAsync("b3") };
        var register = Task.Run(
            async () =>
            {
                for (var i = 0; i < Tasks; i++)
                    await other.RegisterJobAsync(NewJob($"job-{i}"), Cancel);
            },
            Cancel
        );

        var done = 0;
        await Task.WhenAll(
            sessions.Select((session, i) => Task.Run(() => WorkAsync(i == 0 ? Registry : other, session), Cancel))
        );
        await register;

        done.Should().Be(Tasks);

        async Task WorkAsync(IRegistry registry, BuilderSession session)
        {
            while (Volatile.Read(ref done) < Tasks)
            {
                if (await registry.ClaimNextTaskAsync(session, Cancel) is not { } claim)
                    continue;
                (await registry.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success), Cancel)).Should().BeTrue();
                Interlocked.Increment(ref done);
            }
        }
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_refused_with_what_to_run_and_not_made()
    {
        var path = Path.Combine(directory, "none.db");
        await using var none = Registries.Open(new() { Connection = $"sqlite:{path}" });

        (
            await FluentActions
                .Awaiting(() => none.CheckSchemaAsync(Cancel))
                .Should()
                .ThrowAsync<RegistrySchemaException>()
        ).WithMessage($"*{path}*pkgforge initserver*");
        File.Exists(path).Should().BeFalse();
    }

    [Fact]
    public async Task A_file_that_stays_locked_is_reported_after_the_timeout()
    {
        await using var hasty = Registries.Open(Options with { Timeout = TimeSpan.FromMilliseconds(100) });
        await using var holder = new SqliteConnection($"Data Source={Database};Pooling=false");
        await holder.OpenAsync(Cancel);
        await using (await holder.BeginTransactionAsync(Cancel))
        {
            (
                await FluentActions
                    .Awaiting(() => hasty.RegisterJobAsync(NewJob("hello"), Cancel))
                    .Should()
                    .ThrowAsync<RegistryUnavailableException>()
            ).WithMessage($"*{Database}*locked by another process*");
            (await hasty.ListPlatformsAsync(Cancel)).Should().HaveCount(2, "readers do not wait for writers");
        }

        (await hasty.RegisterJobAsync(NewJob("hello"), Cancel)).Should().Be(RegisterOutcome.Registered);
    }

    [Fact]
    public async Task A_writer_waits_for_another_process_to_finish()
    {
        await using var holder = new SqliteConnection($"Data Source={Database};Pooling=false");
        await holder.OpenAsync(Cancel);
        var transaction = await holder.BeginTransactionAsync(Cancel);
        var register = Task.Run(() => RegisterAsync("hello"), Cancel);
        await Registry.ListPlatformsAsync(Cancel);
        register.IsCompleted.Should().BeFalse();

        await transaction.RollbackAsync(Cancel);

        (await register).Should().Be(RegisterOutcome.Registered);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_reported_by_name()
    {
        var path = Path.Combine(directory, "text.db");
        await File.WriteAllTextAsync(path, new string('x', 5000), Cancel);
        await using var text = Registries.Open(new() { Connection = $"sqlite:{path}" });

        (
            await FluentActions
                .Awaiting(() => text.ListPlatformsAsync(Cancel))
                .Should()
                .ThrowAsync<RegistryUnavailableException>()
        ).WithMessage($"*{path}*no SQLite database*");
    }

    [Fact]
    public async Task The_wake_file_cannot_spoil_what_it_announces()
    {
        File.Delete($"{Database}.wake");
        Directory.CreateDirectory($"{Database}.wake");

        (await RegisterAsync("hello")).Should().Be(RegisterOutcome.Registered);
    }

    [Fact]
    public async Task Every_commit_is_on_the_disk_and_readers_do_not_stop_writers()
    {
        await using var connection = new SqliteConnection($"Data Source={Database};Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";

        (await command.ExecuteScalarAsync(Cancel)).Should().Be("wal");
    }
}
