using System.Net;
using System.Net.Sockets;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server;
using PkgForge.Tests.Contracts;
using PkgForge.Tests.Web;
using PkgForge.Web.Builders;
using Xunit;

namespace PkgForge.Tests.Remote;

/// <summary>The farm over real HTTP: each builder has a token of its own.</summary>
public sealed class RemoteFarmTests : BuilderFarmContract
{
    private ServerUnderTest? server;

    /// <summary>Called before the server is asked what a repository holds.</summary>
    private Action beforeContent = () => { };

    protected override async Task<IBuilderFarm> OpenAsync(string builder) =>
        await (server ??= await ServerUnderTest.StartAsync(Site, Intercept)).RemoteAsync(builder);

    protected override ValueTask CloseAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task The_farm_tells_a_builder_how_roots_are_made()
    {
        var builder = await AttachAsync();

        builder.Post.Settings.Should().Contain("dummy-all").And.Contain("limits");
    }

    [Fact]
    public async Task A_token_is_for_one_name()
    {
        var farm = await FarmAsync("b1");

        await farm.Awaiting(one => one.AttachAsync("b2", "one", Cancel))
            .Should()
            .ThrowAsync<BuilderRefusedException>()
            .WithMessage("*builder b1's, not b2's*");
    }

    [Fact]
    public async Task A_wait_brings_the_task_with_it()
    {
        var builder = await AttachAsync();
        (await builder.Farm.ClaimAsync(builder.Session, Cancel)).Should().BeNull();
        var wait = builder.WaitAsync();
        await Site.RegisterAsync("job-1");
        (await wait).Should().BeTrue();
        (await Site.TaskAsync("job-1")).State.Should().Be(BuildTaskState.Building, "nobody has asked for it yet");

        (await builder.ClaimAsync()).Job.ToString().Should().Be("job-1");
    }

    [Fact]
    public async Task A_task_goes_on_when_the_server_is_started_again()
    {
        var (builder, task) = await HoldAsync();
        await using var store = await builder.OpenStoreAsync(task);
        await File.AppendAllTextAsync(store.LogPath, "one\n", Cancel);
        await store.FlushAsync(Cancel);
        var first = await store.KeepProductAsync(builder.Make("a.txt", "a\n"u8), Cancel);

        await server!.RestartAsync();

        await File.AppendAllTextAsync(store.LogPath, "two\n", Cancel);
        await store.FlushAsync(Cancel);
        var second = await store.KeepProductAsync(builder.Make("b.txt", "b\n"u8), Cancel);
        (await builder.Farm.HeartbeatAsync(task, Cancel)).Should().Be(LeaseAnswer.Continue);
        (await builder.FinishAsync(task, Success(first, second))).State.Should().Be(BuildTaskState.Success);
        (await Site.LogTextAsync(task, Cancel)).Should().StartWith("one\ntwo\n==> ");
    }

    [Fact]
    public async Task Nothing_of_an_upload_is_left_when_its_task_has_gone()
    {
        var (builder, task) = await HoldAsync();
        using (var client = server!.Client(await server.TokenAsync("b1")))
            await client.PutAsync(
                $"tasks/{task.Lease.TaskId}/{task.Lease.Number}/{task.Lease.Session}/products/half?offset=0&size=9&sha256={new string('0', 64)}",
                new ByteArrayContent([1, 2, 3]),
                Cancel
            );
        Uploads().Should().ContainSingle("it may go on");
        await LoseAsync();

        await server.RestartAsync();

        Uploads().Should().BeEmpty();
        _ = builder;
    }

    [Fact]
    public async Task A_mirrored_bucket_follows_the_bucket_and_is_not_fetched_twice()
    {
        var builder = await AttachAsync("d1");
        await PublishAsync("hello", "1.0");
        var first = await OrderAsync(builder, "job-1");
        await PublishAsync("world", "2.0");
        var second = await OrderAsync(builder, "job-2");

        Packages(first).Should().Equal("hello_1.0_amd64.deb");
        Packages(second).Should().Equal("hello_1.0_amd64.deb", "world_2.0_amd64.deb");
        second.Revision.Should().NotBe(first.Revision);
        var inodes = new[] { first, second }.Select(tree =>
            PkgForge
                .Native.FileSystem.Status(
                    Directory.EnumerateFiles(tree.Directory, "hello*.deb", SearchOption.AllDirectories).Single()
                )!
                .Id
        );
        inodes.Distinct().Should().ContainSingle("both trees link to one file");
    }

    [Fact]
    public async Task A_bucket_that_moves_on_while_it_is_mirrored_is_listed_again()
    {
        var builder = await AttachAsync("d1");
        await PublishAsync("hello", "1.0");
        var asked = 0;
        beforeContent = () =>
        {
            // After the list, before the first file: the listed snapshot goes, as when ten more have come after it.
            if (++asked != 2)
                return;
            var listed = Site.Repository("main").Reference()!.Revision.Split('-')[0].PadLeft(6, '0');
            PublishAsync("world", "2.0").GetAwaiter().GetResult();
            Directory.Delete($"{Site.Repository("main").Directory}/snapshots/{listed}", recursive: true);
        };

        var order = await OrderAsync(builder, "job-1");

        Packages(order).Should().Equal("hello_1.0_amd64.deb", "world_2.0_amd64.deb");
        order.Revision.Should().Be(Site.Repository("main").Reference()!.Revision);
    }

    [Fact]
    public async Task A_file_that_was_swept_away_is_not_there()
    {
        var builder = await AttachAsync("d1");
        await PublishAsync("hello", "1.0");
        beforeContent = () =>
        {
            foreach (
                var package in Directory.GetFiles(
                    Site.Repository("main").Directory,
                    "*.deb",
                    SearchOption.AllDirectories
                )
            )
                File.Delete(package);
        };

        await FluentActions
            .Awaiting(() => OrderAsync(builder, "job-1"))
            .Should()
            .ThrowAsync<FarmFaultException>()
            .WithMessage("*no such revision any more*");
    }

    [Theory]
    [InlineData("a\n", "whole, and nobody was told")]
    [InlineData("b\n", "damaged")]
    [InlineData("a\na", "longer than it can be")]
    public async Task A_product_is_taken_whatever_is_there_of_an_earlier_upload(string there, string because)
    {
        var (builder, task) = await HoldAsync();
        var uploads =
            $"{Site.Farm.Spool.Results.Path}/.upload-{task.Lease.TaskId}.{task.Lease.Number}.{task.Lease.Session}.b1";
        Directory.CreateDirectory(uploads);
        await File.WriteAllTextAsync($"{uploads}/a.txt", there, Cancel);
        await using var store = await builder.OpenStoreAsync(task);

        var product = await store.KeepProductAsync(builder.Make("a.txt", "a\n"u8), Cancel);

        product.Size.Should().Be(2);
        (await File.ReadAllTextAsync($"{Site.Results(task).Products}/a.txt", Cancel)).Should().Be("a\n", because);
    }

    [Theory]
    [InlineData("the builder has a new process")]
    [InlineData("the server stops")]
    public async Task What_has_arrived_of_a_lost_task_is_gone_when(string what)
    {
        var (builder, task) = await HoldAsync();
        var uploads =
            $"{Site.Farm.Spool.Results.Path}/.upload-{task.Lease.TaskId}.{task.Lease.Number}.{task.Lease.Session}.b1";
        Directory.CreateDirectory(uploads);
        await File.WriteAllTextAsync($"{uploads}/a.txt", "half", Cancel);
        // The server that runs next finds it, and the task is held.
        await server!.RestartAsync();
        Uploads().Should().ContainSingle();

        if (what == "the server stops")
        {
            await Site.ExpireLeasesAsync();
            await Site.Registry.ReleaseExpiredAsync(Cancel);
            await server.DisposeAsync();
        }
        else
            await builder.Farm.AttachAsync("b1", "one", Cancel);

        Uploads().Should().BeEmpty();
    }

    [Theory]
    [InlineData(".upload-1.1.7.b1", "a lease that nobody holds")]
    [InlineData(".upload-anything", "no lease")]
    public async Task A_server_starts_over_what_another_has_left_of(string name, string what)
    {
        await HoldAsync();
        var left = Directory.CreateDirectory($"{Site.Farm.Spool.Results.Path}/{name}").FullName;
        await File.WriteAllTextAsync($"{left}/a.txt", "half", Cancel);

        await server!.RestartAsync();

        Uploads().Should().BeEmpty("it is of {0}", what);
    }

    [Fact]
    public async Task An_end_is_told_again_by_the_server_that_runs_next()
    {
        var (builder, task) = await HoldAsync();
        var product = await builder.HandOverAsync(task);
        var first = await builder.FinishAsync(task, Success(product));

        await server!.RestartAsync();

        (await builder.FinishAsync(task, Success(product))).Should().Be(first);
        (await builder.FinishAsync(task, Fail)).State.Should().BeNull("that is another end");
        (await builder.Farm.HeartbeatAsync(task, Cancel)).Should().Be(LeaseAnswer.Lost);
    }

    [Fact]
    public async Task A_server_that_says_nothing_does_not_hold_up_the_next_heartbeat()
    {
        var (_, task) = await HoldAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var farm = await server!.RemoteAsync("b2", new($"http://{silent.LocalEndpoint}"));
        var started = TimeProvider.System.GetTimestamp();

        await farm.Awaiting(one => one.WaitForRequestAsync(task, TimeSpan.FromMilliseconds(100), Cancel))
            .Should()
            .ThrowAsync<FarmUnavailableException>();

        TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(9));
    }

    private ServedFarm Intercept(ServedFarm served) =>
        served with
        {
            Files = Builders.Intercepted<IBuilderFiles>.Create(
                served.Files,
                name =>
                {
                    if (name == nameof(IBuilderFiles.ContentOf))
                        beforeContent();
                }
            ),
        };

    private IEnumerable<string> Uploads() =>
        Directory.EnumerateFileSystemEntries(Site.Farm.Spool.Results.Path, ".upload-*");

    private static IEnumerable<string> Packages(RepositoryReference repository) =>
        Directory
            .EnumerateFiles(repository.Directory, "*.deb", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal);

    private async Task PublishAsync(string name, string version)
    {
        var package = await Publishing.SomePackage.DebAsync(Site.Root, name, version, "content");
        await Site.Repository("main").PublishAsync([package], BucketRepositoryContract.Always, Cancel);
    }

    private async Task<RepositoryReference> OrderAsync(Builder builder, string id)
    {
        await Site.RegisterAsync(id, change: job => job with { Platforms = ["bookworm"], Bucket = "other" });
        var task = await builder.ClaimAsync();
        var order = await builder.Farm.FetchAsync(task, $"{builder.Directory}/{id}", Cancel);
        await builder.FinishAsync(task, Fail);
        return order.Repositories.Single(repository => repository.Name == "main");
    }
}
