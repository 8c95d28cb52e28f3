using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Buckets;
using PkgForge.Server.Configuration;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Tests.Contracts;
using Xunit;
using Digest = PkgForge.Server.Digest;

namespace PkgForge.Tests.Publishing;

/// <summary>What those see who look at buckets: repositories as they lie on the disk, snapshot by snapshot.</summary>
public sealed class BucketShelfTests : IDisposable
{
    private static readonly Platform Trial = new(new("trial", "any"), PackageFormat.Dummy, Active: true, Auto: true);

    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-shelf-").FullName;

    private FarmConfiguration Configuration =>
        new()
        {
            Repositories = $"{root}/buckets",
            Buckets = new Dictionary<string, BucketOptions>
            {
                ["test"] = new(["test", "main"], default, default),
                ["main"] = new(["main"], default, default),
            },
        };

    private BucketRepository Repository => BucketRepository.For($"{root}/buckets", "main", Trial);

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task It_shows_what_a_repository_holds_now_and_held_before()
    {
        var shelf = new BucketShelf(Configuration);
        shelf.Buckets.Select(bucket => bucket.Name).Should().Equal("main", "test");
        shelf
            .Look("main", Trial)
            .Should()
            .BeEquivalentTo(
                new
                {
                    Packages = 0,
                    Size = 0L,
                    Snapshots = Array.Empty<BucketSnapshot>(),
                }
            );

        await PublishAsync("7 2", ("b_1.txt", "one"), ("a_1.txt", "four"));
        await PublishAsync("9 1", ("a_2.txt", "seventeen"), ("b_1.txt", "new"));

        var state = shelf.Look("main", Trial);
        (state.Packages, state.Size).Should().Be((3, 16));
        state
            .Snapshots.Select(made => (made.Number, made.Publisher))
            .Should()
            .Equal((2, new AttemptKey(9, 1)), (1, new AttemptKey(7, 2)));
        state.Snapshots[0].Time.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(30));
        shelf.Read("main", Trial, 2)!.Select(file => file.Name).Should().Equal("a_1.txt", "a_2.txt", "b_1.txt");
        shelf
            .Read("main", Trial, 1)!
            .Select(file => (file.Name, file.Size))
            .Should()
            .Equal(("a_1.txt", 4), ("b_1.txt", 3));
        shelf.Read("main", Trial, 3).Should().BeNull();
        shelf.Look("test", Trial).Packages.Should().Be(0);
    }

    [Fact]
    public async Task Snapshots_that_were_taken_back_or_swept_away_are_not_shown()
    {
        var shelf = new BucketShelf(Configuration);
        await PublishAsync("1 1", ("a.txt", "1"));
        await Repository.PublishAsync([Make("b.txt", "2")], "2 1", (_, _) => Task.FromResult(false), default);
        shelf.Look("main", Trial).Snapshots.Should().ContainSingle();

        for (var i = 0; i < BucketRepository.KeptSnapshots + 2; i++)
            await PublishAsync($"{i} 1", ("a.txt", $"again {i}"));

        shelf.Look("main", Trial).Snapshots.Should().HaveCount(BucketRepository.KeptSnapshots);
        shelf.Read("main", Trial, 1).Should().BeNull();
    }

    [Fact]
    public void It_tells_users_the_address_at_which_buckets_are_served()
    {
        var platform = new Platform(new("bookworm", "amd64"), PackageFormat.Debian, Active: true, Auto: true);

        var here = new BucketShelf(Configuration).Look("main", platform).Usage;
        var there = new BucketShelf(Configuration with { RepositoriesUrl = "https://forge.example.org/buckets/" })
            .Look("main", platform)
            .Usage;

        here.Should()
            .Be(
                new RepositoryUsage(
                    $"deb [trusted=yes] file:{root}/buckets/main/bookworm-amd64 bookworm main",
                    "/etc/apt/sources.list.d/pkgforge-main.list",
                    false
                )
            );
        there.Text.Should().Be("deb [trusted=yes] https://forge.example.org/buckets/main/bookworm-amd64 bookworm main");
        there.Published.Should().BeTrue();
    }

    [Fact]
    public void Two_snapshots_differ_in_what_was_added_upgraded_replaced_and_removed()
    {
        BucketFile[] from =
        [
            File("hello_1.0_amd64.deb"),
            File("hello_1.1_amd64.deb"),
            File("gone-1-1.noarch.rpm"),
            File("same_1_all.deb"),
        ];
        BucketFile[] to =
        [
            File("hello_1.1_amd64.deb", 'b'),
            File("hello_1.2_amd64.deb"),
            File("hello_1.2_arm64.deb"),
            File("same_1_all.deb"),
        ];

        var difference = SnapshotDifference.Of(from, to);

        difference
            .Upgraded.Select(file => (file.File.Name, string.Join(' ', file.Former)))
            .Should()
            .Equal(("hello_1.2_amd64.deb", "1.0 1.1"));
        difference.Added.Select(file => file.Name).Should().Equal("hello_1.2_arm64.deb");
        difference.Replaced.Select(file => file.Name).Should().Equal("hello_1.1_amd64.deb");
        difference.Removed.Select(file => file.Name).Should().Equal("hello_1.0_amd64.deb", "gone-1-1.noarch.rpm");
        SnapshotDifference.Of(to, to).IsEmpty.Should().BeTrue();
    }

    [Theory]
    [InlineData("hello_2.10-3_amd64.deb", "hello_2.10-3.dsc", "hello_2.10-3.dsc")]
    [InlineData("anything.deb", "hello_2.10-3.dsc", "hello_2.10-3.dsc")]
    [InlineData("libfoo1_1.2-1_amd64.deb", "foo_1.2-1.dsc", "foo_1.2-1.dsc", "bar_2-1.dsc")]
    [InlineData(
        "foo-devel-1.2-1.fc43.x86_64.rpm",
        "foo-1.2-1.fc43.src.rpm",
        "bar-2-1.fc43.src.rpm",
        "foo-1.2-1.fc43.src.rpm"
    )]
    [InlineData("foo-bar-doc_1-1_all.deb", "foo-bar_1-1.dsc", "foo_1-1.dsc", "foo-bar_1-1.dsc")]
    [InlineData("libbaz_1-1_all.deb", null, "foo_1-1.dsc", "foo-bar_1-1.dsc")]
    [InlineData("foo.txt", "foo.dummy", "foo.dummy", "bar.dummy")]
    public void A_package_is_of_the_source_that_its_name_tells_or_of_none(
        string package,
        string? expected,
        params string[] sources
    ) => ProductSource.Of(package, sources).Should().Be(expected);

    private static BucketFile File(string name, char digest = 'a') => new(name, 1, new(digest, 64));

    private async Task PublishAsync(string mark, params (string Name, string Text)[] files)
    {
        var outcome = await Repository.PublishAsync(
            [.. files.Select(file => Make(file.Name, file.Text))],
            mark,
            BucketRepositoryContract.Always,
            default
        );
        outcome.State.Should().Be(PublishState.Published);
    }

    private ProductFile Make(string name, string text)
    {
        var path = $"{root}/{name}";
        System.IO.File.WriteAllText(path, text);
        return new(path, new(name, text.Length, Digest.OfFile(path)));
    }
}
