using AwesomeAssertions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Registry;
using PkgForge.Server.Handlers;
using PkgForge.Spool;
using PkgForge.Tests.Jobs;
using Xunit;

namespace PkgForge.Tests.Handlers;

/// <summary>Incoming registers many jobs at once, and one at a time where that is not to be had.</summary>
public sealed class IncomingBatchTests : IAsyncLifetime
{
    private static readonly string OtherSha = new('b', 64);

    private IncomingFarm farm = null!;

    public async ValueTask InitializeAsync() => farm = await IncomingFarm.CreateAsync();

    public ValueTask DisposeAsync() => farm.DisposeAsync();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private void Submit(int jobs)
    {
        for (var i = 1; i <= jobs; i++)
            farm.Submit($"job-{i}");
    }

    [Fact]
    public async Task The_first_job_goes_alone_and_each_transaction_takes_twice_as_many()
    {
        Submit(16);
        await farm.RunAsync();

        // The jobs of a transaction are registered at one time.
        (await farm.JobsAsync())
            .GroupBy(job => job.Registered)
            .OrderBy(batch => batch.Key)
            .Select(batch => batch.Count())
            .Should()
            .Equal(1, 2, 4, 8, 1);
        farm.Entries("incoming").Should().BeEmpty();
        farm.Entries("accepted").Should().HaveCount(16);
    }

    [Fact]
    public async Task A_job_that_cannot_be_registered_stays_and_the_others_of_its_batch_do_not()
    {
        Submit(7);
        await farm.SwitchOffWithAsync("job-6");
        await farm.RunAsync();
        (await farm.JobsAsync())
            .Select(job => job.Id.ToString())
            .Should()
            .BeEquivalentTo("job-1", "job-2", "job-3", "job-4", "job-5", "job-7");
        farm.Entries("incoming").Should().Equal("job-6");

        await farm.EndTroubleAsync();
        await farm.RunAsync();

        (await farm.JobAsync("job-6"))!.State.Should().Be(JobState.Registered);
        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public async Task A_batch_that_was_copied_and_not_registered_is_begun_again()
    {
        Submit(4);
        await farm.ExecuteAsync(
            "CREATE TRIGGER trouble BEFORE INSERT ON job WHEN NEW.id = 'job-3' BEGIN SELECT RAISE(ABORT, 'died'); END"
        );
        await FluentActions.Awaiting(farm.RunAsync).Should().ThrowAsync<SqliteException>();
        farm.Entries("accepted").Should().Equal("job-1", "job-2", "job-3");
        (await farm.JobsAsync()).Should().ContainSingle("a batch is registered whole or not at all");
        var old = File.GetLastWriteTimeUtc($"{farm.Farm.Spool.Accepted.Path}/job-2/a.dummy");

        await farm.EndTroubleAsync();
        await farm.RunAsync();

        (await farm.JobsAsync()).Should().HaveCount(4).And.OnlyContain(job => job.State == JobState.Registered);
        farm.Entries("incoming").Should().BeEmpty();
        File.GetLastWriteTimeUtc($"{farm.Farm.Spool.Accepted.Path}/job-2/a.dummy").Should().BeAfter(old);
    }

    [Fact]
    public async Task A_job_whose_id_is_taken_in_the_last_moment_is_rejected_and_not_lost()
    {
        Submit(1);
        await farm.ExecuteAsync(
            $"""
            CREATE TRIGGER trouble BEFORE INSERT ON job WHEN NEW.id = 'job-1' AND NEW.submitter <> 'other'
            BEGIN
                INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, priority, submitted, registered, state)
                SELECT NEW.id, 'other', NEW.bucket, NEW.scratch, NEW.sources, '{OtherSha}', 0, NEW.submitted, NEW.registered, NEW.state;
            END
            """
        );
        await farm.RunAsync();

        var jobs = await farm.JobsAsync();
        jobs.Should().HaveCount(2);
        jobs.Single(job => job.Id.ToString() != "job-1").Reason.Should().Contain("'job-1' is already used");
        farm.Entries("accepted").Should().BeEmpty();
        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public async Task Incoming_waits_for_the_one_at_work_and_goes_on_when_that_one_ends()
    {
        var other = FileLock.TryTake($"{farm.Farm.Spool.Accepted.Path}/.incoming.lock")!;
        await using var incoming = new Incoming(farm.Farm);
        await incoming.StartAsync(Cancel);
        Submit(1);
        (await incoming.RunPassAsync(Cancel)).Should().BeFalse();
        var wait = incoming.WaitAsync(Cancel);
        wait.IsCompleted.Should().BeFalse("the other one is at it, however much there is to wake up for");
        other.Dispose();

        await wait.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        await incoming.RunPassAsync(Cancel);

        (await farm.JobsAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task What_waits_in_incoming_can_be_withdrawn_with_what_a_dead_pass_has_copied()
    {
        Submit(1);
        Directory.CreateDirectory($"{farm.Farm.Spool.Accepted.Path}/job-1");
        FileLock.TryTake($"{farm.Farm.Spool.Accepted.Path}/.incoming.lock")!.Dispose();

        (await new Withdrawal(farm.Farm).RunAsync(JobId.Parse("job-1"), Cancel)).Should().BeTrue();
        (await new Withdrawal(farm.Farm).RunAsync(JobId.Parse("job-1"), Cancel)).Should().BeFalse();

        farm.Entries("incoming").Should().BeEmpty();
        farm.Entries("accepted").Should().BeEmpty();
    }

    [Fact]
    public async Task A_job_is_withdrawn_only_when_the_pass_that_may_be_at_it_has_ended()
    {
        Submit(1);
        var other = FileLock.TryTake($"{farm.Farm.Spool.Accepted.Path}/.incoming.lock")!;
        var withdrawal = new Withdrawal(farm.Farm).RunAsync(JobId.Parse("job-1"), Cancel);
        withdrawal.IsCompleted.Should().BeFalse();
        farm.Entries("incoming").Should().BeEmpty("no other pass is to begin with it");
        other.Dispose();

        (await withdrawal.WaitAsync(TimeSpan.FromSeconds(30), Cancel)).Should().BeTrue();
    }

    [Fact]
    public void A_batch_is_due_by_number_by_time_and_by_the_size_of_its_manifests()
    {
        var time = new FakeTimeProvider();
        var batch = new RegistrationBatch(time);
        var sizes = new List<int>();
        for (var i = 0; i < 9; i++)
        {
            for (var j = 0; !batch.IsDue; j++)
                batch.Add(Some($"job-{i}-{j}"), 1000);
            batch.Contains(JobId.Parse($"job-{i}-0")).Should().BeTrue();
            sizes.Add(batch.Take().Count);
            batch.Contains(JobId.Parse($"job-{i}-0")).Should().BeFalse();
        }
        sizes.Should().Equal(1, 2, 4, 8, 16, 32, 64, 100, 100);

        batch.Add(Some("large"), Manifest.MaxBytes);
        batch.IsDue.Should().BeTrue();
        batch.Take();
        batch.Add(Some("old"), 1000);
        batch.IsDue.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        batch.IsDue.Should().BeTrue();
    }

    private static AcceptedJob Some(string id) =>
        new(null!, null!, new(SomeJob.With() with { Id = JobId.Parse(id) }, "", []), []);
}
