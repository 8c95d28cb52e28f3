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
        var neighbour = $"{Deb1}n";
        await farm.DoAsync("builder", "add", neighbour, "bookworm", "amd64");
        var alone = await TimeAsync(farm, neighbour, "alone");
        await SubmitAsync(farm, "bomb", Bombs[name]);
        var bomb = farm.Start("buildd", "--name", Deb1);
        await farm.UntilAsync("bomb", job => job.State == "building");
        var beside = await TimeAsync(farm, neighbour, "beside");
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

    private static async Task<TimeSpan> TimeAsync(TestFarm farm, string builder, string id)
    {
        await SubmitAsync(farm, id, Honest);
        var started = Stopwatch.GetTimestamp();
        await BuildAllAsync(farm, builder);
        var took = Stopwatch.GetElapsedTime(started);
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
