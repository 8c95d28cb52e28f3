using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>
/// Dependency layers over dependency layers, and package lists that are fetched once: on a Debian platform whose layers are these tests' own. To unpack a
/// base takes longer than a test, so they share one where they can; each needs other packages then, and finds no other's layers.
/// </summary>
public sealed partial class StackedLayerTests(OwnBase common) : OwnLayersTests, IClassFixture<OwnBase>
{
    private const string Few = "m4, ed";
    private const string More = "m4, ed, sl";

    [Fact]
    public async Task What_another_layer_has_the_most_of_is_installed_over_it_and_what_is_gone_is_made_again()
    {
        var (farm, work) = await MakeDebianFarmAsync();
        await SucceedAsync(farm, "few", Source(farm, "few", Few));
        await SucceedAsync(farm, "more", Source(farm, "more", More));

        var log = await farm.DoAsync("log", "more");
        var (few, more) = (RootOf(await farm.DoAsync("log", "few"))[0], RootOf(log)[0]);
        RootOf(log).Should().Equal(more, few, BaseOf(log));
        Has().Match(log).Value.Should().Be($"{few} has 2 of 4 packages");
        log.Should()
            .Contain("Setting up sl ")
            .And.NotContain("Setting up m4 ")
            .And.NotContain("uninitialized")
            .And.Contain("\nHAS ed m4 sl\n");
        Directory.Exists($"{work}/layers/{more}/root/usr/games").Should().BeTrue("sl is there");
        File.Exists($"{work}/layers/{more}/root/usr/bin/m4").Should().BeFalse("that is in the other layer");

        await RemoveAsync($"{work}/layers/{few}");
        (await RebuildAsync(farm, "more")).Output.Should().Contain("same       more_1.0_amd64.deb");
        File.Exists($"{work}/layers/{more}/root/usr/bin/m4").Should().BeTrue("it is the same set, in one layer now");
        await SucceedAsync(farm, "again", Source(farm, "again", More));
        RootOf(await farm.DoAsync("log", "again")).Should().Equal(more, BaseOf(log));
    }

    [Fact]
    public async Task A_layer_that_has_something_else_is_not_built_upon()
    {
        var (farm, _) = await MakeDebianFarmAsync();
        await SucceedAsync(farm, "more", Source(farm, "more", "dc, cpio, less"));
        await SucceedAsync(farm, "other", Source(farm, "other", "dc, less"));

        var log = await farm.DoAsync("log", "other");
        RootOf(log).Should().HaveCount(2, "no other test's layer has a part of it");
        log.Should().Contain("\nHAS dc less\n", "nothing is there that it has not asked for");
    }

    [Fact]
    public async Task What_cannot_be_installed_over_a_layer_is_installed_with_all_the_rest_anew()
    {
        var (farm, _) = await MakeDebianFarmAsync();
        // What was fetched goes with a session: the second knows by it whether the first was installed in another one.
        await SucceedAsync(farm, "second", Package(farm, "second", SecondScript));
        await SucceedAsync(farm, "one", Source(farm, "one", "time"));

        await SucceedAsync(farm, "both", Source(farm, "both", "time, second"));

        var log = await farm.DoAsync("log", "both");
        log.Should().MatchRegex("deps-[0-9a-f]+ has 1 of 2 packages").And.Contain("second is not installed after time");
        log.Should().Contain("dependencies: the others cannot be installed over it: installing all anew");
        RootOf(log).Should().HaveCount(2);
    }

    /// <summary>A package of the farm may have changed apt, which has a network where something is worked out.</summary>
    [Fact]
    public async Task A_layer_with_a_package_of_the_farm_is_not_built_upon()
    {
        var (farm, _) = await MakeDebianFarmAsync();
        await SucceedAsync(
            farm,
            "first",
            Package(
                farm,
                "first",
                "echo 'APT::Update::Pre-Invoke { \"touch /tmp/met; false\"; };' > /etc/apt/apt.conf.d/first"
            )
        );
        await SucceedAsync(farm, "two", Source(farm, "two", "first, time"));

        await SucceedAsync(farm, "three", Source(farm, "three", "first, time, less"));

        // Another layer, without a package of the farm, may have a part of it.
        var (two, three) = (RootOf(await farm.DoAsync("log", "two")), RootOf(await farm.DoAsync("log", "three")));
        three.Should().NotContain(two[0]);
    }

    [Fact]
    public async Task What_a_source_must_not_have_is_gone_for_it_and_there_for_others()
    {
        var (farm, _) = await MakeDebianFarmAsync();
        await SucceedAsync(farm, "with", Looking(farm, "with", null));
        await SucceedAsync(farm, "without", Looking(farm, "without", "tzdata"));
        await SucceedAsync(farm, "alike", Looking(farm, "alike", null));

        (await farm.DoAsync("log", "with")).Should().Contain("\nTIMES is there\n");
        (await farm.DoAsync("log", "without")).Should().Contain("\nTIMES is gone\n");
        (await farm.DoAsync("log", "alike")).Should().Contain("\nTIMES is there\n");
        RootOf(await farm.DoAsync("log", "alike")).Should().Equal(RootOf(await farm.DoAsync("log", "with")));
    }

    private static string Looking(TestFarm farm, string name, string? conflicts) =>
        new NativeSource(name, "[ -e /usr/share/zoneinfo ] && echo TIMES is there || echo TIMES is gone")
        {
            Needs = "bc",
            Conflicts = conflicts,
        }.Write($"{farm.Directory}/sources");

    private const string SecondScript = """
        [ "$(dpkg-query -W -f '${db:Status-Status}' time 2> /dev/null)" != installed ] || ls /var/cache/apt/archives/time_* || {
            echo second is not installed after time
            exit 1
        }
        """;

    [Fact]
    public async Task Package_lists_are_fetched_once_and_builds_do_not_see_them()
    {
        var work = await MakeWorkAsync();
        var farm = await MakeDebianFarmAsync(work, Unpacked(await common.ReadyAsync(PackAsync)));
        await SucceedAsync(farm, "few", Source(farm, "few", Few));
        await SucceedAsync(farm, "other", Source(farm, "other", "sl"));

        const string Fetching = "fetching the package lists of the distribution";
        (await farm.DoAsync("log", "few")).Should().Contain(Fetching).And.Contain("\nLISTS 0\n");
        var second = await farm.DoAsync("log", "other");
        second.Should().NotContain(Fetching).And.NotMatchRegex(@"http\S+ bookworm/main amd64 Packages \[");
        second.Should().Contain("\nLISTS 0\n");
        Directory
            .EnumerateFiles(Layer(work, "lists-"), "*", SearchOption.AllDirectories)
            .Select(Path.GetFileName)
            .Should()
            .Contain(name => name!.EndsWith("_bookworm_main_binary-amd64_Packages", StringComparison.Ordinal))
            .And.NotContain("status", "an old one would hide what a layer has installed");
    }

    [Fact]
    public async Task A_Debian_mirror_that_is_away_when_dependencies_are_worked_out_is_the_farms_fault()
    {
        var work = await MakeWorkAsync();
        await PackAsync(work, "http://127.0.0.1:9/debian");
        var farm = await MakeDebianFarmAsync(work, Unpacked(work));
        await farm.SubmitAsync("waits", Source(farm, "waits", Few));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, "own");

        var job = await farm.StatusAsync("waits");
        job.Task.Attempts.Select(attempt => attempt.Outcome)
            .Should()
            .AllBe("farm fault", await WhyAsync(farm, "waits"));
        job.Task.Last.Message.Should()
            .StartWith("the package lists could not be fetched: E: ")
            .And.Contain("127.0.0.1:9");
    }

    [Fact]
    public async Task A_base_stays_with_what_lies_over_it_when_the_distribution_has_moved_and_its_packages_have_not()
    {
        Assert.SkipUnless(Probes.Long, "in the long form only: it makes the base of a distribution twice");
        await MakeRealFarmAsync();
        var work = await MakeWorkAsync();
        var farm = await MakeDebianFarmAsync(work, "{ format: debian, refresh: 1s }");
        await SucceedAsync(farm, "before", Source(farm, "before", Few));
        await AsFarmAsync("sh", "-c", "sed -i 's/^\\(base-[0-9a-f]*\\) .*/\\1 other/' \"$0\"/*", $"{work}/notes");
        await Task.Delay(TimeSpan.FromSeconds(1.5));

        await SucceedAsync(farm, "after", Source(farm, "after", Few));

        var log = await farm.DoAsync("log", "after");
        log.Should().Contain("making the base layer of bookworm-amd64 anew: the distribution has moved");
        log.Should().NotContain("Setting up m4 ", "the layer with it is there");
        RootOf(log).Should().Equal(RootOf(await farm.DoAsync("log", "before")));
        Layer(work, "lists-").Should().NotBeNull("and there is one only: old lists go");
        foreach (var ofMachine in new[] { "hostname", "resolv.conf" })
            File.Exists($"{Layer(work, "base-")}/root/etc/{ofMachine}")
                .Should()
                .BeFalse("{0} is the machine's", ofMachine);
    }

    /// <summary>A farm on the base that these tests share.</summary>
    private async Task<(TestFarm Farm, string Work)> MakeDebianFarmAsync()
    {
        var work = await common.ReadyAsync(PackAsync);
        return (await MakeDebianFarmAsync(work, Unpacked(work)), work);
    }

    private static string Unpacked(string work) => $"{{ format: debian, tarball: {work}/root.tar }}";

    private Task PackAsync(string work) => PackAsync(work, mirror: "");

    /// <summary>Packs the base of all tests' platform, with another mirror if one is given.</summary>
    private async Task PackAsync(string work, string mirror)
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, Deb1, "base", "good-quick_1.0.dsc");
        var root = $"{Cache.Work}/layers/{BaseOf(await farm.DoAsync("log", "base"))}/root";
        await AsFarmAsync("sh", "-c", PackScript, root, $"{work}/root.tar", mirror);
    }

    private async Task<TestFarm> MakeDebianFarmAsync(string work, string recipe)
    {
        var farm = await MakeFarmAsync(new() { Work = work, Recipes = $"  bookworm-amd64: {recipe}" });
        await farm.DoAsync("platform", "add", "bookworm", "amd64", "--auto");
        await farm.DoAsync("builder", "add", "own", "bookworm", "amd64");
        return farm;
    }

    // With another mirror the list of sources is left out, and comes again at the archive's end.
    private const string PackScript = """
        set -e
        in_root() { unshare --map-auto --setuid 0 --setgid 0 -- "$@"; }
        in_root tar -C "$0" -cf - --exclude=./proc --exclude=./dev --exclude=./etc/apt/sources.list --exclude="./var/lib/apt/lists/*" . > "$1"
        list=$(cat "$0/etc/apt/sources.list")
        [ -z "$2" ] || list="deb $2 bookworm main"
        mkdir -p "$1.more/etc/apt"
        printf '%s\n' "$list" > "$1.more/etc/apt/sources.list"
        tar -C "$1.more" --owner=0 --group=0 -rf "$1" ./etc/apt/sources.list
        rm -r "$1.more"
        """;

    private static string Source(TestFarm farm, string name, string needs) =>
        new NativeSource(
            name,
            "echo HAS $(cd /usr/bin && ls cpio dc ed less m4 time 2> /dev/null) $(cd /usr/games && ls sl 2> /dev/null)\n"
                + "echo LISTS $(find /var/lib/apt/lists -type f | wc -l)\n"
        )
        {
            Needs = needs,
        }.Write($"{farm.Directory}/sources");

    /// <summary>A source whose package runs a script when it is installed.</summary>
    private static string Package(TestFarm farm, string name, string script) =>
        new NativeSource(name, "true") { AfterInstallation = $"#!/bin/sh\nset -e\n{script}\n" }.Write(
            $"{farm.Directory}/sources"
        );

    private static Task<CommandResult> RebuildAsync(TestFarm farm, string id) =>
        farm.Start("rebuild", id, Debian, "--output", $"{farm.Directory}/sources/again").EndAsync(LongestBuild);

    /// <summary>The layers of a build's root, the uppermost first.</summary>
    private static string[] RootOf(string log) => Root().Match(log).Groups[1].Value.Split(" over ");

    private static string BaseOf(string log) => RootOf(log)[^1];

    [GeneratedRegex("root: ((?:deps-[0-9a-f]+ over )*base-[0-9a-f]+);")]
    private static partial Regex Root();

    [GeneratedRegex("deps-[0-9a-f]+ has [0-9]+ of [0-9]+ packages")]
    private static partial Regex Has();
}
