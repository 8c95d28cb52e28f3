using System.Globalization;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Faults;

/// <summary>
/// Test hosts with addresses of their own: a network namespace each, joined by a bridge in another one. Nothing of it is seen outside, and nothing
/// outside can be reached from it. It is gone when it is disposed. Needs root, and iproute2.
/// </summary>
internal sealed class TestNetwork : IAsyncDisposable
{
    private readonly string prefix = string.Create(
        CultureInfo.InvariantCulture,
        $"pf{Environment.ProcessId}x{Random.Shared.Next(1000)}"
    );
    private readonly List<string> hosts = [];

    private string Switch => $"{prefix}sw";

    /// <summary>Makes hosts of these names, with addresses 10.111.0.1 and so on.</summary>
    public static async Task<TestNetwork> CreateAsync(params string[] names)
    {
        var network = new TestNetwork();
        try
        {
            await Ip($"netns add {network.Switch}");
            await Ip($"-n {network.Switch} link add br0 type bridge");
            await Ip($"-n {network.Switch} link set br0 up");
            foreach (var name in names)
                await network.AddAsync(name);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of a host.</summary>
    public string AddressOf(string host) =>
        string.Create(CultureInfo.InvariantCulture, $"10.111.0.{hosts.IndexOf(host) + 1}");

    /// <summary>Pulls a host's cable out of the switch, or puts it back.</summary>
    public Task PlugAsync(string host, bool isIn) => Ip($"-n {Switch} link set p{host} {(isIn ? "up" : "down")}");

    /// <summary>Lets a host send so many bits a second only; null: as fast as it can.</summary>
    public async Task SlowAsync(string host, string? rate) =>
        await TestFarm.AsTestsAsync([
            "tc",
            "-n",
            Name(host),
            "qdisc",
            .. (rate is null ? "del dev eth0 root" : $"add dev eth0 root tbf rate {rate} burst 16k latency 2s").Split(
                ' '
            ),
        ]);

    /// <summary>Starts a command of pkgforge on a host, as the farm's user.</summary>
    public FarmProcess Start(TestFarm farm, string host, string? faultPoint, params string[] words)
    {
        var command = Executable.Start(words);
        var start = Executable.Clean([
            "nsenter",
            $"--net=/run/netns/{Name(host)}",
            "--",
            "unshare",
            "--uts",
            "--",
            "sh",
            "-c",
            "hostname \"$0\" && exec \"$@\"",
            host,
            command.FileName,
            .. command.ArgumentList,
        ]);
        if (faultPoint is not null)
            start.Environment[Spool.FaultPoint.Variable] = faultPoint;
        return farm.Run(FarmProcess.Start(start));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in hosts.Select(Name).Append(Switch))
            await FarmProcess.Start(Executable.Clean(["ip", "netns", "del", name])).EndAsync();
    }

    private async Task AddAsync(string host)
    {
        hosts.Add(host);
        await Ip($"netns add {Name(host)}");
        await Ip($"-n {Switch} link add p{host} type veth peer name eth0 netns {Name(host)}");
        await Ip($"-n {Switch} link set p{host} master br0 up");
        await Ip($"-n {Name(host)} addr add {AddressOf(host)}/24 dev eth0");
        await Ip($"-n {Name(host)} link set eth0 up");
        await Ip($"-n {Name(host)} link set lo up");
    }

    private string Name(string host) => $"{prefix}{host}";

    private static async Task Ip(string words)
    {
        var result = await FarmProcess.Start(Executable.Clean(["ip", .. words.Split(' ')])).EndAsync();
        result.ExitCode.Should().Be(0, "of ip {0}, but: {1}", words, result);
    }
}
