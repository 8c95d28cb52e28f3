using System.Security.Cryptography;
using System.Text;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Records;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>What real builds leave beside their log.</summary>
public sealed class RecordTests : RealFarmTests
{
    [Theory]
    [InlineData(Debian, "greet_1.0-1.dsc", "gcc", "DEB_BUILD_OPTIONS=", 1793534400)]
    [InlineData(Rpm, "greet-1.0-1.src.rpm", "gcc", "HOME=/build", 1793491200)]
    public async Task The_record_of_a_build_names_what_it_was_made_of_and_with(
        string platform,
        string source,
        string dependency,
        string variable,
        long epoch
    )
    {
        var farm = await MakeRealFarmAsync("limits: { time: 30m, processes: 999 }");
        var builder = platform == Rpm ? Rpm1 : Deb1;
        (await BuildAsync(farm, builder, "one", source)).State.Should().Be("successful", await WhyAsync(farm, "one"));

        var record = await ReadAsync(farm, "one");

        (record.Job.ToString(), record.Platform.ToString(), record.Attempt).Should().Be(("one", platform, 1));
        (record.Builder, record.Version, record.Host).Should().Be((builder, "0.1.0", Environment.MachineName));
        (record.Limits.Time, record.Limits.Processes).Should().Be((TimeSpan.FromMinutes(30), 999));
        var build = record.Builds.Should().ContainSingle().Which;
        (build.Source, build.Result, build.SourceDateEpoch).Should().Be((source, "built", epoch));
        (await farm.DoAsync("log", "one")).Should().Contain($"root: {string.Join(" over ", build.Layers)};");
        build.Layers.Should().Equal(record.Layers.Select(layer => layer.Name)).And.HaveCount(2);
        record.Layers.Should().OnlyContain(layer => layer.Seal.Length == 64);
        var packages = record.Layers.SelectMany(layer => layer.Packages).ToList();
        packages.Should().HaveCountGreaterThan(50).And.Contain(package => package.Name.StartsWith(dependency));
        packages.Select(package => package.Key).Should().OnlyHaveUniqueItems();
        var step = build.Steps[^1];
        step.Environment.Should().Contain(v => v.StartsWith(variable)).And.Contain($"SOURCE_DATE_EPOCH={epoch}");
        step.Command[0].Should().BeOneOf("dpkg-buildpackage", "rpmbuild");
        build.Products.ToDictionary(product => product.Name, product => product.Sha256).Should().Equal(Products(farm));
    }

    [Theory]
    [InlineData("greet-fail_1.0.dsc", "test", 2)]
    [InlineData("greet-fail-1.0-1.src.rpm", "test", 1)]
    [InlineData("greet-unsatisfiable_1.0.dsc", "unsatisfiable-dependency", 0)]
    public async Task A_failed_build_has_a_record_of_what_was_known(string source, string cause, int steps)
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, source.EndsWith(".rpm", StringComparison.Ordinal) ? Rpm1 : Deb1, "bad", source);

        var build = (await ReadAsync(farm, "bad")).Builds.Should().ContainSingle().Which;

        (build.Source, build.Result).Should().Be((source, cause));
        build.Steps.Should().HaveCount(steps);
        build.Products.Should().BeEmpty();
        build.Layers.Should().NotBeEmpty("at least the base was there");
    }

    [Fact]
    public async Task A_build_that_is_stopped_has_a_record_of_what_was_known()
    {
        var farm = await MakeRealFarmAsync();
        await farm.SubmitAsync("hang", Cache.Source("bad-hang_1.0.dsc"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", Deb1, "--daemon");
        await InBuildAsync(farm, "hang");
        await builder.StopAsync();

        var build = (await ReadAsync(farm, "hang")).Builds.Should().ContainSingle().Which;

        build.Result.Should().Be("stopped");
        build.Steps.Select(step => step.Name).Should().Equal("unpack", "build");
    }

    [Fact]
    public async Task What_the_farm_failed_at_has_a_record_too_and_it_fails_nothing()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("unlucky", farm.Script("a", "product a.txt a"), farm.Script("b", "fault no luck today"));
        await farm.DoAsync("incoming");
        await farm.DoAsync("buildd", "--name", "b1");

        var record = await ReadAsync(farm, "unlucky");

        record
            .Builds.Select(build => (build.Source, build.Result))
            .Should()
            .Equal(("a.dummy", "built"), ("b.dummy", "stopped"));
        (await farm.StatusAsync("unlucky")).Task.Attempts[0].Outcome.Should().Be("farm fault");
    }

    private static async Task<AttemptRecord> ReadAsync(TestFarm farm, string job)
    {
        var (record, error) = RecordFile.Read(Encoding.UTF8.GetBytes(await farm.DoAsync("record", job)));
        error.Should().BeNull();
        return record!;
    }

    private static Dictionary<string, string> Products(TestFarm farm) =>
        Directory
            .EnumerateFiles($"{farm.Spool}/results", "*", SearchOption.AllDirectories)
            .Where(path => path.Contains("/products/"))
            .ToDictionary(
                path => Path.GetFileName(path),
                path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))
            );
}
