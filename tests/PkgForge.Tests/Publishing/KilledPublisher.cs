using System.Diagnostics;
using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Publishing;

/// <summary>Publishes in a process of its own (this very executable), which is killed at a fault point.</summary>
public sealed class KilledPublisher
{
    private const string Work = "PKGFORGE_TEST_PUBLISH";
    private const int KilledBySignal9 = 128 + 9;

    internal static async Task RunAsync(string place, string buckets, Platform platform, ProductFile product)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            ArgumentList = { "--explicit", "only", "--filter-method", $"{typeof(KilledPublisher).FullName}.Publish" },
        };
        start.Environment[Work] = string.Join('\n', buckets, platform.Key, platform.Format, product.Path);
        start.Environment[FaultPoint.Variable] = place;
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(KilledBySignal9);
    }

    [Fact(Explicit = true)]
    public async Task Publish()
    {
        if (Environment.GetEnvironmentVariable(Work)?.Split('\n') is not [var buckets, var key, var format, var path])
            return;
        PlatformKey.TryParse(key, out var platform).Should().BeTrue();
        var repository = BucketRepository.For(
            buckets,
            "main",
            new(platform, Enum.Parse<PackageFormat>(format), true, true)
        );
        await repository!.PublishAsync([SomePackage.Of(path)], Contracts.BucketRepositoryContract.Always, default);
    }
}
