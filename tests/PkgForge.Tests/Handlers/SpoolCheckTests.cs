using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Server.Handlers;
using PkgForge.Sources;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Handlers;

public sealed class SpoolCheckTests : IAsyncLifetime
{
    private static readonly PlatformKey Bookworm = new("bookworm", "amd64");
    private static readonly JobId Hello = JobId.Parse("hello");

    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-check-").FullName;
    private readonly SpoolDirectories spool;
    private readonly IRegistry registry;

    public SpoolCheckTests()
    {
        spool = SpoolDirectories.Under(directory);
        registry = Registries.Open(new() { Connection = $"sqlite:{directory}/registry.db" });
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Accepted => spool.Accepted.PathOf(Hello);

    private string Products => Path.Combine(spool.Results.PathOf(Hello, Bookworm, 1), "products");

    /// <summary>A job that has ended, with one source and one product.</summary>
    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Accepted);
        Directory.CreateDirectory(Products);
        await File.WriteAllTextAsync($"{Accepted}/hello.dsc", "source", Cancel);
        await File.WriteAllTextAsync($"{Products}/hello.deb", "product", Cancel);
        var job = new Job
        {
            Id = Hello,
            Submitter = "ada",
            Time = DateTimeOffset.UnixEpoch,
            Bucket = "main",
            Sources = ["hello.dsc"],
            Files = [new("hello.dsc", 6, Sha256("source"))],
        };
        var manifest = Manifest.Write(job);
        await File.WriteAllBytesAsync($"{Accepted}/job.yml", manifest, Cancel);
        await registry.MigrateAsync(Cancel);
        await registry.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: true), Cancel);
        await registry.AddBuilderAsync("b1", Bookworm, Cancel);
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(manifest));
        await registry.RegisterJobAsync(new(job, digest, [Bookworm]), Cancel);
        var session = (await registry.AttachBuilderAsync("b1", "one", Cancel)).Session!;
        var claim = (await registry.ClaimNextTaskAsync(session, Cancel))!;
        Product[] products = [new("hello.deb", 7, Sha256("product"))];
        await registry.FinishTaskAsync(
            claim.Lease,
            new(BuildTaskState.Success, null, null, null, products, null),
            Cancel
        );
    }

    public async ValueTask DisposeAsync()
    {
        await registry.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task What_is_as_registered_gives_no_finding() => (await RunAsync(deep: true)).Should().BeEmpty();

    [Fact]
    public async Task A_job_without_its_accepted_directory_is_named()
    {
        Directory.Delete(Accepted, recursive: true);
        (await RunAsync()).Should().Equal($"job hello is registered and has no directory {Accepted}");
    }

    [Fact]
    public async Task A_job_without_its_manifest_is_named()
    {
        File.Delete($"{Accepted}/job.yml");
        (await RunAsync()).Should().Equal($"job hello has no manifest {Accepted}/job.yml");
    }

    [Fact]
    public async Task A_missing_product_is_named()
    {
        File.Delete($"{Products}/hello.deb");
        (await RunAsync()).Should().Equal($"{Products}/hello.deb is not there");
    }

    [Fact]
    public async Task A_product_of_another_size_is_named()
    {
        await File.AppendAllTextAsync($"{Products}/hello.deb", "s", Cancel);
        (await RunAsync()).Should().Equal($"{Products}/hello.deb has 8 bytes; expected 7");
    }

    [Theory]
    [InlineData("product", "prodact")]
    [InlineData("source", "saurce")]
    [InlineData("manifest", "")]
    public async Task Another_content_of_the_same_size_is_found_only_where_files_are_read(string what, string content)
    {
        var file = what switch
        {
            "product" => $"{Products}/hello.deb",
            "source" => $"{Accepted}/hello.dsc",
            _ => $"{Accepted}/job.yml",
        };
        await File.WriteAllTextAsync(file, content, Cancel);

        (await RunAsync()).Should().BeEmpty();
        (await RunAsync(deep: true)).Should().ContainSingle().Which.Should().Contain(file);
    }

    [Fact]
    public async Task Results_that_were_cleared_away_after_their_job_had_ended_are_not_missed()
    {
        Directory.Delete(spool.Results.PathOf(Hello), recursive: true);
        (await RunAsync()).Should().BeEmpty();
    }

    private async Task<List<string>> RunAsync(bool deep = false)
    {
        var findings = new List<string>();
        await foreach (var finding in new SpoolCheck(registry, spool, deep).RunAsync(Cancel))
            findings.Add(finding);
        return findings;
    }

    private static string Sha256(string text) =>
        Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))
        );
}
