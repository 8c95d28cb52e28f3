using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using Xunit;
using Digest = PkgForge.Server.Digest;

namespace PkgForge.Tests.Contracts;

/// <summary>What holds for the repositories of a bucket, whatever reads them. Real packages, real tools, real readers.</summary>
public abstract partial class BucketRepositoryContract : IDisposable
{
    protected string Root { get; } = Directory.CreateTempSubdirectory("pkgforge-bucket-").FullName;

    protected abstract Platform Platform { get; }

    protected abstract string Metadata { get; }

    internal abstract Task<ProductFile> MakeAsync(string name, string version, string content);

    internal abstract ProductFile Garbage(string name);

    /// <summary>A name that would be read as something else by a tool's list, an index or a URL.</summary>
    protected abstract string HostileName { get; }

    /// <summary>NAME VERSION of everything that a fresh reader is offered; throws when it complains.</summary>
    protected abstract Task<IReadOnlyList<string>> ReadAsync();

    /// <summary>Has the reader download a package. Returns the file.</summary>
    protected abstract Task<string> DownloadAsync(string name);

    /// <summary>The indexes that a snapshot's list names, with their digests, as paths relative to the repository's top.</summary>
    protected abstract IReadOnlyList<(string Path, string Sha256)> Indexes(string snapshot);

    protected BucketRepository Repository => BucketRepository.For($"{Root}/buckets", "main", Platform)!;

    [Fact]
    public async Task An_empty_repository_can_be_read_and_is_no_source_for_builds()
    {
        await Repository.EnsureAsync(default);
        await Repository.EnsureAsync(default);

        (await ReadAsync()).Should().BeEmpty();
        Repository.Reference().Should().BeNull();
        Snapshots().Should().Equal(1);
    }

    [Fact]
    public async Task A_published_package_is_offered_and_downloaded_as_it_was_made()
    {
        var hello = await MakeAsync("hello", "1.0", "one");
        var outcome = await PublishAsync(hello);

        outcome.Should().Be(new PublishOutcome(PublishState.Published, 1, null));
        (await ReadAsync()).Should().Equal("hello 1.0");
        Digest.OfFile(await DownloadAsync("hello")).Should().Be(hello.Product.Sha256);
        File.Exists(hello.Path).Should().BeTrue("results keep their products");
    }

    [Fact]
    public async Task The_next_publish_adds_and_what_has_the_same_file_name_replaces()
    {
        await PublishAsync(await MakeAsync("hello", "1.0", "one"), await MakeAsync("world", "1.0", "one"));
        var first = Repository.Reference()!;
        var replaced = await MakeAsync("hello", "1.0", "two");
        await PublishAsync(replaced, await MakeAsync("hello", "2.0", "three"));

        (await ReadAsync()).Should().Equal("hello 1.0", "hello 2.0", "world 1.0");
        Packages(2).Should().Contain(line => line.Contains(replaced.Product.Sha256)).And.HaveCount(3);
        Repository.Reference()!.Revision.Should().NotBe(first.Revision);
        Repository.Reference().Should().BeEquivalentTo(new { Name = "main", Repository.Directory });
    }

    [Fact]
    public async Task What_a_former_snapshot_lists_stays_in_the_pool()
    {
        await PublishAsync(await MakeAsync("hello", "1.0", "one"));
        await PublishAsync(await MakeAsync("hello", "1.0", "two"));

        foreach (var line in Packages(1).Concat(Packages(2)))
            Digest.OfFile($"{Repository.Directory}/{line.Split('\t')[0]}").Should().Be(line.Split('\t')[3]);
        Pool().Should().HaveCount(2);
    }

    [Fact]
    public async Task A_reader_that_has_read_a_former_list_finds_its_indexes()
    {
        await PublishAsync(await MakeAsync("hello", "1.0", "one"));
        var former = Indexes($"{Repository.Directory}/snapshots/000001");
        await PublishAsync(await MakeAsync("hello", "2.0", "two"));
        await PublishAsync(await MakeAsync("hello", "3.0", "three"));

        former.Should().NotBeEmpty();
        foreach (var (path, sha256) in former)
            Digest.OfFile($"{Repository.Directory}/{path}").Should().Be(sha256);
    }

    [Fact]
    public async Task Ten_snapshots_are_kept_and_only_what_they_list()
    {
        for (var i = 1; i <= 13; i++)
            await PublishAsync(await MakeAsync("hello", "1.0", $"content {i}"));

        Snapshots().Should().Equal(Enumerable.Range(4, 10));
        Pool().Should().HaveCount(10);
        (await ReadAsync()).Should().Equal("hello 1.0");
    }

    [Fact]
    public async Task The_same_products_again_change_nothing()
    {
        var hello = await MakeAsync("hello", "1.0", "one");
        await PublishAsync(hello);
        (await PublishAsync(hello)).Snapshot.Should().Be(1);
        Snapshots().Should().Equal(1);
    }

    [Fact]
    public async Task Who_has_lost_the_task_publishes_nothing_and_leaves_nothing()
    {
        await PublishAsync(await MakeAsync("hello", "1.0", "one"));
        var late = await MakeAsync("world", "1.0", "one");
        var outcome = await Repository.PublishAsync([late], (_, _) => Task.FromResult(false), default);

        outcome.State.Should().Be(PublishState.Lost);
        (await ReadAsync()).Should().Equal("hello 1.0");
        Snapshots().Should().Equal(1);
        Pool().Should().HaveCount(1);
    }

    [Fact]
    public async Task The_task_is_asked_for_when_all_is_ready_and_nothing_is_seen()
    {
        var seen = "not asked";
        await Repository.PublishAsync(
            [await MakeAsync("hello", "1.0", "one")],
            (_, switchOver) =>
            {
                seen = Directory.Exists($"{Repository.Directory}/snapshots/000001") && !Path.Exists(Top) ? "ready" : "";
                switchOver();
                return Task.FromResult(true);
            },
            default
        );
        seen.Should().Be("ready");
    }

    [Fact]
    public async Task Garbage_is_refused_by_name_and_nothing_of_its_task_is_published()
    {
        await PublishAsync(await MakeAsync("hello", "1.0", "one"));
        var garbage = Garbage("broken");
        var outcome = await PublishAsync(await MakeAsync("world", "1.0", "one"), garbage);

        outcome.State.Should().Be(PublishState.Refused);
        outcome.Message.Should().Contain(garbage.Product.FileName);
        (await ReadAsync()).Should().Equal("hello 1.0");
        Pool().Should().HaveCount(1);
    }

    [Fact]
    public async Task A_hostile_file_name_is_refused()
    {
        var real = await MakeAsync("hello", "1.0", "one");
        var hostile = real with { Product = real.Product with { FileName = HostileName } };
        var outcome = await PublishAsync(hostile);

        outcome.State.Should().Be(PublishState.Refused);
        outcome.Message.Should().Contain("name").And.NotContain("\n");
        Path.Exists(Top).Should().BeFalse();
    }

    [Fact]
    public async Task A_product_that_has_changed_since_it_was_collected_is_a_fault_of_the_farm()
    {
        var hello = await MakeAsync("hello", "1.0", "one");
        var changed = hello with { Product = hello.Product with { Sha256 = new('a', 64) } };

        await FluentActions.Awaiting(() => PublishAsync(changed)).Should().ThrowAsync<FarmFaultException>();
        Path.Exists(Top).Should().BeFalse();
    }

    [Fact]
    public async Task A_link_in_place_of_a_product_is_never_followed()
    {
        var hello = await MakeAsync("hello", "1.0", "one");
        var link = $"{Root}/link";
        File.CreateSymbolicLink(link, hello.Path);

        await FluentActions
            .Awaiting(() => PublishAsync(hello with { Path = link }))
            .Should()
            .ThrowAsync<FarmFaultException>();
    }

    [Fact]
    public async Task A_repository_that_cannot_be_written_is_a_fault_of_the_farm()
    {
        Directory.CreateDirectory($"{Root}/buckets");
        await File.WriteAllTextAsync($"{Root}/buckets/main", "in the way");

        await FluentActions
            .Awaiting(() => Repository.EnsureAsync(default))
            .Should()
            .ThrowAsync<FarmFaultException>()
            .WithMessage("*buckets/main*");
    }

    [Fact]
    public async Task Everybody_can_read_what_is_published()
    {
        await PublishAsync(await MakeAsync("hello", "1.0", "one"));
        foreach (var file in Directory.EnumerateFiles(Repository.Directory, "*", SearchOption.AllDirectories))
            File.GetUnixFileMode(file).Should().HaveFlag(UnixFileMode.OtherRead, file);
        foreach (
            var directory in Directory.EnumerateDirectories(Repository.Directory, "*", SearchOption.AllDirectories)
        )
            File.GetUnixFileMode(directory).Should().HaveFlag(UnixFileMode.OtherExecute, directory);
    }

    public void Dispose()
    {
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    internal static Task<bool> Always(int snapshot, Action switchOver)
    {
        switchOver();
        return Task.FromResult(true);
    }

    internal Task<PublishOutcome> PublishAsync(params ProductFile[] products) =>
        Repository.PublishAsync(products, Always, default);

    private string Top => $"{Repository.Directory}/{Metadata}";

    private string[] Packages(int snapshot) =>
        File.ReadAllLines($"{Repository.Directory}/snapshots/{snapshot:D6}/packages");

    private IEnumerable<int> Snapshots() =>
        Directory
            .GetDirectories($"{Repository.Directory}/snapshots")
            .Select(d => int.Parse(Path.GetFileName(d)))
            .Order();

    private string[] Pool() =>
        Directory.GetFiles(
            $"{Repository.Directory}/pool",
            "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }
        );
}
