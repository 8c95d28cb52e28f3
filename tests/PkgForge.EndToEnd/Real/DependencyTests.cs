using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Build dependencies within a job: in which order it is built, what goes before what, and what cannot be had.</summary>
public sealed class DependencyTests : RealFarmTests
{
    [Fact]
    public async Task Debian_sources_are_built_in_the_order_of_their_dependencies()
    {
        var farm = await MakeRealFarmAsync();
        await BuildInOrderAsync(farm, Deb1, "greet-user_1.0.dsc", "good-quick_1.0.dsc", "greet_1.0-1.dsc");

        (await SourcesAsync(farm)).Should().Equal("good-quick_1.0.dsc", "greet_1.0-1.dsc", "greet-user_1.0.dsc");
        (await farm.DoAsync("log", "order")).Should().Contain("order: greet-user needs libgreet-dev of greet\n");
    }

    [Fact]
    public async Task Rpm_sources_are_built_in_the_order_of_their_dependencies()
    {
        var farm = await MakeRealFarmAsync();
        await BuildInOrderAsync(
            farm,
            Rpm1,
            "greet-user-1.0-1.src.rpm",
            "greet-noarch-1.0-1.src.rpm",
            "greet-1.0-1.src.rpm"
        );

        (await SourcesAsync(farm))
            .Should()
            .Equal("greet-noarch-1.0-1.src.rpm", "greet-1.0-1.src.rpm", "greet-user-1.0-1.src.rpm");
        (await farm.DoAsync("log", "order")).Should().Contain("order: greet-user needs greet-devel of greet\n");
    }

    [Fact]
    public async Task A_spec_file_that_cannot_be_read_is_named_and_puts_nothing_in_order()
    {
        var farm = await MakeRealFarmAsync();
        await farm.SubmitAsync(
            "odd",
            ["--order", "deps", Cache.Source("unreadable-1.0-1.src.rpm"), Cache.Source("greet-noarch-1.0-1.src.rpm")]
        );
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Rpm1);

        (await farm.StatusAsync("odd")).Task.Last.Message.Should().StartWith("unreadable-1.0-1.src.rpm: build ended");
        (await farm.DoAsync("log", "odd"))
            .Should()
            .Contain("order: what unreadable-1.0-1.src.rpm makes cannot be told: rpmspec ended with exit code 1: ")
            .And.Contain("products: greet-noarch-1.0-1");
    }

    [Fact]
    public async Task Sources_that_do_not_need_each_other_are_built_side_by_side_in_roots_of_their_own()
    {
        var farm = await MakeRealFarmAsync("limits: { side_by_side: 2, parallel: 6 }");
        await BuildInOrderAsync(
            farm,
            Deb1,
            "greet-user_1.0.dsc",
            "shadow_0.1.dsc",
            "greet_1.0-1.dsc",
            "good-quick_1.0.dsc"
        );

        (await SourcesAsync(farm))
            .Should()
            .Equal("shadow_0.1.dsc", "greet_1.0-1.dsc", "good-quick_1.0.dsc", "greet-user_1.0.dsc");
        (await farm.DoAsync("log", "order")).Should().Contain("make -j3 ").And.NotContain("make -j6 ");
        Bucket
            .Debian(farm)
            .Should()
            .Contain(["greet-user_1.0_amd64.deb", "sl_0.1_all.deb", "libgreet-dev_1.0-1_amd64.deb"]);
    }

    [Fact]
    public async Task Packages_of_the_job_and_of_buckets_go_before_newer_ones_of_a_Debian_distribution()
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, Deb1, "job", "shadow_0.1.dsc", "shadow-user_0.1.dsc");
        await BuildAsync(farm, Deb1, "bucket", "shadow-user_0.1.dsc");

        foreach (var id in new[] { "job", "bucket" })
            (await farm.DoAsync("log", id)).Should().Contain("\nSHADOW: sl 0.1\n");
    }

    [Fact]
    public async Task Packages_of_the_job_and_of_buckets_go_before_newer_ones_of_an_Rpm_distribution()
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, Rpm1, "job", "shadow-0.1-1.src.rpm", "shadow-user-1.0-1.src.rpm");
        await BuildAsync(farm, Rpm1, "bucket", "shadow-user-1.0-1.src.rpm");

        foreach (var id in new[] { "job", "bucket" })
            (await farm.DoAsync("log", id)).Should().Contain("\nSHADOW: gcc 0.1\n");
    }

    [Fact]
    public async Task Packages_of_the_job_go_before_newer_ones_of_its_bucket()
    {
        var farm = await MakeRealFarmAsync();
        var (older, newer) = ($"{farm.Directory}/older", $"{farm.Directory}/newer");
        await BuildAsync(farm, Deb1, "new", Library(newer, "2.0"));
        var app = new NativeSource("app", "echo \"LIBRARY $(dpkg-query --show lib)\"") { Needs = "lib" };
        await BuildAsync(farm, Deb1, "job", Library(older, "1.0"), app.Write(older));

        (await farm.DoAsync("log", "job")).Should().Contain("\nLIBRARY lib\t1.0\n");

        static string Library(string directory, string version) =>
            new NativeSource("lib", "true") { Version = version }.Write(Directory.CreateDirectory(directory).FullName);
    }

    [Fact]
    public async Task A_source_asks_for_what_its_spec_file_says_on_the_platform_and_conditions_count()
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, Rpm1, "met", "greet-1.0-1.src.rpm", "conditions-1.0-1.src.rpm");
        await BuildAsync(farm, Rpm1, "unmet", "condition-unmet-1.0-1.src.rpm");

        (await farm.StatusAsync("met")).State.Should().Be("successful", await WhyAsync(farm, "met"));
        var unmet = (await farm.StatusAsync("unmet")).Task;
        unmet.Last.Cause.Should().Be("unsatisfiable-dependency");
        unmet.Attempts.Should().ContainSingle();
        unmet.Last.Message.Should().Contain(": (nosuchthing or nosuchother) cannot be had: looked at ");
    }

    [Fact]
    public async Task A_source_that_finds_out_what_it_needs_is_built_after_the_source_that_makes_it()
    {
        var farm = await MakeRealFarmAsync();
        string[] sources = ["greet-dynamic-1.0-1.src.rpm", "greet-1.0-1.src.rpm"];
        await farm.SubmitAsync("order", ["--order", "deps", "--on-error", "stop", .. sources.Select(Cache.Source)]);
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Rpm1);

        (await farm.StatusAsync("order")).State.Should().Be("successful", await WhyAsync(farm, "order"));
        (await farm.DoAsync("log", "order"))
            .Should()
            .Contain("order: greet-dynamic-1.0-1.src.rpm asks for greet-devel: after the source that makes it\n");
    }

    [Fact]
    public async Task What_cannot_be_had_is_named_with_what_was_looked_at()
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, Deb1, "bucket", "good-quick_1.0.dsc");
        await BuildAsync(farm, Deb1, "deb", "shadow_0.1.dsc", "greet-unsatisfiable_1.0.dsc");
        await BuildAsync(farm, Rpm1, "rpm", "greet-unsatisfiable-1.0-1.src.rpm");

        await MissesAsync(
            "deb",
            "greet-unsatisfiable_1.0.dsc: nosuchthing-dev cannot be had: looked at "
                + "http://deb.debian.org/debian bookworm main, bucket main, and 1 product of this job"
        );
        await MissesAsync(
            "rpm",
            "greet-unsatisfiable-1.0-1.src.rpm: nosuchthing-devel cannot be had: looked at "
                + $"file://{Cache.Distribution}"
        );

        async Task MissesAsync(string id, string message)
        {
            var last = (await farm.StatusAsync(id)).Task.Last;
            last.Cause.Should().Be("unsatisfiable-dependency");
            last.Message.Should().Be(message);
        }
    }

    [Fact]
    public async Task A_requirement_that_a_spec_file_works_out_is_trusted_no_more_than_others()
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, Rpm1, "strange", "greet-dynamic-strange-1.0-1.src.rpm");

        var last = (await farm.StatusAsync("strange")).Task.Last;
        last.Cause.Should().Be("unsatisfiable-dependency");
        last.Evidence.Should().Be("No matching package to install: 'http://example.org/evil.rpm'");
    }

    private static async Task BuildInOrderAsync(TestFarm farm, string builder, params string[] names)
    {
        await farm.SubmitAsync("order", ["--order", "deps", .. names.Select(Cache.Source)]);
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, builder);
        (await farm.StatusAsync("order")).State.Should().Be("successful", await WhyAsync(farm, "order"));
    }

    private static async Task<IEnumerable<string>> SourcesAsync(TestFarm farm) =>
        (await farm.DoAsync("log", "order"))
            .Split('\n')
            .Where(line => line.Contains(" source: ", StringComparison.Ordinal))
            .Select(line => line.Split(" source: ")[1]);
}
