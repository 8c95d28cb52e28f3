using AwesomeAssertions;
using PkgForge.Buckets;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Publishing;

/// <summary>Hostile names of products, buckets and platforms at the real createrepo_c and apt-ftparchive.</summary>
public sealed class HostileNamesTests : IDisposable
{
    private static readonly IReadOnlyList<string> Products = HostileNames.Accepted(ProductName.IsWellFormed);

    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-hostile-").FullName;

    [Theory]
    [InlineData(PackageFormat.Debian, ".deb")]
    [InlineData(PackageFormat.Rpm, ".rpm")]
    public async Task Products_of_all_accepted_names_are_published_under_these_names(
        PackageFormat format,
        string suffix
    )
    {
        var platform = new Platform(new("f43", "amd64"), format, Active: true, Auto: true);
        var repository = BucketRepository.For($"{root}/buckets", "main", platform);
        var products = await CopiesAsync(format, suffix);

        var outcome = await repository.PublishAsync(products, Commit, default);

        outcome.State.Should().Be(PublishState.Published, outcome.Message);
        Directory
            .EnumerateFiles(repository.Directory, $"*{suffix}", SearchOption.AllDirectories)
            .Select(Path.GetFileName)
            .Distinct()
            .Should()
            .BeEquivalentTo(products.Select(p => p.Product.FileName));
        Nothing_is_anywhere_else();
    }

    [Theory]
    [InlineData(PackageFormat.Debian, ".deb")]
    [InlineData(PackageFormat.Rpm, ".rpm")]
    public async Task A_product_of_any_other_name_is_refused_with_its_name(PackageFormat format, string suffix)
    {
        var platform = new Platform(new("f43", "amd64"), format, Active: true, Auto: true);
        var repository = BucketRepository.For($"{root}/buckets", "main", platform);
        foreach (var name in HostileNames.All.Where(name => !ProductName.IsWellFormed(name + suffix)))
        {
            var product = new ProductFile($"{root}/none", new Product(name + suffix, 1, new string('0', 64)));
            var outcome = await repository.PublishAsync([product], Commit, default);

            outcome.State.Should().Be(PublishState.Refused, "of '{0}'", name);
            outcome.Message.Should().Contain("a name that is not allowed").And.NotContainAny("\n", "\u001b");
        }
        Nothing_is_anywhere_else();
    }

    [Theory]
    [InlineData(PackageFormat.Debian)]
    [InlineData(PackageFormat.Rpm)]
    public async Task Buckets_and_platforms_are_directories_of_their_names_or_refused(PackageFormat format)
    {
        var package = format == PackageFormat.Debian ? await DebAsync() : await RpmAsync();
        foreach (var name in HostileNames.Some(HostileNames.Accepted(BucketName.IsWellFormed), 12))
            await PublishAsync(name, new("f43", "amd64"));
        foreach (var name in HostileNames.Some(HostileNames.Accepted(IsPlatform), 12))
            await PublishAsync("main", new(name, "amd64"));
        foreach (var name in HostileNames.All.Where(name => !BucketName.IsWellFormed(name)))
            FluentActions
                .Invoking(() => BucketRepository.For(root, name, new(new("f43", "amd64"), format, true, true)))
                .Should()
                .Throw<ArgumentException>()
                .WithMessage("*is not a bucket's name*");

        async Task PublishAsync(string bucket, PlatformKey platform)
        {
            var repository = BucketRepository.For($"{root}/buckets", bucket, new(platform, format, true, true));
            repository.Directory.Should().Be($"{root}/buckets/{bucket}/{platform}");
            var outcome = await repository.PublishAsync([package], Commit, default);
            outcome.State.Should().Be(PublishState.Published, "of '{0}' '{1}': {2}", bucket, platform, outcome.Message);
        }
        Nothing_is_anywhere_else();
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private static bool IsPlatform(string name) => new PlatformKey(name, "amd64").IsWellFormed;

    private static Task<bool> Commit(int number, Action show)
    {
        show();
        return Task.FromResult(true);
    }

    private Task<ProductFile> DebAsync() => SomePackage.DebAsync(root, "hello", "1.0", "one");

    private Task<ProductFile> RpmAsync() => SomePackage.RpmAsync(root, "hello", "1.0", "one");

    private async Task<List<ProductFile>> CopiesAsync(PackageFormat format, string suffix)
    {
        var package = format == PackageFormat.Debian ? await DebAsync() : await RpmAsync();
        var directory = Directory.CreateDirectory($"{root}/copies").FullName;
        return
        [
            .. Products
                .Where(name => (name + suffix).Length <= 251 && ProductName.IsWellFormed(name + suffix))
                .Select(name =>
                {
                    File.Copy(package.Path, $"{directory}/{name}{suffix}", overwrite: true);
                    return SomePackage.Of($"{directory}/{name}{suffix}");
                })
                .Where(product => !product.Product.FileName.EndsWith(".src.rpm", StringComparison.Ordinal)),
        ];
    }

    private void Nothing_is_anywhere_else()
    {
        foreach (var place in new[] { root, "/", Path.GetTempPath(), Directory.GetCurrentDirectory() })
            File.Exists(Path.Combine(place, HostileNames.Harm)).Should().BeFalse("in {0}", place);
        Directory.EnumerateFiles(root, HostileNames.Harm, SearchOption.AllDirectories).Should().BeEmpty();
    }
}
