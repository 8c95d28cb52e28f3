using AwesomeAssertions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Server.Reporting;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Reporting;

/// <summary>With a real registry and a real mail server.</summary>
public sealed class OutboxTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-outbox-").FullName;
    private readonly SmtpSink sink = new();
    private readonly IRegistry registry;

    public OutboxTests() => registry = Registries.Open(new() { Connection = $"sqlite:{directory}/registry.db" });

    public async ValueTask InitializeAsync() => await registry.MigrateAsync(default);

    [Fact]
    public async Task What_waits_is_sent_once()
    {
        await PutAsync("one");
        await PutAsync("two");
        (await DeliverAsync()).Should().Be(2);
        (await DeliverAsync()).Should().Be(0);
        sink.Messages.Should().HaveCount(2);
        Waiting().Should().Be(0);
    }

    [Fact]
    public async Task What_the_server_does_not_take_stays_and_is_sent_when_it_is_due_again()
    {
        await PutAsync("one");
        sink.Answer = line => line.StartsWith("MAIL") ? "451 later" : null;
        (await DeliverAsync()).Should().Be(0);
        Waiting().Should().Be(1);

        sink.Answer = _ => null;
        (await DeliverAsync()).Should().Be(0, "it is not due yet");
        MakeDue();
        (await DeliverAsync()).Should().Be(1);
        Waiting().Should().Be(0);
    }

    [Fact]
    public async Task A_server_that_is_down_throws_nothing_and_loses_nothing()
    {
        await PutAsync("one");
        var port = sink.Port;
        await sink.DisposeAsync();
        (await DeliverAsync(port)).Should().Be(0);
        Waiting().Should().Be(1);
    }

    [Fact]
    public async Task After_ten_tries_a_mail_is_given_up()
    {
        await PutAsync("one");
        sink.Answer = line => line.StartsWith("MAIL") ? "451 later" : null;
        for (var i = 1; i < Outbox.MostTries; i++)
        {
            await DeliverAsync();
            MakeDue();
        }
        Waiting().Should().Be(1);
        await DeliverAsync();
        Waiting().Should().Be(0);
    }

    [Fact]
    public async Task A_mail_that_the_server_refuses_keeps_no_other_from_being_sent()
    {
        await PutAsync("one", "gone@example.org");
        await PutAsync("two");
        sink.Answer = line => line.Contains("gone@") ? "550 no such user" : null;
        (await DeliverAsync()).Should().Be(1);
        Waiting().Should().Be(1);
    }

    [Fact]
    public async Task A_mail_to_nobody_is_given_up_at_once()
    {
        await PutAsync("one", "no address");
        (await DeliverAsync()).Should().Be(0);
        Waiting().Should().Be(0);
    }

    [Fact]
    public async Task A_registry_that_is_away_throws_nothing()
    {
        await using var away = Registries.Open(
            new() { Connection = "sqlite:/nonexistent/registry.db", Timeout = TimeSpan.FromMilliseconds(100) }
        );
        (await Outbox.DeliverAsync(away, Sender(sink.Port), NullLogger.Instance, default)).Should().Be(0);
    }

    public async ValueTask DisposeAsync()
    {
        await registry.DisposeAsync();
        await sink.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private async Task PutAsync(string id, string to = "a@example.org")
    {
        var job = new RejectedJob(JobId.Parse(id), "ann", DateTimeOffset.UnixEpoch, new('a', 64), "no reason", null);
        var outcome = await registry.RegisterRejectedAsync(
            job with
            {
                Mail = RejectionReport.Render(job, id, [to]),
            },
            default
        );
        outcome.Should().Be(RegisterOutcome.Registered);
    }

    private Task<int> DeliverAsync(int? port = null) =>
        Outbox.DeliverAsync(registry, Sender(port ?? sink.Port), NullLogger.Instance, default);

    private static MailSender Sender(int port) =>
        new(
            new()
            {
                Host = "127.0.0.1",
                Port = port,
                From = "farm@example.org",
            }
        );

    private long Waiting() => Scalar("SELECT count(*) FROM outbox");

    private void MakeDue() => Scalar("UPDATE outbox SET due = 0 RETURNING 1");

    private long Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={directory}/registry.db;Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
