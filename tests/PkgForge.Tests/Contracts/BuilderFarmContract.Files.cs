using System.Security.Cryptography;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server;
using PkgForge.Tests.Publishing;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class BuilderFarmContract
{
    [Fact]
    public async Task What_is_fetched_is_what_was_submitted()
    {
        var job = await Site.RegisterAsync("job-1", "print é and ü");
        var builder = await AttachAsync();

        var order = await builder.Farm.FetchAsync(await builder.ClaimAsync(), builder.Directory, Cancel);

        order.Job.Should().BeEquivalentTo(job);
        foreach (var file in job.Files)
            Digest.OfFile($"{order.Sources}/{file.Name}").Should().Be(file.Sha256);
        (order.Lintian, order.Rpmlint).Should().Be((CheckMode.Inform, CheckMode.Gate));
        order.Repositories.Should().BeEmpty();
    }

    [Fact]
    public async Task Fetching_again_gives_the_same()
    {
        var (builder, task) = await HoldAsync();

        var first = await builder.Farm.FetchAsync(task, builder.Directory, Cancel);
        var second = await builder.Farm.FetchAsync(task, builder.Directory, Cancel);

        second.Should().BeEquivalentTo(first);
        File.Exists($"{second.Sources}/a.dummy").Should().BeTrue();
    }

    [Fact]
    public async Task A_bucket_that_is_used_comes_with_its_packages()
    {
        var builder = await AttachAsync("d1");
        var hello = await SomePackage.DebAsync(Site.Root, "hello", "1.0", "one");
        await Site.Repository("main").PublishAsync([hello], BucketRepositoryContract.Always, Cancel);
        await Site.RegisterAsync("job-1", change: job => job with { Platforms = ["bookworm"], Bucket = "other" });

        var order = await builder.Farm.FetchAsync(await builder.ClaimAsync(), builder.Directory, Cancel);

        var main = order.Repositories.Should().ContainSingle("the bucket's own holds nothing").Which;
        (main.Name, main.Revision).Should().Be(("main", Site.Repository("main").Reference()!.Revision));
        File.Exists($"{main.Directory}/dists/bookworm/Release").Should().BeTrue();
        Directory
            .EnumerateFiles(main.Directory, "*.deb", SearchOption.AllDirectories)
            .Select(Digest.OfFile)
            .Should()
            .Equal(hello.Product.Sha256);
    }

    [Fact]
    public async Task A_log_arrives_byte_for_byte()
    {
        var (builder, task) = await HoldAsync();
        var content = RandomNumberGenerator.GetBytes(300_000);
        await using var store = await builder.OpenStoreAsync(task);
        for (var i = 0; i < content.Length; i += 10_000)
        {
            await File.AppendAllBytesAsync(store.LogPath, content.AsMemory(i, 10_000), Cancel);
            store.LogGrew();
        }
        await store.FlushAsync(Cancel);

        (await File.ReadAllBytesAsync(Site.Results(task).Log, Cancel)).Should().Equal(content);
    }

    [Fact]
    public async Task Products_arrive_byte_for_byte()
    {
        var (builder, task) = await HoldAsync();
        await using var store = await builder.OpenStoreAsync(task);
        foreach (var (name, size) in new[] { ("large.bin", 3_000_001), ("a+b~1:2.txt", 1), ("empty", 0) })
        {
            var content = RandomNumberGenerator.GetBytes(size);
            var product = await store.KeepProductAsync(builder.Make(name, content), Cancel);

            product.Should().Be(new Product(name, size, Convert.ToHexStringLower(SHA256.HashData(content))));
        }
        await store.FlushAsync(Cancel);

        new DirectoryInfo(Site.Results(task).Products)
            .EnumerateFiles()
            .ToDictionary(file => file.Name, file => file.Length)
            .Should()
            .Equal(
                new Dictionary<string, long>
                {
                    ["large.bin"] = 3_000_001,
                    ["a+b~1:2.txt"] = 1,
                    ["empty"] = 0,
                }
            );
    }

    [Fact]
    public async Task A_product_that_is_handed_over_again_is_the_same()
    {
        var (builder, task) = await HoldAsync();
        await using var store = await builder.OpenStoreAsync(task);
        var path = builder.Make("a.txt", "a\n"u8);

        var first = await store.KeepProductAsync(path, Cancel);

        (await store.KeepProductAsync(path, Cancel)).Should().Be(first);
        (await File.ReadAllTextAsync($"{Site.Results(task).Products}/a.txt", Cancel)).Should().Be("a\n");
    }

    [Fact]
    public async Task A_further_log_is_kept_beside_the_log()
    {
        var (builder, task) = await HoldAsync();
        await using var store = await builder.OpenStoreAsync(task);

        await store.KeepLogAsync(builder.Make("lintian.log", "E: x\n"u8), Cancel);
        await store.FlushAsync(Cancel);

        (await File.ReadAllTextAsync($"{Site.Results(task).Path}/lintian.log", Cancel)).Should().Be("E: x\n");
    }

    [Fact]
    public async Task The_record_is_kept_beside_the_log_and_the_last_one_stays()
    {
        var (builder, task) = await HoldAsync();
        await using var store = await builder.OpenStoreAsync(task);

        await store.KeepLogAsync(builder.Make("record.yml", "version: 0\n"u8), Cancel);
        await store.KeepLogAsync(builder.Make("record.yml", "version: 1\n"u8), Cancel);
        await store.FlushAsync(Cancel);

        (await File.ReadAllTextAsync($"{Site.Results(task).Path}/record.yml", Cancel)).Should().Be("version: 1\n");
    }

    [Fact]
    public async Task A_store_that_is_opened_again_goes_on_with_the_log()
    {
        var (builder, task) = await HoldAsync();
        foreach (var line in new[] { "one\n", "two\n" })
        {
            await using var store = await builder.OpenStoreAsync(task);
            await File.AppendAllTextAsync(store.LogPath, line, Cancel);
            store.LogGrew();
            await store.FlushAsync(Cancel);
        }

        (await Site.LogTextAsync(task, Cancel)).Should().Be("one\ntwo\n");
    }
}
