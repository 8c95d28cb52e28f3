using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server;
using PkgForge.Tests.Contracts;
using PkgForge.Tests.Web;
using Xunit;

namespace PkgForge.Tests.Remote;

/// <summary>The farm over real HTTP: each builder has a token of its own.</summary>
public sealed class RemoteFarmTests : BuilderFarmContract
{
    private ServerUnderTest? server;

    protected override async Task<IBuilderFarm> OpenAsync(string builder) =>
        await (server ??= await ServerUnderTest.StartAsync(Site)).RemoteAsync(builder);

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
        (await File.ReadAllTextAsync(Site.Results(task).Log, Cancel)).Should().StartWith("one\ntwo\n==> ");
    }

    [Fact]
    public async Task Nothing_of_an_upload_is_left_when_its_task_has_gone()
    {
        var (builder, task) = await HoldAsync();
        using (var client = server!.Client(await server.TokenAsync("b1")))
            await client.PutAsync(
                $"tasks/{task.Lease.TaskId}/{task.Lease.Number}/products/half?offset=0&size=9&sha256={new string('0', 64)}",
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
        await Site.Repository("main").PublishAsync([package], Contracts.BucketRepositoryContract.Always, Cancel);
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
