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

    public void Dispose() => Directory.Delete(root, recursive: true);
}
