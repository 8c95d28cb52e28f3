using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builders;
using PkgForge.Server.Publishing;
using PkgForge.Server.Remote;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Builders;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>What the server keeps of a task, and takes for it.</summary>
public sealed class HeldTaskTests : IAsyncLifetime
{
    private FarmUnderTest site = null!;
    private LocalFarm local = null!;
    private HeldTask held = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        local = new(site.Farm);
        await site.RegisterAsync("job-1");
        var session = (await local.AttachAsync("b1", "one", Cancel)).Session;
        var task = (await local.ClaimAsync(session, Cancel))!;
        held = new(
            new(
                site.Registry,
                local,
                new BuilderFiles(site.Farm),
                site.Farm.Spool,
                [],
                new BucketShelf(site.Farm.Configuration),
                TimeProvider.System
            ),
            task
        );
    }

    public async ValueTask DisposeAsync()
    {
        await held.DisposeAsync();
        await local.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_while_the_task_is_ended_does_not_get_his_turn()
    {
        var end = await held.LastTurnAsync(Cancel);
        var late = held.TurnAsync(Cancel);
        held.Ended = (BuildTaskState.Success, new(BuildTaskState.Success));
        await end.DisposeAsync();

        await FluentActions.Awaiting(() => late).Should().ThrowAsync<LeaseLostException>();
        await (await held.LastTurnAsync(Cancel)).DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_while_the_task_is_dropped_does_not_get_his_turn()
    {
        var mine = await held.TurnAsync(Cancel);
        var drop = held.DisposeAsync().AsTask();
        var late = held.TurnAsync(Cancel);
        await mine.DisposeAsync();

        await drop;
        await FluentActions.Awaiting(() => late).Should().ThrowAsync<LeaseLostException>();
    }

    [Fact]
    public void All_products_together_are_no_larger_than_a_root()
    {
        var uploads = new TaskUploads("/nonexistent", mostBytes: 100);

        uploads.Product("a", 60).Fault.Should().BeNull();
        uploads.Product("b", 41).Fault.Should().Match("*b*101 bytes*100*limits: root*");
        uploads.Product("a", 1).Fault.Should().BeNull();
        uploads.Product("b", 41).Fault.Should().NotBeNull("the 60 bytes may be there");
        uploads.Product("b", 40).Fault.Should().BeNull();
        uploads.Product("c", long.MaxValue).Fault.Should().NotBeNull();
    }

    [Fact]
    public void A_task_has_a_bounded_number_of_logs()
    {
        var uploads = new TaskUploads("/nonexistent", mostBytes: 100);
        for (var i = 0; i < TaskUploads.MostLogs; i++)
            uploads.Log($"{i}.log").Should().NotBeNull();

        uploads.Log("one-more.log").Should().BeNull();
        uploads.Log("0.log").Should().BeSameAs(uploads.Log("0.log"));
    }
}
