using AwesomeAssertions;
using PkgForge.Server.Publishing;
using PkgForge.Tests.Publishing;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>Several at one repository: publishers, readers, who starts, and who dies on the way.</summary>
public abstract partial class BucketRepositoryContract
{
    [Fact]
    public async Task Publishers_side_by_side_lose_nothing()
    {
        var products = new List<ProductFile>();
        for (var i = 0; i < 4; i++)
            products.Add(await MakeAsync($"p{i}", "1.0", "one"));
        await Task.WhenAll(products.Select(p => Task.Run(() => PublishAsync(p))));

        (await ReadAsync()).Should().Equal("p0 1.0", "p1 1.0", "p2 1.0", "p3 1.0");
        Snapshots().Should().Equal(1, 2, 3, 4);
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_another_publisher_is_let_go()
    {
        using var giveUp = new CancellationTokenSource();
        var (hello, world) = (await MakeAsync("hello", "1.0", "one"), await MakeAsync("world", "1.0", "one"));
        await Repository.PublishAsync(
            [hello],
            async (_, switchOver) =>
            {
                var waiting = Repository.PublishAsync([world], Always, giveUp.Token);
                await giveUp.CancelAsync();
                await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
                switchOver();
                return true;
            },
            default
        );
        (await PublishAsync(world)).State.Should().Be(PublishState.Published);
    }

    [Fact]
    public async Task Who_starts_does_not_wait_for_a_publisher_that_has_switched_and_stands_still()
    {
        await PublishAsync(await MakeAsync("hello", "1.0", "one"));
        var world = await MakeAsync("world", "1.0", "one");
        var published = await Repository.PublishAsync(
            [world],
            "1 1",
            async (_, switchOver) =>
            {
                switchOver();
                await Repository.EnsureAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
                return true;
            },
            default
        );

        published.State.Should().Be(PublishState.Published);
        (await ReadAsync()).Should().Equal("hello 1.0", "world 1.0");
    }

    [Fact]
    public async Task A_reader_never_sees_an_error_while_twenty_publishes_go_by()
    {
        await Repository.EnsureAsync(default);
        var products = new List<ProductFile>();
        for (var i = 0; i < 20; i++)
            products.Add(await MakeAsync("hello", "1.0", $"content {i}"));
        var publishing = Task.Run(async () =>
        {
            foreach (var product in products)
                await PublishAsync(product);
        });
        var reads = 0;
        for (; !publishing.IsCompleted; reads++)
            (await ReadAsync()).Should().HaveCountLessThanOrEqualTo(1);
        await publishing;

        reads.Should().BePositive();
        (await ReadAsync()).Should().Equal("hello 1.0");
    }

    [Theory]
    [InlineData("publish.pooled", false)]
    [InlineData("publish.written", false)]
    [InlineData("publish.finished", false)]
    [InlineData("publish.switched", true)]
    public async Task Whoever_is_killed_on_the_way_has_published_all_or_nothing(string place, bool published)
    {
        await PublishAsync(await MakeAsync("hello", "1.0", "one"));
        var world = await MakeAsync("world", "1.0", "one");
        await KilledPublisher.RunAsync(place, $"{Root}/buckets", Platform, world);

        (await ReadAsync()).Should().Equal(published ? ["hello 1.0", "world 1.0"] : ["hello 1.0"]);
        var next = await PublishAsync(await MakeAsync("hello", "2.0", "two"));
        next.Snapshot.Should().Be(published ? 3 : 2);
        Pool().Should().HaveCount(published ? 3 : 2, "nothing stays of what was not published");
        Snapshots().Should().Equal(Enumerable.Range(1, next.Snapshot));
        Directory
            .EnumerateFileSystemEntries(Repository.Directory, ".*", SearchOption.AllDirectories)
            .Should()
            .BeEmpty();
    }
}
