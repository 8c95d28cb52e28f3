using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class BuilderFarmContract
{
    [Fact]
    public async Task A_builder_gets_its_name_and_the_farms_terms()
    {
        var builder = await AttachAsync();

        builder.Session.Should().BeEquivalentTo(new { Builder = "b1", Platform = FarmUnderTest.Dummy });
        builder.Post.Heartbeat.Should().Be(Site.Farm.Configuration.Heartbeat);
        (await Site.Registry.ListBuildersAsync(Cancel))
            .Single(one => one.Name == "b1")
            .Should()
            .BeEquivalentTo(new { Running = true, Host = "one" });
    }

    [Fact]
    public async Task A_name_that_another_host_holds_is_refused_and_the_host_is_named()
    {
        var first = await AttachAsync();

        var second = () => AttachAsync(host: "two");

        await second.Should().ThrowAsync<BuilderRefusedException>().WithMessage("*'b1' runs on one*");
        (await first.Farm.ClaimAsync(first.Session, Cancel)).Should().BeNull("the first goes on unharmed");
    }

    [Fact]
    public async Task The_repositories_of_the_buckets_are_there_once_a_builder_of_the_platform_is()
    {
        await AttachAsync("d1");

        File.Exists($"{Site.Repository("main").Directory}/dists/bookworm/Release").Should().BeTrue();
        File.Exists($"{Site.Repository("other").Directory}/dists/bookworm/Release").Should().BeTrue();
    }

    [Fact]
    public async Task A_process_that_has_lost_its_name_is_refused_when_it_claims()
    {
        var first = await AttachAsync();
        await AttachAsync();
        await Site.RegisterAsync("job-1");

        await first
            .Farm.Awaiting(farm => farm.ClaimAsync(first.Session, Cancel))
            .Should()
            .ThrowAsync<BuilderRefusedException>()
            .WithMessage("*b1*taken over*");
        (await Site.TaskAsync("job-1")).State.Should().Be(BuildTaskState.NeedsBuild);
    }

    [Fact]
    public async Task A_process_that_loses_its_name_while_it_waits_is_told_so()
    {
        var first = await AttachAsync();
        await first.Farm.ClaimAsync(first.Session, Cancel);
        var wait = first.WaitAsync();

        await AttachAsync();

        await FluentActions.Awaiting(() => wait).Should().ThrowAsync<BuilderRefusedException>().WithMessage("*b1*");
    }

    [Fact]
    public async Task What_an_earlier_process_of_the_host_has_left_is_put_back()
    {
        await HoldAsync();

        var next = await AttachAsync();

        (await Site.TaskAsync("job-1"))
            .Should()
            .BeEquivalentTo(
                new { State = BuildTaskState.NeedsBuild, Attempts = new[] { new { Outcome = AttemptOutcome.Lost } } }
            );
        (await next.ClaimAsync()).Attempt.Should().Be(2);
    }

    [Fact]
    public async Task A_name_that_is_given_back_is_another_hosts_at_once_and_its_task_anybodys()
    {
        var (builder, _) = await HoldAsync();

        await builder.Farm.DetachAsync(builder.Session, Cancel);
        await builder.Farm.DetachAsync(builder.Session, Cancel);

        (await Site.TaskAsync("job-1")).State.Should().Be(BuildTaskState.NeedsBuild);
        (await AttachAsync(host: "two")).Session.Number.Should().BeGreaterThan(builder.Session.Number);
    }
}
