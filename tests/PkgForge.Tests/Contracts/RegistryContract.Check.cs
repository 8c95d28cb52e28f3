using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    /// <summary>Runs a statement past the registry and past the constraints of the tables.</summary>
    protected abstract Task BreakAsync(string sql);

    [Fact]
    public async Task A_registry_in_every_state_holds_no_contradiction()
    {
        (await Registry.CheckAsync(Cancel)).Should().BeEmpty("nothing is in it");

        await FillAsync();

        (await Registry.CheckAsync(Cancel)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("UPDATE job SET state = 5, ended = registered WHERE id = 'waiting'", "job waiting is 'successful'")]
    [InlineData("UPDATE job SET state = 6 WHERE id = 'done'", "job done is 'failed'*1 succeeded")]
    [InlineData("UPDATE job SET state = 3, ended = NULL WHERE id = 'done'", "job done is 'registered'")]
    [InlineData("DELETE FROM task WHERE id = (SELECT max(id) FROM task)", "job behind is 'registered'*0 in all")]
    [InlineData("UPDATE job SET ended = NULL WHERE id = 'done'", "job done is 'successful' and has no time")]
    [InlineData("UPDATE job SET ended = registered WHERE id = 'waiting'", "job waiting is 'registered' and has a time")]
    [InlineData(
        "UPDATE job SET state = 2 WHERE id = 'waiting'",
        "job waiting was rejected and has a task on bookworm-amd64"
    )]
    [InlineData(
        "UPDATE task SET claimed = NULL WHERE state = 12",
        "(job building on bookworm-amd64) is being built and lacks the time of its claim"
    )]
    [InlineData("UPDATE task SET session = NULL WHERE state = 12", "lacks the session that claimed it")]
    [InlineData("UPDATE task SET builder = NULL WHERE state = 12", "(job building on *lacks a builder")]
    [InlineData(
        "UPDATE task SET lease_expires = claimed WHERE state = 12; UPDATE task SET state = 11 WHERE state = 12",
        "(job building on bookworm-amd64) is not being built and has a builder"
    )]
    [InlineData(
        "UPDATE builder SET platform = (SELECT id FROM platform WHERE name = 'f43') WHERE held",
        "(job building on *builder b1, which builds another platform"
    )]
    [InlineData("DELETE FROM builder WHERE name = 'b1'", "(job building on *a builder that is not there")]
    [InlineData("UPDATE builder SET session = session + 1 WHERE name = 'b1'", "(job building on *whose session is")]
    [InlineData("UPDATE builder SET held = (1 = 0) WHERE name = 'b1'", "(job building on *and ended")]
    [InlineData(
        "UPDATE attempt SET outcome = 4 WHERE outcome = 1",
        "(job done on bookworm-amd64) is 'success' and its last attempt has outcome 4"
    )]
    [InlineData("DELETE FROM attempt WHERE outcome = 2", "(job failed on *is 'fail' and has no attempt 1")]
    [InlineData(
        "UPDATE attempt SET number = 7 WHERE outcome = 2",
        "(job failed on *the attempts 1 to 1 and has 1, the last of them 7"
    )]
    [InlineData(
        "INSERT INTO attempt (task, number, builder, session, outcome, started, ended) SELECT id, lease, 'b1', 1, 4, claimed, claimed FROM task WHERE state = 12",
        "(job building on *the attempts 1 to 0 and has 1"
    )]
    [InlineData(
        "UPDATE product SET task = (SELECT min(id) FROM task WHERE state = 14)",
        "(job failed on *is 'fail' and has the product hello_2.10-3_amd64.deb"
    )]
    [InlineData(
        "UPDATE lane SET bucket = 'other'",
        "(job waiting on *which is not that of its platform, priority 0, submitter ada and bucket main"
    )]
    [InlineData(
        "UPDATE lane SET priority = 1 WHERE id = (SELECT lane FROM task WHERE state = 12)",
        "(job building on *is in lane"
    )]
    [InlineData(
        "UPDATE lane SET first_rank = 0, first_id = 1000",
        "(job waiting on bookworm-amd64) waits before the head of its lane"
    )]
    [InlineData(
        "UPDATE task SET blocked = 0 WHERE blocked = 1",
        "(job behind on *waits for 0 tasks of other jobs, and there are 1"
    )]
    [InlineData(
        "UPDATE task SET blocked = 1 WHERE job = (SELECT number FROM job WHERE id = 'waiting')",
        "(job waiting on *waits for 1 tasks of other jobs, and there are 0"
    )]
    [InlineData(
        "INSERT INTO refusal (task, builder, reason, refused) SELECT id, 'b1', 'no', claimed FROM task WHERE state = 12",
        "(job building on *was refused by 1 builders and is counted as refused by 0"
    )]
    [InlineData("UPDATE outbox SET recipients = '{}'", "mail 1 in the outbox holds a list")]
    [InlineData("UPDATE outbox SET headers = '[1]'", "mail 1 in the outbox holds a list")]
    [InlineData("UPDATE job SET sources = '[1]' WHERE id = 'done'", "job done holds a list")]
    public async Task A_contradiction_is_found_and_named(string sql, string sentence)
    {
        await FillAsync();

        await BreakAsync(sql);

        (await Registry.CheckAsync(Cancel)).Should().ContainMatch($"*{sentence}*");
    }

    [Fact]
    public async Task No_more_than_a_thousand_contradictions_are_told()
    {
        var jobs = Enumerable.Range(0, 700).Select(i => NewJob($"job-{i}")).ToList();
        await Registry.RegisterJobsAsync(jobs, Cancel);

        await BreakAsync("UPDATE job SET ended = registered, sources = '{}'");

        (await Registry.CheckAsync(Cancel)).Should().HaveCount(1000);
    }

    [Fact]
    public async Task What_the_spool_must_hold_is_listed_page_by_page()
    {
        await FillAsync();

        var first = await Registry.ListKeptAsync(0, 2, Cancel);
        var second = await Registry.ListKeptAsync(first[^1].Number, 1000, Cancel);

        first.Select(job => $"{job.Id}").Should().Equal("done", "failed");
        second.Select(job => $"{job.Id}").Should().Equal("cancelled", "building", "waiting", "behind");
        first[0].Should().BeEquivalentTo(new { ManifestSha256 = Sha, Ended = true });
        first[0].Products.Should().Equal(new KeptProduct(Bookworm, 1, new("hello_2.10-3_amd64.deb", 53_000, OtherSha)));
        second.Should().OnlyContain(job => job.Products.Count == 0);
        (await Registry.ListKeptAsync(second[^1].Number, 1000, Cancel)).Should().BeEmpty();
    }

    /// <summary>Jobs and tasks in every state, with a mail, a rejected job, a chain.</summary>
    private async Task FillAsync()
    {
        var mail = new OutgoingMail(["ada@example.org"], "ok", new Dictionary<string, string>(), "body");
        var builder = await BuilderAsync();
        await RegisterAsync("done");
        await Registry.FinishTaskAsync((await ClaimAsync(builder)).Lease, Result(BuildTaskState.Success, mail), Cancel);
        await RegisterAsync("failed");
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Fail);
        await RegisterAsync("cancelled");
        await Registry.CancelAsync(JobId.Parse("cancelled"), null, Cancel);
        await RegisterAsync("building");
        await ClaimAsync(builder);
        await RegisterAsync("waiting");
        var behind = NewJob("behind");
        await Registry.RegisterJobAsync(
            behind with
            {
                Job = behind.Job with { After = [JobId.Parse("waiting")] },
            },
            Cancel
        );
        var rejected = new RejectedJob(JobId.Parse("bad"), "ada", DateTimeOffset.UnixEpoch, Sha, "no sources", null);
        await Registry.RegisterRejectedAsync(rejected, Cancel);
    }
}
