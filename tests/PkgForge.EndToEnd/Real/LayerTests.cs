using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>The layers of a machine: verified before use, made anew when the distribution moves, removed when they take too much room.</summary>
public sealed class LayerTests : OwnLayersTests
{
    [Theory]
    [InlineData("base-", "usr/bin/which", Quick)]
    [InlineData("deps-", "usr/bin/make", Needing)]
    public async Task A_layer_with_one_byte_changed_is_not_used_but_made_again(string kind, string of, string source)
    {
        var (farm, work) = await MakeOwnFarmAsync();
        await SucceedAsync(farm, "first", source);
        var seal = $"{Layer(work, kind)}/seal";
        var made = File.GetLastWriteTimeUtc(seal);
        var file = $"{Layer(work, kind)}/root/{of}";
        var times = File.GetLastWriteTimeUtc(file);
        await AsRootOfLayersAsync(
            "sh",
            "-c",
            "printf X | dd of=\"$0\" bs=1 seek=100 conv=notrunc; touch -d \"$1\" \"$0\"",
            file,
            $"{times:O}"
        );

        await SucceedAsync(farm, "second", source);

        (await farm.DoAsync("log", "second"))
            .Should()
            .MatchRegex($"layer {kind}[0-9a-f]+ is not as it was made: it is removed");
        File.GetLastWriteTimeUtc(seal).Should().BeAfter(made);
        await SucceedAsync(farm, "third", source);
        (await farm.DoAsync("log", "third")).Should().NotContain("made");
    }

    [Fact]
    public async Task Where_the_disk_takes_no_tops_layers_are_made_in_memory_and_builds_stay_there()
    {
        var (farm, work) = await MakeOwnFarmAsync("limits: { top: disk }", onOverlay: true);
        await SucceedAsync(farm, "first", Needing);
        (await farm.DoAsync("log", "first")).Should().Contain("root: its top is in memory, because the file system of");

        await SucceedAsync(farm, "second", Needing);

        (await farm.DoAsync("log", "second")).Should().NotContain("is not as it was made");
        Layer(work, "deps-").Should().NotBeNull();
        Directory.EnumerateFileSystemEntries($"{work}/making").Should().BeEmpty();
    }

    [Fact]
    public async Task What_the_file_system_says_that_a_layer_takes_is_not_part_of_what_it_is()
    {
        var (farm, work) = await MakeOwnFarmAsync();
        await SucceedAsync(farm, "first");
        var seal = $"{Layer(work, "base-")}/seal";
        var lines = await File.ReadAllLinesAsync(seal);
        await AsFarmAsync(
            "sh",
            "-c",
            "printf '%s\\n%s\\n' \"$1\" \"$2\" > \"$0\"",
            seal,
            lines[0],
            $"{long.Parse(lines[1]) + 8192}"
        );

        await SucceedAsync(farm, "second");

        (await farm.DoAsync("log", "second")).Should().NotContain("is not as it was made").And.NotContain("base layer");
    }

    [Fact]
    public async Task The_base_is_made_anew_when_the_distribution_has_moved_and_only_then()
    {
        var (farm, work) = await MakeOwnFarmAsync(refresh: "1s");
        await SucceedAsync(farm, "first");
        var before = Layer(work, "base-");
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await SucceedAsync(farm, "same");
        (await farm.DoAsync("log", "same")).Should().NotContain("base layer");

        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await AsFarmAsync("sh", "-c", "echo '<!-- moved -->' >> \"$0\"", $"{work}/repo/repodata/repomd.xml");
        await SucceedAsync(farm, "moved");
        (await farm.DoAsync("log", "moved")).Should().Contain("the distribution has moved");
        Directory.Exists(before).Should().BeTrue("builds may still use it");

        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await AsFarmAsync("mv", "--", $"{work}/repo/repodata", $"{work}/repo/away");
        await SucceedAsync(farm, "away");
        (await farm.DoAsync("log", "away")).Should().Contain("the root stays as it is");
    }

    [Fact]
    public async Task A_distribution_that_is_broken_when_it_has_moved_does_not_stop_builds()
    {
        var (farm, work) = await MakeOwnFarmAsync(refresh: "1s");
        await SucceedAsync(farm, "first");
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await AsFarmAsync("sh", "-c", "echo half > \"$0\"", $"{work}/repo/repodata/repomd.xml");

        await SucceedAsync(farm, "broken");

        (await farm.DoAsync("log", "broken"))
            .Should()
            .Contain("the distribution has moved")
            .And.MatchRegex("it could not be made anew .*; the root stays as it is");
    }

    [Fact]
    public async Task Layers_over_the_budget_that_were_not_used_for_long_are_removed_and_those_in_use_stay()
    {
        var (farm, work) = await MakeOwnFarmAsync("layers: 1M");
        await SucceedAsync(farm, "first");
        var old = $"{work}/layers/base-0123456789abcdef";
        await AsFarmAsync(
            "sh",
            "-c",
            "mkdir -p \"$0/root\" && touch -d '2 days ago' \"$0/use\" && printf 'x\\n5000000000\\n' > \"$0/seal\"",
            old
        );
        var held = $"{work}/layers/base-held";
        await AsFarmAsync("cp", "-a", "--", old, held);
        using var share = File.Open($"{held}/use", FileMode.Open, FileAccess.Read, FileShare.Read);

        await RemoveAsync(Layer(work, "base-", not: "base-0123456789abcdef", "base-held"));
        await SucceedAsync(farm, "second");

        Directory.Exists(old).Should().BeFalse("it was not used for two days");
        Directory.Exists(held).Should().BeTrue("somebody holds it");
        Layer(work, "base-", "base-held").Should().NotBeNull("it was just used");
    }

    [Fact]
    public async Task A_distribution_over_HTTP_is_asked_for_its_package_lists_once_and_again_only_whether_they_have_changed()
    {
        await using var mirror = new FileServer(Cache.Distribution);
        var (farm, _) = await MakeOwnFarmAsync(mirror: mirror.Url);
        await SucceedAsync(farm, "first", Needing);
        mirror.Asked.Should().Contain(path => path.EndsWith(".rpm", StringComparison.Ordinal));
        mirror.Asked.Clear();

        await SucceedAsync(farm, "second", "greet-user-1.0-1.src.rpm");

        (await farm.DoAsync("log", "second")).Should().Contain("dependencies: working them out");
        mirror.Asked.Should().Contain("/repodata/repomd.xml");
        mirror.Asked.Should().NotContain(path => path.EndsWith("-primary.xml.gz", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_root_is_taken_from_an_archive()
    {
        var (farm, work) = await MakeOwnFarmAsync();
        await SucceedAsync(farm, "first");
        await AsFarmAsync(
            "sh",
            "-c",
            "unshare --map-auto --setuid 0 --setgid 0 -- tar -C \"$0\" -cz . > \"$1\"",
            $"{Layer(work, "base-")}/root",
            $"{work}/builders/root.tar.gz"
        );
        await File.WriteAllTextAsync(
            farm.Configuration,
            (await File.ReadAllTextAsync(farm.Configuration)).Replace(
                "releasever: \"12\"",
                $"releasever: \"12\"\n    tarball: {work}/builders/root.tar.gz",
                StringComparison.Ordinal
            )
        );
        await SucceedAsync(farm, "second");
        (await farm.DoAsync("log", "second")).Should().Contain($"base: unpacking {work}/builders/root.tar.gz");
        await AsFarmAsync("rm", "--", $"{work}/builders/root.tar.gz");
    }

    [Fact]
    public async Task No_layer_is_made_for_dependencies_that_cannot_be_had()
    {
        var (farm, work) = await MakeOwnFarmAsync();
        await BuildAsync(farm, "own", "never", "greet-unsatisfiable-1.0-1.src.rpm");

        (await farm.StatusAsync("never")).Task.Last.Cause.Should().Be("unsatisfiable-dependency");
        Layer(work, "base-").Should().NotBeNull();
        Directory.EnumerateDirectories($"{work}/layers", "deps-*").Should().BeEmpty();
    }

    [Fact]
    public async Task Requirements_that_a_spec_file_works_out_are_in_the_layer_and_worked_out_once()
    {
        var (farm, _) = await MakeOwnFarmAsync();
        string[] sources = [Cache.Source("greet-1.0-1.src.rpm"), Cache.Source("greet-dynamic-1.0-1.src.rpm")];
        foreach (var id in new[] { "first", "second" })
        {
            // Published, the first would be in a repository of the second, and so a reason to work it out again.
            await farm.SubmitAsync(id, ["--scratch", .. sources]);
            await farm.DoAsync("incoming");
            await BuildAllAsync(farm, "own");
            (await farm.StatusAsync(id)).State.Should().Be("successful", await WhyAsync(farm, id));
        }

        Asked(await farm.DoAsync("log", "first")).Should().Equal("greet-devel >= 1.0", "zstd");
        Asked(await farm.DoAsync("log", "second")).Should().BeEmpty();

        static IEnumerable<string> Asked(string log) =>
            log.Split('\n')
                .Where(line => line.Contains("asks for more: ", StringComparison.Ordinal))
                .Select(line => line.Split("asks for more: ")[1]);
    }
}
