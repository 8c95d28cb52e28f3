using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Tests.Contracts;
using Xunit;
using Digest = PkgForge.Server.Digest;

namespace PkgForge.Tests.Publishing;

/// <summary>The repository of dummy products: what the contract says of all, where it needs no tool of a distribution.</summary>
public sealed class DummyRepositoryTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-dummy-").FullName;

    private BucketRepository Repository =>
        BucketRepository.For(
            $"{root}/buckets",
            "main",
            new(new("trial", "any"), PackageFormat.Dummy, Active: true, Auto: true)
        );

    private ProductFile Make(string name, string text)
    {
        var path = $"{root}/{name}";
        File.WriteAllText(path, text);
        return new(path, new(name, text.Length, Digest.OfFile(path)));
    }

    [Fact]
    public async Task Its_list_names_every_product_with_its_digest_and_its_file()
    {
        var (one, two) = (Make("one.txt", "1"), Make("two.txt", "22"));
        await Repository.PublishAsync([one], BucketRepositoryContract.Always, default);

        await Repository.PublishAsync([two, Make("one.txt", "new")], BucketRepositoryContract.Always, default);

        var lines = await File.ReadAllLinesAsync(
            $"{Repository.Directory}/list/products",
            TestContext.Current.CancellationToken
        );
        lines.Should().HaveCount(2);
        foreach (var fields in lines.Select(line => line.Split(' ')))
            Digest.OfFile($"{Repository.Directory}/{fields[3]}").Should().Be(fields[2]);
        File.ReadAllText($"{Repository.Directory}/{lines[0].Split(' ')[3]}").Should().Be("new");
        Repository.Usage().Should().Be($"file://{Repository.Directory}/list/products");
    }

    [Fact]
    public async Task Who_has_lost_the_task_changes_nothing()
    {
        await Repository.EnsureAsync(default);

        var outcome = await Repository.PublishAsync([Make("one.txt", "1")], (_, _) => Task.FromResult(false), default);

        outcome.State.Should().Be(PublishState.Lost);
        File.ReadAllText($"{Repository.Directory}/list/products").Should().BeEmpty();
        Repository.Reference().Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_dead_publisher_has_shown_stands_only_if_its_task_was_accepted(bool accepted)
    {
        await Repository.PublishAsync([Make("one.txt", "1")], BucketRepositoryContract.Always, default);
        await DieAfterSwitchAsync(Make("two.txt", "2"));
        var repository = Repository;
        repository.IsAccepted = (mark, _) => Task.FromResult(mark == "7 1" && accepted);

        await repository.EnsureAsync(default);

        Names().Should().Equal(accepted ? ["one.txt", "two.txt"] : ["one.txt"]);
        Directory
            .GetFiles($"{Repository.Directory}/pool", "*", SearchOption.AllDirectories)
            .Should()
            .HaveSameCount(Names());
        Directory.GetFiles(Repository.Directory, "unconfirmed", SearchOption.AllDirectories).Should().BeEmpty();
        repository.IsAccepted = (_, _) => throw new InvalidOperationException("it was settled");
        await repository.PublishAsync([Make("three.txt", "3")], BucketRepositoryContract.Always, default);
    }

    [Fact]
    public async Task The_first_snapshot_that_was_not_accepted_leaves_an_empty_repository()
    {
        await DieAfterSwitchAsync(Make("one.txt", "1"));
        var repository = Repository;
        repository.IsAccepted = (_, _) => Task.FromResult(false);

        await repository.EnsureAsync(default);

        Names().Should().BeEmpty();
    }

    [Fact]
    public async Task Who_has_lost_the_task_after_the_switch_takes_it_back()
    {
        await Repository.PublishAsync([Make("one.txt", "1")], BucketRepositoryContract.Always, default);

        var outcome = await Repository.PublishAsync(
            [Make("two.txt", "2")],
            "7 1",
            (_, switchOver) =>
            {
                switchOver();
                return Task.FromResult(false);
            },
            default
        );

        outcome.State.Should().Be(PublishState.Lost);
        Names().Should().Equal("one.txt");
    }

    private Task DieAfterSwitchAsync(ProductFile product) =>
        FluentActions
            .Awaiting(() =>
                Repository.PublishAsync(
                    [product],
                    "7 1",
                    (_, switchOver) =>
                    {
                        switchOver();
                        throw new InvalidOperationException("dead");
                    },
                    default
                )
            )
            .Should()
            .ThrowAsync<InvalidOperationException>();

    private IEnumerable<string> Names() =>
        File.ReadLines($"{Repository.Directory}/list/products").Select(line => line.Split(' ')[0]);

    public void Dispose() => Directory.Delete(root, recursive: true);
}
