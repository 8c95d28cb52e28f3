using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Sources that are not what they say, and distributions that cannot be had: the fault of whom it is, a clear message, and nothing left behind.</summary>
public sealed class BadInputTests : OwnLayersTests
{
    private const string Liar = """
        Name: other
        Version: 1.0
        Release: 1
        Summary: Another package than its source says
        License: MIT
        BuildArch: noarch
        %description
        For the tests of a build farm.
        %files
        """;

    [Theory]
    [InlineData("other", "1.0", "other_1.0_amd64.changes")]
    [InlineData("liar", "2.0", "liar_2.0_amd64.changes")]
    public async Task A_dsc_whose_archive_says_something_else_fails_as_packaging(
        string name,
        string version,
        string made
    )
    {
        var farm = await MakeRealFarmAsync();
        var source = new NativeSource("liar", "true") { Inside = (name, version) };
        await farm.SubmitAsync("liar", source.Write($"{farm.Directory}/sources"));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Deb1);

        await IsDisownedAsync(farm, $"the source says that it is liar 1.0, but what is in it has made {made}");
        Bucket.Debian(farm).Should().BeEmpty();
    }

    [Fact]
    public async Task An_srpm_whose_spec_makes_another_package_fails_as_packaging()
    {
        var farm = await MakeRealFarmAsync();
        await farm.SubmitAsync("liar", await LyingSrpmAsync(farm));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Rpm1);

        await IsDisownedAsync(farm, "the source says that it is liar, but other-1.0-1.noarch.rpm, which it has made");
        Bucket.Rpm(farm).Should().BeEmpty();
    }

    [Theory]
    [InlineData("mirror: http://127.0.0.1:9/debian", "E: Failed to fetch http://127.0.0.1:9/debian/dists/bookworm")]
    [InlineData(
        "mirror: http://deb.debian.org/debian/\n    keyrings: [/usr/share/keyrings/debian-archive-removed-keys.gpg]",
        "NO_PUBKEY"
    )]
    public async Task A_mirror_that_is_not_there_or_signed_by_another_is_the_farms_fault(string recipe, string said)
    {
        await MakeRealFarmAsync();
        var farm = await MakeFarmAsync(
            new() { Work = Cache.Work, Recipes = $"  bookworm-amd64:\n    format: debian\n    {recipe}\n" }
        );
        await farm.DoAsync("platform", "add", "bookworm", "amd64", "--auto");
        await farm.DoAsync("builder", "add", Deb1, "bookworm", "amd64");
        await farm.SubmitAsync("waits", Cache.Source("good-quick_1.0.dsc"));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Deb1);

        await IsFarmFaultAsync(farm, said);
    }

    [Fact]
    public async Task Packages_that_are_not_signed_by_the_recipes_key_are_the_farms_fault()
    {
        var (farm, work) = await MakeOwnFarmAsync(
            keys: "gpgkeys: [file:///usr/share/keyrings/debian-archive-keyring.gpg]"
        );
        await farm.SubmitAsync("waits", Cache.Source(Quick));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, "own");

        await IsFarmFaultAsync(farm, "is not signed");
        Directory.EnumerateFileSystemEntries($"{work}/layers").Should().BeEmpty();
        Directory.EnumerateFileSystemEntries($"{work}/making").Should().BeEmpty();
    }

    [Fact]
    public async Task A_mirror_that_goes_away_after_the_base_was_made_is_the_farms_fault()
    {
        var (farm, work) = await MakeOwnFarmAsync();
        await SucceedAsync(farm, "first");
        await AsFarmAsync("mv", "--", $"{work}/repo", $"{work}/gone");
        await farm.SubmitAsync("waits", Cache.Source(Needing));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, "own");

        await IsFarmFaultAsync(farm, "the package lists could not be fetched");
        Directory.EnumerateFileSystemEntries($"{work}/making").Should().BeEmpty();
    }

    [Fact]
    public async Task A_base_that_was_half_made_when_the_power_went_is_made_from_the_start()
    {
        var (farm, work) = await MakeOwnFarmAsync("limits: { time: 5m }");
        await farm.SubmitAsync("cut", Cache.Source(Quick));
        await farm.DoAsync("incoming");
        foreach (var said in new[] { "Running transaction", "Complete!" })
        {
            var builder = farm.Start("buildd", "--name", "own");
            await InBuildAsync(farm, "cut", said);
            builder.Send(Signal.Kill);
            await builder.EndAsync();
            (await Remains.RunningAsync($"{work}/builders")).Should().BeEmpty("dnf dies with the builder");
            foreach (var layer in Directory.EnumerateDirectories($"{work}/layers"))
                File.Exists($"{layer}/seal").Should().BeTrue("a layer is there whole or not at all");
        }
        await BuildAllAsync(farm, "own");

        var job = await farm.StatusAsync("cut");
        job.State.Should().Be("successful", await WhyAsync(farm, "cut"));
        job.Task.Attempts.Select(attempt => attempt.Outcome).Should().Equal("lost", "lost", "success");
        Directory.GetDirectories($"{work}/layers").Should().ContainSingle();
    }

    /// <summary>What <c>mmdebstrap</c> unpacks in belongs to a subordinate id, also when it is killed; and more names than fit into one command line.</summary>
    [Fact]
    public async Task What_somebody_else_owns_does_not_keep_a_builder_from_starting()
    {
        var farm = await MakeRealFarmAsync();
        var directory = $"{Cache.Work}/builders/{Deb1}";
        await AsFarmAsync("mkdir", "-p", "--", directory);
        const string Leave = """
            cd "$0" && mkdir -m 700 left many && touch left/file && chown -R 1:1 left
            exec perl -e 'for (1 .. 12000) { open my $f, ">", sprintf("many/%s%05d", "n" x 240, $_) or die }'
            """;
        await AsFarmAsync("unshare", "--map-root-user", "--map-auto", "--", "sh", "-c", Leave, directory);

        await BuildAllAsync(farm, Deb1);

        Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName).Should().BeSubsetOf(["lock"]);
    }

    [Fact]
    public async Task A_changelog_that_dpkg_complains_about_at_length_is_built_as_dpkg_would()
    {
        var farm = await MakeRealFarmAsync();
        var source = new NativeSource("wordy", "true")
        {
            Keys = string.Concat(Enumerable.Range(1, 100).Select(n => $", x{n}=y")),
        };
        var job = await BuildAsync(farm, Deb1, "wordy", source.Write($"{farm.Directory}/sources"));

        job.State.Should().Be("successful", await WhyAsync(farm, "wordy"));
        (await farm.DoAsync("record", "wordy"))
            .Should()
            .Contain("1793534400", "the time of the entry is told all the same");
    }

    [Fact]
    public async Task A_product_that_is_no_package_fails_the_job_whose_next_source_would_use_it()
    {
        var farm = await MakeRealFarmAsync();
        var job = await BuildTwoAsync(farm, new NativeSource("lib", "echo x > ../x_1_all.deb"));

        (job.State, job.Task.Last.Cause).Should().Be(("failed", "packaging"), await WhyAsync(farm, "two"));
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure");
        job.Task.Last.Message.Should().Contain("no Debian package");
        job.Task.Last.Evidence.Should().Contain("x_1_all.deb");
    }

    [Fact]
    public async Task A_product_whose_script_fails_is_the_failure_of_the_job_that_needs_it_in_an_Rpm_distribution()
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, Rpm1, "job", "stubborn-1.0-1.src.rpm", "stubborn-user-1.0-1.src.rpm");
        await BuildAsync(farm, Rpm1, "lib", "stubborn-1.0-1.src.rpm");
        await BuildAsync(farm, Rpm1, "bucket", "stubborn-user-1.0-1.src.rpm");

        await CannotBeInstalledAsync(farm, "job");
        await CannotBeInstalledAsync(farm, "bucket");
    }

    [Fact]
    public async Task A_log_that_one_source_has_filled_is_not_held_against_the_next_nor_the_farm()
    {
        var farm = await MakeRealFarmAsync("limits: { log: 1M }");
        var job = await BuildAsync(farm, Deb1, "full", "bad-output_1.0.dsc", "greet_1.0-1.dsc");

        (job.State, job.Task.Last.Cause).Should().Be(("failed", "log-limit"), await WhyAsync(farm, "full"));
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure");
        job.Task.Last.Message.Should().StartWith("bad-output_1.0.dsc: stopped after").And.NotContain("greet");
    }

    [Theory]
    [InlineData("rm -rf %{_rpmdir}")]
    [InlineData("mv %{_topdir} %{_topdir}-elsewhere; ln -s rpm-elsewhere %{_topdir}")]
    public async Task An_srpm_that_takes_its_products_away_has_made_none(string clean)
    {
        var farm = await MakeRealFarmAsync();
        var job = await BuildAsync(farm, Rpm1, "gone", await MadeSrpm.MakeAsync(farm, $"{Liar}\n%clean\n{clean}\n"));

        (job.State, job.Task.Last.Cause).Should().Be(("failed", "packaging"), await WhyAsync(farm, "gone"));
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure");
        job.Task.Last.Message.Should().Contain("made no product");
    }

    private Task<JobStatus> BuildTwoAsync(TestFarm farm, NativeSource first)
    {
        var sources = $"{farm.Directory}/sources";
        var second = new NativeSource("app", "true") { Needs = first.Name };
        return BuildAsync(farm, Deb1, "two", first.Write(sources), second.Write(sources));
    }

    [Fact]
    public async Task A_source_is_not_built_on_architectures_that_it_is_not_for()
    {
        var farm = await MakeRealFarmAsync();
        var sources = Directory.CreateDirectory($"{farm.Directory}/sources").FullName;
        var arm = new NativeSource("arm", "true") { Architecture = "arm64 any-riscv64" }.Write(sources);
        var any = new NativeSource("one", "true") { Architecture = "amd64 arm64" }.Write(sources);
        var rpm = await MadeSrpm.MakeAsync(farm, Liar.Replace("BuildArch: noarch", "ExclusiveArch: aarch64 s390x"));
        await farm.SubmitAsync("arm", arm);
        await farm.SubmitAsync("rpm", rpm);
        await BuildAsync(farm, Deb1, "both", arm, any);

        (await farm.StatusAsync("arm"))
            .Reason.Should()
            .Contain("arm_1.0.dsc is not built on bookworm-amd64: it says 'Architecture: arm64 any-riscv64'");
        (await farm.StatusAsync("rpm"))
            .Reason.Should()
            .Contain("is not built on tiny12-x86_64: it says 'ExclusiveArch: aarch64 s390x'");
        (await farm.StatusAsync("both")).State.Should().Be("successful", await WhyAsync(farm, "both"));
        (await farm.DoAsync("log", "both"))
            .Should()
            .Contain("source: arm_1.0.dsc is not built on bookworm-amd64: it says");
    }

    private async Task IsDisownedAsync(TestFarm farm, string said)
    {
        var job = await farm.StatusAsync("liar");
        job.State.Should().Be("failed", await WhyAsync(farm, "liar"));
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure");
        (job.Task.Last.Outcome, job.Task.Last.Cause).Should().Be(("fail", "packaging"));
        job.Task.Last.Message.Should().Contain(said);
        farm.Files("spool/results").Where(path => path.Contains("products/")).Should().BeEmpty("nothing of it is kept");
    }

    private static async Task IsFarmFaultAsync(TestFarm farm, string said)
    {
        var job = await farm.StatusAsync("waits");
        job.Task.Attempts.Should().HaveCount(3, "other builders might have what it needs: {0}", job);
        job.Task.Attempts.Select(attempt => attempt.Outcome).Should().AllBe("farm fault");
        job.Task.Attempts.Select(attempt => attempt.Cause).Should().AllBeEquivalentTo((string?)null);
        job.Task.Last.Message.Should().Contain(said);
    }

    /// <summary>An SRPM of the name <c>liar</c>, as its header says, with the spec file of a package <c>other</c>.</summary>
    // While the source package is made a macro is set that a build does not have.
    private static Task<string> LyingSrpmAsync(TestFarm farm) =>
        MadeSrpm.MakeAsync(
            farm,
            Liar.Replace("Name: other", "Name: %{?lie}%{!?lie:other}"),
            null,
            "--define",
            "lie liar"
        );
}
