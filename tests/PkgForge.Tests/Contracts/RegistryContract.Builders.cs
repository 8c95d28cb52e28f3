using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    [Fact]
    public async Task Platforms_are_listed_by_name_and_compare_without_case()
    {
        var again = new Platform(new("BookWorm", "AMD64"), PackageFormat.Rpm, Active: false, Auto: false);
        (await Registry.AddPlatformAsync(again, Cancel)).Should().BeFalse();
        var arm = new Platform(new("Bookworm", "arm64"), PackageFormat.Dummy, Active: false, Auto: false);
        (await Registry.AddPlatformAsync(arm, Cancel)).Should().BeTrue();

        (await Registry.ListPlatformsAsync(Cancel))
            .Should()
            .Equal(
                new Platform(Bookworm, PackageFormat.Debian, Active: true, Auto: true),
                arm,
                new Platform(Fedora, PackageFormat.Rpm, Active: true, Auto: false)
            );
    }

    [Fact]
    public async Task A_platform_is_switched_on_and_off_without_case()
    {
        (await Registry.SetPlatformActiveAsync(new("BOOKWORM", "amd64"), false, Cancel)).Should().BeTrue();
        (await Registry.SetPlatformAutoAsync(Fedora, true, Cancel)).Should().BeTrue();
        (await Registry.SetPlatformAutoAsync(new("sid", "amd64"), true, Cancel)).Should().BeFalse();
        (await Registry.SetPlatformActiveAsync(new("sid", "amd64"), true, Cancel)).Should().BeFalse();

        var platforms = await Registry.ListPlatformsAsync(Cancel);
        platforms[0].Should().BeEquivalentTo(new { Active = false, Auto = true });
        platforms[1].Should().BeEquivalentTo(new { Active = true, Auto = true });
    }

    [Fact]
    public async Task A_platform_that_is_not_well_formed_is_refused()
    {
        var platform = new Platform(new("a b", "amd64"), PackageFormat.Debian, Active: true, Auto: true);

        await FluentActions
            .Awaiting(() => Registry.AddPlatformAsync(platform, Cancel))
            .Should()
            .ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task A_builder_is_added_once_and_for_a_platform_that_is_there()
    {
        (await Registry.AddBuilderAsync("b1", new("Bookworm", "AMD64"), Cancel)).Should().BeTrue();
        (await Registry.AddBuilderAsync("b1", Fedora, Cancel)).Should().BeFalse();
        await FluentActions
            .Awaiting(() => Registry.AddBuilderAsync("b2", new("sid", "amd64"), Cancel))
            .Should()
            .ThrowAsync<UnknownPlatformException>();

        (await Registry.ListBuildersAsync(Cancel))
            .Should()
            .BeEquivalentTo([new Builder("b1", Bookworm, null, null, Running: false, null)]);
    }

    [Fact]
    public async Task The_list_of_builders_shows_who_runs_and_what_it_builds()
    {
        await RegisterAsync("hello");
        await ClaimAsync(await BuilderAsync());

        var builder = (await Registry.ListBuildersAsync(Cancel)).Single();

        builder
            .Should()
            .BeEquivalentTo(
                new
                {
                    Name = "b1",
                    Host = "one",
                    Running = true,
                }
            );
        builder.LastSeen.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), Long);
        builder.Current!.Job.Should().Be(JobId.Parse("hello"));
        builder.Current.Platform.Should().Be(Bookworm);
        builder.Current.Attempt.Should().Be(1);
    }

    [Fact]
    public async Task A_builder_that_nobody_added_cannot_run()
    {
        var answer = await Registry.AttachBuilderAsync("nobody", "one", Cancel);

        answer.Session.Should().BeNull();
        answer.Refusal.Should().Contain("'nobody'").And.Contain("pkgforge builder add");
    }

    [Fact]
    public async Task Another_host_is_refused_until_the_session_is_silent()
    {
        var old = await BuilderAsync();

        var refused = await Registry.AttachBuilderAsync("b1", "two", Cancel);
        refused.Session.Should().BeNull();
        refused.Refusal.Should().Contain("'b1' runs on one");
        await ExecuteAsync($"UPDATE builder SET last_seen = {Ago(301)}");
        (await Registry.ListBuildersAsync(Cancel)).Single().Running.Should().BeFalse();

        (await Registry.AttachBuilderAsync("b1", "two", Cancel)).Session!.Number.Should().BeGreaterThan(old.Number);
        (await LivesAsync(old)).Should().BeFalse();
    }

    [Fact]
    public async Task A_heartbeat_is_a_sign_of_life_of_the_builder()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        await ExecuteAsync($"UPDATE builder SET last_seen = {Ago(301)}");

        await Registry.HeartbeatAsync(claim.Lease, Cancel);

        (await Registry.AttachBuilderAsync("b1", "two", Cancel)).Session.Should().BeNull();
    }

    [Fact]
    public async Task The_same_host_takes_over_at_once_and_the_task_is_put_back_as_lost()
    {
        await RegisterAsync("hello");
        var old = await BuilderAsync();
        var claim = await ClaimAsync(old);

        var session = (await Registry.AttachBuilderAsync("b1", "one", Cancel)).Session!;

        var task = await TaskAsync("hello");
        task.State.Should().Be(BuildTaskState.NeedsBuild);
        task.Attempts.Single().Outcome.Should().Be(AttemptOutcome.Lost);
        task.Attempts.Single().Message.Should().Contain("'b1' was started again");
        (await Registry.ClaimNextTaskAsync(old, Cancel)).Should().BeNull("the old session is no longer the name's");
        (await Registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Lost);
        (await ClaimAsync(session)).Attempt.Should().Be(2);
    }

    [Fact]
    public async Task A_detached_builder_can_run_anywhere_and_its_old_session_claims_nothing()
    {
        await RegisterAsync("hello");
        var old = await BuilderAsync();

        await Registry.DetachBuilderAsync(old, Cancel);

        (await Registry.ClaimNextTaskAsync(old, Cancel)).Should().BeNull();
        (await LivesAsync(old)).Should().BeFalse();
        (await Registry.ListBuildersAsync(Cancel)).Single().Running.Should().BeFalse();
        var session = (await Registry.AttachBuilderAsync("b1", "two", Cancel)).Session!;
        await Registry.DetachBuilderAsync(old, Cancel);
        (await LivesAsync(session)).Should().BeTrue("only its own hold is given back");
    }

    [Fact]
    public async Task A_running_builder_is_not_deleted_and_a_deleted_one_leaves_its_attempts()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);

        (await Registry.DeleteBuilderAsync("b1", Cancel)).Should().Be(DeleteBuilderOutcome.Running);
        await Registry.DetachBuilderAsync(builder, Cancel);
        (await Registry.DeleteBuilderAsync("b1", Cancel)).Should().Be(DeleteBuilderOutcome.Deleted);
        (await Registry.DeleteBuilderAsync("b1", Cancel)).Should().Be(DeleteBuilderOutcome.NotFound);

        (await TaskAsync("hello")).Attempts.Single().Builder.Should().Be("b1");
    }

    [Fact]
    public async Task Deleting_a_builder_that_died_puts_its_task_back()
    {
        await RegisterAsync("hello");
        await ClaimAsync(await BuilderAsync());
        await ExecuteAsync($"UPDATE builder SET last_seen = {Ago(301)}");
        (await Registry.DeleteBuilderAsync("b1", Cancel)).Should().Be(DeleteBuilderOutcome.Running, "its lease holds");
        await ExpireLeasesAsync();

        (await Registry.DeleteBuilderAsync("b1", Cancel)).Should().Be(DeleteBuilderOutcome.Deleted);

        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.NeedsBuild);
    }

    [Fact]
    public async Task A_session_of_a_deleted_builder_is_not_one_of_its_namesake()
    {
        var old = await BuilderAsync();
        await ExecuteAsync("DELETE FROM builder");

        var session = await BuilderAsync();

        session.Number.Should().BeGreaterThan(old.Number);
        (await LivesAsync(old)).Should().BeFalse();
    }
}
