using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Tests.Publishing;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class BuilderFarmContract
{
    [Fact]
    public async Task The_products_of_a_success_are_in_its_bucket_and_the_log_says_where()
    {
        var (builder, task) = await HoldDebianAsync();
        var hello = await SomePackage.DebAsync(Site.Root, "hello", "1.0", "one");
        var product = await builder.HandOverAsync(task, hello.Path);

        (await builder.FinishAsync(task, Success(product))).State.Should().Be(BuildTaskState.Success);

        Site.Published("main").Should().Equal("hello_1.0_amd64.deb");
        (await Site.LogTextAsync(task, Cancel))
            .Should()
            .Contain("==> ")
            .And.Contain("published in bucket main, snapshot 2: ");
    }

    [Theory]
    [InlineData("a fail")]
    [InlineData("a scratch job")]
    [InlineData("a lost lease")]
    public async Task Nothing_is_published_of(string what)
    {
        var (builder, task) = await HoldDebianAsync(scratch: what == "a scratch job");
        var hello = await SomePackage.DebAsync(Site.Root, "hello", "1.0", "one");
        var product = await builder.HandOverAsync(task, hello.Path);
        if (what == "a lost lease")
            await Site.ExecuteAsync("UPDATE task SET lease = lease + 1");

        await builder.FinishAsync(task, what == "a fail" ? Fail : Success(product));

        Site.Published("main").Should().BeEmpty();
    }

    [Fact]
    public async Task What_the_bucket_refuses_makes_the_success_a_fail_also_when_it_is_told_again()
    {
        var (builder, task) = await HoldDebianAsync();
        var garbage = SomePackage.Garbage(Site.Root, "hello_1.0_amd64.deb");
        var product = await builder.HandOverAsync(task, garbage.Path);

        var outcome = await builder.FinishAsync(task, Success(product));

        outcome.State.Should().Be(BuildTaskState.Fail);
        outcome.Message.Should().Contain("hello_1.0_amd64.deb");
        var attempt = (await Site.TaskAsync("job-1")).Attempts.Single();
        (attempt.Cause, attempt.Message).Should().Be((Cause.Packaging, outcome.Message));
        (await Site.ProductsAsync()).Should().Be(0);
        Site.Published("main").Should().BeEmpty();
        var log = await Site.LogTextAsync(task, Cancel);
        log.Should().Contain($"failed: packaging: {outcome.Message}\n").And.EndWith("job-1 on bookworm-amd64: fail\n");
        (await builder.FinishAsync(task, Success(product))).Should().Be(outcome);
        (await Site.LogTextAsync(task, Cancel)).Should().Be(log);
    }

    private async Task<(Builder Builder, ClaimedTask Task)> HoldDebianAsync(bool scratch = false)
    {
        var builder = await AttachAsync("d1");
        await Site.RegisterAsync("job-1", change: job => job with { Platforms = ["bookworm"], Scratch = scratch });
        return (builder, await builder.ClaimAsync());
    }
}
