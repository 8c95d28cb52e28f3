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
    private static async Task<string> LyingSrpmAsync(TestFarm farm)
    {
        var top = $"{farm.Directory}/sources/top";
        Directory.CreateDirectory(top);
        // While the source package is made a macro is set that a build does not have.
        await File.WriteAllTextAsync($"{top}/x.spec", Liar.Replace("Name: other", "Name: %{?lie}%{!?lie:other}"));
        await farm.GiveAsync(top);
        await AsFarmAsync(
            "rpmbuild",
            "-bs",
            "--nodeps",
            "--define",
            $"_topdir {top}",
            "--define",
            "lie liar",
            $"{top}/x.spec"
        );
        return Directory.EnumerateFiles($"{top}/SRPMS", "liar-*.src.rpm").Single();
    }
}
