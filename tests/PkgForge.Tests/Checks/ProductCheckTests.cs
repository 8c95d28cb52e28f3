using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Checks;
using PkgForge.Tests.Publishing;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Checks;

/// <summary>With the real tools, on real packages.</summary>
public sealed class ProductCheckTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-check-").FullName;
    private readonly BuildLog log;

    public ProductCheckTests()
    {
        Directory.CreateDirectory(Products);
        Directory.CreateDirectory(Attempt);
        log = new($"{Attempt}/build.log", 1 << 20, TimeProvider.System);
    }

    private string Products => $"{root}/products";
    private string Attempt => $"{root}/attempt";

    [Fact]
    public async Task Lintian_counts_errors_and_warnings_and_writes_its_log()
    {
        await PutDebAsync();
        var result = await new Lintian().RunAsync(Products, Attempt, default);
        result.End.Should().Be(CheckEnd.Failed);
        result.Errors.Should().BePositive();
        result.Warnings.Should().BePositive();
        result.Evidence.Should().StartWith("E: ");
        (await File.ReadAllTextAsync($"{Attempt}/lintian.log")).Should().Contain("no-copyright-file");
    }

    [Fact]
    public async Task Rpmlint_counts_errors_and_warnings_and_writes_its_log()
    {
        await PutRpmAsync();
        var result = await new Rpmlint().RunAsync(Products, Attempt, default);
        result.End.Should().Be(CheckEnd.Failed);
        result.Errors.Should().BePositive();
        result.Evidence.Should().Contain(" E: ").And.NotContain("no-signature");
        (await File.ReadAllTextAsync($"{Attempt}/rpmlint.log")).Should().Contain("hello.noarch");
    }

    [Fact]
    public async Task Rpmlint_takes_a_file_that_is_no_package_for_the_packages_fault()
    {
        await File.WriteAllTextAsync($"{Products}/bad-1-1.noarch.rpm", "no package");
        (await new Rpmlint().RunAsync(Products, Attempt, default)).End.Should().Be(CheckEnd.Failed);
    }

    [Fact]
    public async Task Products_of_hostile_names_are_checked_as_the_files_that_they_are()
    {
        await PutDebAsync();
        await PutRpmAsync();
        var names = HostileNames.Some(HostileNames.Accepted(n => n.Length < 200 && ProductName.IsWellFormed(n)), 8);
        foreach (var name in names)
        {
            File.Copy($"{Products}/hello_1.0_amd64.changes", $"{Products}/{name}.changes");
            File.Copy($"{Products}/hello-1.0-1.noarch.rpm", $"{Products}/{name}.rpm");
        }
        var rpmlint = await new Rpmlint().RunAsync(Products, Attempt, default);
        var lintian = await new Lintian().RunAsync(Products, Attempt, default);

        rpmlint.End.Should().Be(CheckEnd.Failed, "the packages have faults, and the tool has worked: {0}", rpmlint);
        (await File.ReadAllTextAsync($"{Attempt}/rpmlint.log")).Should().Contain($"{names.Count + 1} packages");
        lintian.End.Should().Be(CheckEnd.Failed, "the tool has worked: {0}", lintian);
        Directory
            .EnumerateFiles(root, HostileNames.Harm, SearchOption.AllDirectories)
            .Should()
            .BeEmpty("nothing is run");
    }

    [Fact]
    public async Task Without_products_there_is_nothing_to_object_to()
    {
        (await new Lintian().RunAsync(Products, Attempt, default)).End.Should().Be(CheckEnd.NotConcerned);
        (await new Rpmlint().RunAsync(Products, Attempt, default)).End.Should().Be(CheckEnd.NotConcerned);
    }

    [Theory]
    [InlineData(CheckMode.Off, false)]
    [InlineData(CheckMode.Inform, false)]
    [InlineData(CheckMode.Gate, true)]
    public async Task Only_a_gate_fails_the_package(CheckMode mode, bool fails)
    {
        await PutRpmAsync();
        var failure = await ProductChecks.ApplyAsync(new Rpmlint(), mode, (Products, Attempt), log, default);
        (failure is not null).Should().Be(fails);
        if (fails)
            failure.Should().BeEquivalentTo(new { Cause = Cause.Check, Succeeded = false });
        failure?.Evidence.Should().Contain(" E: ");
        failure?.Place!.Line.Should().Be(LineOf(failure.Evidence!), "a person is led to the finding in the log");
        log.LastLines().Any(line => line.Contains("rpmlint: ")).Should().Be(mode != CheckMode.Off);
        File.Exists($"{Attempt}/rpmlint.log").Should().Be(mode != CheckMode.Off);
    }

    [Fact]
    public async Task A_tool_that_does_not_work_fails_no_package()
    {
        var missing = new MissingTool();
        (await ProductChecks.ApplyAsync(missing, CheckMode.Inform, (Products, Attempt), log, default))
            .Should()
            .BeNull();
        log.LastLines().Should().ContainSingle(line => line.Contains("lacks no-such-tool"));
        await FluentActions
            .Awaiting(() => ProductChecks.ApplyAsync(missing, CheckMode.Gate, (Products, Attempt), log, default))
            .Should()
            .ThrowAsync<FarmFaultException>();
    }

    [Fact]
    public async Task A_check_that_takes_too_long_is_stopped()
    {
        await File.WriteAllTextAsync($"{Products}/60", "");
        var tool = Some("sleep") with { Time = TimeSpan.FromMilliseconds(200) };
        var result = await tool.RunAsync([$"{Products}/60"], Attempt, default);
        result.End.Should().Be(CheckEnd.Failed);
        result.Message.Should().Contain("stopped after");
    }

    [Fact]
    public async Task A_check_that_prints_without_end_is_stopped()
    {
        await File.WriteAllTextAsync($"{Products}/E", "");
        var result = await Some("yes").RunAsync([$"{Products}/E"], Attempt, default);
        result.End.Should().Be(CheckEnd.Failed);
        result.Message.Should().Contain("bytes of output");
        new FileInfo($"{Attempt}/yes.log").Length.Should().BeLessThan(9 << 20);
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_a_fault_of_the_farm()
    {
        await PutRpmAsync();
        await FluentActions
            .Awaiting(() => new Rpmlint().RunAsync(Products, $"{root}/nowhere", default))
            .Should()
            .ThrowAsync<FarmFaultException>();
    }

    private int LineOf(string text) => Array.IndexOf(File.ReadAllLines($"{Attempt}/build.log"), text) + 1;

    public void Dispose()
    {
        log.Dispose();
        Directory.Delete(root, recursive: true);
    }

    private static CheckTool Some(string name) =>
        new()
        {
            Name = name,
            Options = [],
            ExitCodes = new Dictionary<int, CheckEnd?>(),
            ErrorLine = new("^E"),
            WarningLine = new("^W"),
        };

    private async Task PutRpmAsync()
    {
        var rpm = await SomePackage.RpmAsync(root, "hello", "1.0", "one");
        File.Copy(rpm.Path, $"{Products}/{rpm.Product.FileName}");
    }

    private async Task PutDebAsync()
    {
        var (path, product) = await SomePackage.DebAsync(root, "hello", "1.0", "one");
        File.Copy(path, $"{Products}/{product.FileName}");
        await File.WriteAllTextAsync(
            $"{Products}/hello_1.0_amd64.changes",
            $"""
            Format: 1.8
            Date: Sun, 22 Nov 2026 12:00:00 +0000
            Source: hello
            Binary: hello
            Architecture: amd64
            Version: 1.0
            Distribution: unstable
            Urgency: medium
            Maintainer: A Person <person@example.org>
            Changed-By: A Person <person@example.org>
            Description:
             hello - for tests
            Changes:
             hello (1.0) unstable; urgency=medium
             .
               * One.
            Checksums-Sha256:
             {product.Sha256} {product.Size} {product.FileName}
            Files:
             00000000000000000000000000000000 {product.Size} misc optional {product.FileName}

            """
        );
    }

    private sealed class MissingTool : IProductCheck
    {
        public string Name => "no-such-tool";

        public Task<CheckResult> RunAsync(string products, string attempt, CancellationToken cancel) =>
            Some(Name).RunAsync([$"{products}/x"], attempt, cancel);
    }
}
