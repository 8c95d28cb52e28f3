using System.Diagnostics;
using System.Globalization;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.EndToEnd.Real;
using Xunit;

namespace PkgForge.EndToEnd.Escape;

/// <summary>Builds that use up what they can, while another builder of the same machine builds something honest.</summary>
/// <param name="output">Takes the measured times.</param>
public sealed class BombTests(ITestOutputHelper output) : RealFarmTests
{
    private const string Limits = "limits: { time: 15s, silence: 4s, log: 20M, root: 300M, processes: 200 }";

    private const string MemoryLimits = "limits: { time: 60s, silence: 30s, root: 300M, memory: 512M, processes: 200 }";

    /// <summary>One process after the other takes what there is, until the kernel ends it; where it ends all of the group at once, the first.</summary>
    private const string MemoryBomb = """
        for i in $(seq 1 8); do perl -e 'my @kept; for (;;) { push @kept, "x" x (1 << 20) }'; done
        exit 1
        """;

    /// <summary>On a machine with other work the times vary; what is measured is printed.</summary>
    private const double MostRatio = 6;

    /// <summary>About a second of one processor, and files.</summary>
    private const string Honest = """
        perl -e 'my $n = 0; $n += $_ % 7 for 1 .. 20_000_000; print "$n\n"'
        perl -e 'for (1 .. 2000) { open my $f, ">", "file-$_"; print $f "x" x 4096 }'
        """;

    private static readonly Dictionary<string, string> Bombs = new(StringComparer.Ordinal)
    {
        ["forks"] = "perl -e 'for (;;) { fork or select undef, undef, undef, 0.05 }'",
        ["threads of work"] = "for i in $(seq 1 20); do perl -e '1 while 1' & done; wait",
        ["disk"] = "dd if=/dev/zero of=filling bs=1M; dd if=/dev/zero of=/tmp/filling bs=1M; exit 1",
        ["inodes"] =
            "perl -e 'for (;;) { mkdir \"d\" . ++$n; for (1 .. 1000) { open my $f, \">\", \"d$n/$_\" or exit 1 } }'",
        ["output"] = "yes 'this line is printed without end'",
        ["one long line"] = "cat /dev/zero",
        ["silence"] = "sleep infinity",
        ["deep directories"] = "perl -e 'for (;;) { mkdir \"d\" and chdir \"d\" or exit 1 }'",
        ["signals"] = "perl -e '$SIG{$_} = \"IGNORE\" for qw(TERM INT HUP QUIT); kill TERM => -1; sleep 600'",
        ["several"] = "yes x & sleep 600 & dd if=/dev/zero of=filling bs=1M & perl -e 'for (;;) { fork or sleep 1 }'",
    };

    public static TheoryData<string> Names => Probes.Long ? [.. Bombs.Keys] : ["forks", "several"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_neighbour_builds_while_a_bomb_goes_off(string name)
    {
        var farm = await MakeRealFarmAsync(Limits);
        await GoOffAsync(farm, name, Bombs[name], words => farm.Start(words));
    }

    [Fact]
    public async Task A_neighbour_builds_while_a_bomb_takes_all_memory_that_it_may_have()
    {
        var group = Keep(await DelegatedGroup.MakeAsync());
        var farm = await MakeRealFarmAsync(MemoryLimits);
        await GoOffAsync(farm, "memory", MemoryBomb, words => group.Start(farm, words));

        (await farm.StatusAsync("bomb")).Task.Last.Cause.Should().Be("out-of-memory", await WhyAsync(farm, "bomb"));
        group.OfBuilds().Should().BeEmpty();
    }

    [Fact]
    public async Task A_neighbour_has_its_share_of_the_processors_beside_a_bomb_of_work()
    {
        var group = Keep(await DelegatedGroup.MakeAsync());
        var farm = await MakeRealFarmAsync(Limits);
        var shares = group.Directories.Any(directory => directory.Contains("/cpu", StringComparison.Ordinal));
        await GoOffAsync(
            farm,
            "work",
            Bombs["threads of work"],
            words => group.Start(farm, words),
            // Times vary too much to tell: that each build has a share of its own is what the kernel goes by.
            () => group.OfBuildWithAsync(shares ? "cpu.shares" : "cpu.weight")
        );
    }

    /// <summary>Times an honest build alone, and beside the bomb.</summary>
    private async Task GoOffAsync(
        TestFarm farm,
        string name,
        string behaviour,
        Func<string[], FarmProcess> start,
        Func<Task>? meanwhile = null
    )
    {
        var neighbour = $"{Deb1}n";
        await farm.DoAsync("builder", "add", neighbour, "bookworm", "amd64");
        var alone = await TimeAsync(farm, start, neighbour, "alone");
        await SubmitAsync(farm, "bomb", behaviour);
        var bomb = start(["buildd", "--name", Deb1]);
        await farm.UntilAsync("bomb", job => job.State == "building");
        if (meanwhile is not null)
            await meanwhile();
        var beside = await TimeAsync(farm, start, neighbour, "beside");
        var ended = await bomb.EndAsync(TimeSpan.FromMinutes(1));

        ended.ExitCode.Should().Be(0, "but it printed:\n{0}", ended);
        (await farm.StatusAsync("bomb")).State.Should().Be("failed");
        var ratio = beside / alone;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {alone:c} alone, {beside:c} beside it, ratio {ratio:0.00}"
            )
        );
        ratio.Should().BeLessThan(MostRatio, "of {0}", name);
    }

    private static async Task<TimeSpan> TimeAsync(
        TestFarm farm,
        Func<string[], FarmProcess> start,
        string builder,
        string id
    )
    {
        await SubmitAsync(farm, id, Honest);
        var started = Stopwatch.GetTimestamp();
        var built = await start(["buildd", "--name", builder]).EndAsync(LongestBuild);
        var took = Stopwatch.GetElapsedTime(started);
        built.ExitCode.Should().Be(0, "but it printed:\n{0}", built);
        (await farm.StatusAsync(id)).State.Should().Be("successful", await WhyAsync(farm, id));
        return took;
    }

    private static async Task SubmitAsync(TestFarm farm, string id, string behaviour)
    {
        var source = new NativeSource(id, behaviour);
        await farm.SubmitAsync(id, source.Write($"{farm.Directory}/sources"));
        await farm.DoAsync("incoming");
    }
}
