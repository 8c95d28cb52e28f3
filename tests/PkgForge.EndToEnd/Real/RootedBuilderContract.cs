using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>What package builders promise beside that which install dependencies in a root.</summary>
public abstract class RootedBuilderContract : PackageBuilderContract
{
    /// <summary>Sources: one that makes a library, one that needs it, one that needs what nobody has.</summary>
    private protected abstract (string Library, string User, string Unsatisfiable) Sources(TestFarm farm);

    /// <summary>What the source lacks that needs what nobody has.</summary>
    private protected abstract string Lacking { get; }

    [Fact]
    public async Task What_an_earlier_source_of_the_job_made_and_what_the_bucket_has_satisfies_dependencies()
    {
        var farm = await MakeAsync();
        var (library, user, _) = Sources(farm);
        var job = await BuildOneAsync(farm, "two", library, user);
        job.State.Should().Be("successful", await WhyAsync(farm, "two"));

        job = await BuildOneAsync(farm, "later", user);
        job.State.Should().Be("successful", "the bucket serves later jobs; {0}", await WhyAsync(farm, "later"));
    }

    [Fact]
    public async Task A_dependency_that_nobody_has_is_the_packages_failure_and_named()
    {
        var farm = await MakeAsync();
        var job = await BuildOneAsync(farm, "never", Sources(farm).Unsatisfiable);

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be("unsatisfiable-dependency", await WhyAsync(farm, "never"));
        $"{job.Task.Last.Message} {job.Task.Last.Evidence}".Should().Contain(Lacking);
        job.Task.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task A_build_that_fills_its_disk_is_the_packages_failure()
    {
        var farm = await MakeAsync("limits: { root: 1500M }");
        var job = await BuildOneAsync(farm, "full", Behaving(farm, "bad-disk"));

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be("disk-full", await WhyAsync(farm, "full"));
        job.Task.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task A_build_has_no_network_but_itself()
    {
        var farm = await MakeAsync();
        var job = await BuildOneAsync(farm, "alone", Behaving(farm, "good-alone"));

        job.State.Should().Be("successful", await WhyAsync(farm, "alone"));
        (await farm.DoAsync("log", "alone"))
            .Should()
            .Contain("interfaces: lo")
            .And.Contain("finds itself\nfinds itself\n");
    }
}

/// <summary>Debian source packages, whatever builds them.</summary>
public abstract class DebianContract : RootedBuilderContract
{
    private protected override Task<TestFarm> MakeAsync(string more = "") => MakeRealFarmAsync(more);

    private protected override string Builder => Deb1;

    private protected override string Platform => Debian;

    private protected override string Behaving(TestFarm farm, string name) => Cache.Source($"{name}_1.0.dsc");

    private protected override string Failing(TestFarm farm) => Cache.Source("greet-fail_1.0.dsc");

    private protected override (string, string, string) Sources(TestFarm farm) =>
        (
            Cache.Source("greet_1.0-1.dsc"),
            Cache.Source("greet-user_1.0.dsc"),
            Cache.Source("greet-unsatisfiable_1.0.dsc")
        );

    private protected override string Lacking => "nosuchthing-dev";

    [Fact]
    public async Task A_product_whose_script_fails_is_the_failure_of_the_job_that_needs_it()
    {
        var farm = await MakeAsync();
        var sources = Directory.CreateDirectory($"{farm.Directory}/sources").FullName;
        var lib = new NativeSource("lib", "true") { AfterInstallation = "#!/bin/sh\nexit 1\n" }.Write(sources);
        var app = new NativeSource("app", "true") { Needs = "lib" }.Write(sources);
        await BuildOneAsync(farm, "job", lib, app);
        await BuildOneAsync(farm, "lib", lib);
        await BuildOneAsync(farm, "bucket", app);

        foreach (var id in new[] { "job", "bucket" })
            (await CannotBeInstalledAsync(farm, id)).Evidence.Should().Contain("lib");
    }
}

/// <summary>SRPMs, whatever builds them.</summary>
public abstract class RpmContract : RootedBuilderContract
{
    private protected override Task<TestFarm> MakeAsync(string more = "") => MakeRealFarmAsync(more);

    private protected override string Builder => Rpm1;

    private protected override string Platform => Rpm;

    private protected override string Begun => "+ sh /";

    private protected override string Behaving(TestFarm farm, string name) => Cache.Source($"{name}-1.0-1.src.rpm");

    private protected override string Failing(TestFarm farm) => Cache.Source("greet-fail-1.0-1.src.rpm");

    private protected override (string, string, string) Sources(TestFarm farm) =>
        (
            Cache.Source("greet-1.0-1.src.rpm"),
            Cache.Source("greet-user-1.0-1.src.rpm"),
            Cache.Source("greet-unsatisfiable-1.0-1.src.rpm")
        );

    private protected override string Lacking => "nosuchthing-devel";
}
