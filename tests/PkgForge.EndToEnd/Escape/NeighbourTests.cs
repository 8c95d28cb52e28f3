using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.EndToEnd.Real;
using Xunit;

namespace PkgForge.EndToEnd.Escape;

/// <summary>Two builds of a machine at once. They are the same users to the kernel, which the walls must make up for.</summary>
public sealed class NeighbourTests : RealFarmTests
{
    // What can be reached by somebody who knows its name; a socket of a name without a file, shared memory of both kinds, files, a process.
    private const string Reach = """
        use Socket;
        my ($who) = @ARGV;
        sub told { print "$who REACHES $_[0]\n" if $_[1] }
        socket my $to, AF_UNIX, SOCK_STREAM, 0;
        told 'abstract-socket', connect $to, pack_sockaddr_un("\0neighbour");
        told 'shared-memory', defined shmget 0x4e42, 4096, 0600;
        told 'shared-memory-file', -e '/dev/shm/neighbour';
        told 'file', -e '/tmp/neighbour';
        for my $pid (map { m{(\d+)} } glob '/proc/[0-9]*') {
            open my $in, '<', "/proc/$pid/cmdline" or next;
            told('process', 1), last if <$in> =~ /the-neighbour/;
        }
        print "$who HAS LOOKED\n";
        """;

    private const string Neighbour = """
        use Socket;
        socket my $server, AF_UNIX, SOCK_STREAM, 0;
        bind $server, pack_sockaddr_un("\0neighbour") and listen $server, 5 or die "bind: $!";
        my $memory = shmget(0x4e42, 4096, 01600) // die "shmget: $!";
        shmwrite $memory, 'mine', 0, 4;
        for my $file (qw(/dev/shm/neighbour /tmp/neighbour)) { open my $out, '>', $file or die; print $out 'mine' }
        $0 = 'the-neighbour';
        $| = 1;
        system 'perl', 'reach', 'SELF';
        accept my $self, $server;
        print "NEIGHBOUR IS READY\n";
        for my $time (1 .. 600) {
            my $visitors = '';
            vec($visitors, fileno $server, 1) = 1;
            my $came = select $visitors, undef, undef, 1;
            shmread $memory, my $mine, 0, 4;
            my @files = map { open my $in, '<', $_ or die "$_: $!"; <$in> } qw(/dev/shm/neighbour /tmp/neighbour);
            die "something has changed: $came $mine @files" if $came or "$mine @files" ne 'mine mine mine';
            print "NEIGHBOUR IS WHOLE $time\n";
        }
        """;

    private static readonly string[] Things =
    [
        "abstract-socket",
        "shared-memory",
        "shared-memory-file",
        "file",
        "process",
    ];

    [Fact]
    public async Task A_build_reaches_nothing_of_another_that_goes_on_beside_it()
    {
        var (farm, second) = await MakeFarmOfTwoAsync();
        var visitor = new NativeSource("visitor", "perl reach BUILD")
        {
            Files = Files,
            AfterInstallation = "#!/bin/sh\nperl /usr/share/visitor/reach SCRIPT\n",
        };
        JobStatus? visit = null;

        var log = await BesideNeighbourAsync(
            farm,
            async () => visit = await BuildAsync(farm, second, "visitor", Write(farm, visitor), Last(farm, "visitor"))
        );

        visit!.State.Should().Be("successful", await WhyAsync(farm, "visitor"));
        foreach (var thing in Things)
            log.Should().Contain($"SELF REACHES {thing}\n", "the probe finds what is there");
        (await farm.DoAsync("log", "visitor"))
            .Should()
            .Contain("BUILD HAS LOOKED")
            .And.Contain("SCRIPT HAS LOOKED")
            .And.NotContain(" REACHES ");
    }

    /// <summary>A signal to one's process group asks no pid namespace, and both builders are of the group of these tests.</summary>
    [Fact]
    public async Task A_build_that_kills_its_process_group_kills_no_other()
    {
        var (farm, second) = await MakeFarmOfTwoAsync();
        var killer = new NativeSource("killer", "kill -KILL 0");
        var killing = new NativeSource("killing", "true")
        {
            Files = Files,
            AfterInstallation = "#!/bin/sh\nkill -KILL 0\n",
        };
        List<JobStatus> killed = [];

        await BesideNeighbourAsync(
            farm,
            async () =>
            {
                killed.Add(await BuildAsync(farm, second, "killer", Write(farm, killer)));
                killed.Add(await BuildAsync(farm, second, "killing", Write(farm, killing), Last(farm, "killing")));
            }
        );

        foreach (var job in killed)
            job.Task.Attempts.Select(attempt => attempt.Outcome).Should().Equal(["fail"], await WhyAsync(farm, job.Id));
    }

    private static IReadOnlyDictionary<string, string> Files { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["reach"] = Reach,
            ["neighbour"] = Neighbour,
            // Else another run has made the layer, and the script does not run.
            ["this-run"] = Guid.NewGuid().ToString(),
        };

    private async Task<(TestFarm Farm, string Second)> MakeFarmOfTwoAsync()
    {
        var farm = await MakeRealFarmAsync();
        var second = $"{Deb1}n";
        await farm.DoAsync("builder", "add", second, "bookworm", "amd64");
        return (farm, second);
    }

    /// <summary>Does something while the neighbour builds; it must be whole afterwards. Returns its log.</summary>
    private async Task<string> BesideNeighbourAsync(TestFarm farm, Func<Task> visit)
    {
        await farm.SubmitAsync("neighbour", Write(farm, new("neighbour", "perl neighbour") { Files = Files }));
        await farm.DoAsync("incoming");
        var beside = farm.Start("buildd", "--name", Deb1);
        await InBuildAsync(farm, "neighbour", "NEIGHBOUR IS READY");
        await visit();
        var after = (await farm.DoAsync("log", "neighbour")).Split("NEIGHBOUR IS WHOLE").Length + 1;
        await InBuildAsync(farm, "neighbour", $"NEIGHBOUR IS WHOLE {after}");
        var log = await farm.DoAsync("log", "neighbour");
        await farm.DoAsync("cancel", "neighbour");
        (await beside.EndAsync(LongestBuild)).ExitCode.Should().Be(0);
        return log;
    }

    private static string Write(TestFarm farm, NativeSource source) => source.Write($"{farm.Directory}/sources");

    private static string Last(TestFarm farm, string needs) =>
        Write(farm, new($"after-{needs}", "true") { Needs = needs });
}
