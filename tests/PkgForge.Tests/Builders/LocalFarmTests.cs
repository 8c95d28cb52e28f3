using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server;
using PkgForge.Server.Builders;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Builders;

/// <summary>The farm on the builders' own machine: one object serves them all.</summary>
public sealed class LocalFarmTests : BuilderFarmContract
{
    private LocalFarm? local;

    protected override Task<IBuilderFarm> OpenAsync(string builder) =>
        Task.FromResult<IBuilderFarm>(local ??= new(Site.Farm));

    [Fact]
    public async Task A_builder_that_nobody_has_added_is_refused() =>
        await FluentActions
            .Awaiting(() => AttachAsync("nobody"))
            .Should()
            .ThrowAsync<BuilderRefusedException>()
            .WithMessage("*no builder 'nobody'*pkgforge builder add*");

    [Fact]
    public async Task A_manifest_that_cannot_be_read_is_the_farms_fault_and_is_named()
    {
        var (builder, task) = await HoldAsync();
        await File.WriteAllTextAsync($"{Site.Farm.Spool.Accepted.PathOf(task.Job)}/job.yml", "nonsense", Cancel);

        await builder
            .Farm.Awaiting(farm => farm.FetchAsync(task, builder.Directory, Cancel))
            .Should()
            .ThrowAsync<FarmFaultException>()
            .WithMessage("*job-1*");
        (await builder.FinishAsync(task, Fail)).State.Should().NotBeNull("a fail needs no manifest");
    }

    [Fact]
    public async Task A_link_is_no_product()
    {
        var (builder, task) = await HoldAsync();
        await using var store = await builder.OpenStoreAsync(task);
        var secret = builder.Make("secret", "x"u8);
        var link = builder.Make("a.txt", []);
        File.Delete(link);
        File.CreateSymbolicLink(link, secret);

        await store.Awaiting(one => one.KeepProductAsync(link, Cancel)).Should().ThrowAsync<IOException>();
    }

    /// <summary>The registry has forgotten that it gave the number once: it crashed within a second, or comes out of a backup.</summary>
    [Fact]
    public async Task A_number_that_was_begun_before_is_put_back_for_the_next()
    {
        await Site.RegisterAsync("job-1", "print a");
        var results = Site.Farm.Spool.Results;
        var forgotten = results.Open(JobId.Parse("job-1"), FarmUnderTest.Dummy, 1);
        await File.WriteAllTextAsync(forgotten.Log, "of another\n", Cancel);
        var builder = await AttachAsync();

        var task = await builder.ClaimAsync();
        await using (var store = await builder.OpenStoreAsync(task))
            await File.WriteAllTextAsync(store.LogPath, "mine\n", Cancel);

        task.Attempt.Should().Be(2);
        var attempts = (await Site.Registry.FindJobAsync(task.Job, Cancel))!.Tasks[0].Attempts;
        attempts.Select(attempt => attempt.Outcome).Should().Equal(AttemptOutcome.Interrupted, AttemptOutcome.Running);
        attempts[0].Message.Should().Contain("begun before");
        (await File.ReadAllTextAsync(forgotten.Log, Cancel)).Should().Be("of another\n");
        (await builder.FinishAsync(task, Success())).State.Should().Be(BuildTaskState.Success);
    }

    [Fact]
    public async Task Of_two_who_have_the_same_number_one_has_its_directory()
    {
        var (builder, task) = await HoldAsync();
        Site.Farm.Spool.Results.Open(task.Job, task.Platform, task.Attempt);

        await builder
            .Awaiting(one => one.OpenStoreAsync(task))
            .Should()
            .ThrowAsync<FarmFaultException>()
            .WithMessage("*job-1*is there: another builder has begun this attempt*");
    }

    [Fact]
    public async Task Who_has_begun_an_attempt_may_open_it_again()
    {
        var (builder, task) = await HoldAsync();
        await (await builder.OpenStoreAsync(task)).DisposeAsync();

        (await builder.ClaimAsync()).Should().Be(task, "the answer to its claim was lost");
        await (await builder.OpenStoreAsync(task)).DisposeAsync();
    }

    [Theory]
    [InlineData("log")]
    [InlineData("products")]
    public async Task A_further_log_replaces_nothing_of_the_attempt(string name)
    {
        var (builder, task) = await HoldAsync();
        await using var store = await builder.OpenStoreAsync(task);

        await store
            .Awaiting(one => one.KeepLogAsync(builder.Make(name, "x"u8), Cancel))
            .Should()
            .ThrowAsync<ArgumentException>();
    }
}
