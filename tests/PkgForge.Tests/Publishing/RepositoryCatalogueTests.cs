using AwesomeAssertions;
using PkgForge.Registry.Builders;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Tests.Contracts;
using Xunit;
using Digest = PkgForge.Server.Digest;

namespace PkgForge.Tests.Publishing;

/// <summary>What builders of other machines are told that a bucket holds.</summary>
public sealed class RepositoryCatalogueTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-catalogue-").FullName;
    private readonly RepositoryCatalogue catalogue = new();
    private readonly BucketRepository repository;

    public RepositoryCatalogueTests() =>
        repository = BucketRepository.For(
            $"{root}/buckets",
            "main",
            new(new("trial", "any"), PackageFormat.Dummy, Active: true, Auto: true)
        );

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task A_snapshot_that_was_taken_back_is_not_what_has_its_number_now()
    {
        await repository.PublishAsync([Make("one.txt")], BucketRepositoryContract.Always, default);
        RepositoryContent? seen = null;
        await repository.PublishAsync(
            [Make("two.txt")],
            (_, switchOver) =>
            {
                switchOver();
                seen = Content();
                return Task.FromResult(false);
            },
            default
        );
        await repository.PublishAsync([Make("three.txt")], BucketRepositoryContract.Always, default);

        seen!.Revision.Should().StartWith("2-");
        var now = Content()!;
        now.Revision.Should().StartWith("2-").And.Be(repository.Reference()!.Revision);
        Names(now).Should().Equal("one.txt", "three.txt");
        Content(seen.Revision).Should().BeNull();
        Content(now.Revision).Should().BeSameAs(now);
    }

    private RepositoryContent? Content(string? revision = null) =>
        catalogue.ContentOf(new("main", repository.Directory, ""), revision);

    private static IEnumerable<string?> Names(RepositoryContent content) =>
        content
            .Files.Keys.Where(path => path.StartsWith("pool/", StringComparison.Ordinal))
            .Select(Path.GetFileName)
            .Order(StringComparer.Ordinal);

    private ProductFile Make(string name)
    {
        var path = $"{root}/{name}";
        File.WriteAllText(path, name);
        return new(path, new(name, name.Length, Digest.OfFile(path)));
    }
}
