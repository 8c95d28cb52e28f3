using System.Net;
using System.Net.Sockets;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Escape;

/// <summary>
/// What the test puts on the host to be found by builds: files with a secret, listeners, a process, shared memory. All of it
/// belongs to the farm's user, so that nothing but the root stands between it and a build.
/// </summary>
internal sealed class HostTargets : IAsyncDisposable
{
    private static int made;

    private const string Keeper = """
        use IPC::SysV qw(IPC_CREAT IPC_RMID);
        my ($key, $queue) = @ARGV;
        my @made = (shmget($key, 4096, IPC_CREAT | 0600), semget($key, 1, IPC_CREAT | 0600), msgget($key, IPC_CREAT | 0600));
        my $name = "$queue\0";
        syscall 240, $name, 0102, 0600, 0;
        $| = 1;
        print STDERR "ready\n";
        local $SIG{TERM} = sub { shmctl $made[0], IPC_RMID, 0; semctl $made[1], 0, IPC_RMID, 0; msgctl $made[2], IPC_RMID, 0; syscall 241, $name; exit 0 };
        sleep 1 while 1;
        """;

    private readonly TestFarm farm;
    private readonly List<TcpListener> tcp = [];
    private readonly List<Socket> sockets = [];
    private readonly UdpClient udp = new(new IPEndPoint(IPAddress.Loopback, 0));
    private FarmProcess? keeper;

    private HostTargets(TestFarm farm) => this.farm = farm;

    /// <summary>What no build may ever print.</summary>
    public string Secret { get; } = $"secret{Guid.NewGuid():N}";

    /// <summary>The names and values that the probe program reads.</summary>
    public Dictionary<string, string> Values { get; } = [];

    /// <summary>The file that must not change.</summary>
    public string Victim => $"{farm.Directory}/host/victim";

    public static async Task<HostTargets> PrepareAsync(TestFarm farm)
    {
        var targets = new HostTargets(farm);
        await targets.WriteFilesAsync();
        targets.Listen();
        await targets.KeepAsync();
        return targets;
    }

    /// <summary>The file of targets.</summary>
    public string Text => string.Concat(Values.Select(value => $"{value.Key}={value.Value}\n"));

    /// <summary>What has arrived at the listeners, or has changed; empty when all is as it was.</summary>
    public IEnumerable<string> Harm()
    {
        if (tcp.Exists(listener => listener.Pending()))
            yield return "a connection has arrived at a TCP listener";
        if (sockets.Exists(socket => socket.Poll(0, SelectMode.SelectRead)))
            yield return "a connection has arrived at a local socket";
        if (udp.Available > 0)
            yield return "a datagram has arrived";
        if (File.ReadAllText(Victim) != "as it was\n")
            yield return "the host's file has changed";
        if (!File.Exists(Values["removable_file"]))
            yield return "the host's file is gone";
        if (Directory.EnumerateFileSystemEntries(Values["scratch"]).Any())
            yield return "something was put into the host's directory";
        if (keeper!.HasEnded || !Directory.Exists($"/proc/{keeper.Id}"))
            yield return "the host's process has ended";
    }

    public async ValueTask DisposeAsync()
    {
        tcp.ForEach(listener => listener.Dispose());
        sockets.ForEach(socket => socket.Dispose());
        udp.Dispose();
        File.Delete($"/dev/shm/{Values["shm"]}");
        if (keeper is null)
            return;
        keeper.Send(Signal.Continue);
        keeper.Send(Signal.Terminate);
        await keeper.EndAsync();
        keeper.Dispose();
    }

    private async Task WriteFilesAsync()
    {
        var host = Directory.CreateDirectory($"{farm.Directory}/host").FullName;
        Put("secret_file", $"{host}/secret", Secret, 0b110_000_000);
        Put("public_file", $"{host}/public", Secret, 0b110_100_100);
        Put("victim_file", Victim, "as it was\n", 0b110_110_110);
        Put("removable_file", $"{host}/removable", "", 0b110_110_110);
        Values["scratch"] = Directory.CreateDirectory($"{host}/scratch").FullName;
        File.SetUnixFileMode(Values["scratch"], (UnixFileMode)0b111_111_111);
        Values["shm"] = $"pkgforge-{Secret}";
        File.WriteAllText($"/dev/shm/{Values["shm"]}", Secret);
        await farm.GiveAsync(host);
        await farm.GiveAsync($"/dev/shm/{Values["shm"]}");
        Values["secret"] = Secret;
        Values["registry"] = $"{farm.Directory}/registry.db";
        Values["spool"] = farm.Spool;
        Values["buckets"] = $"{farm.Directory}/buckets";
        Values["work"] = farm.Work;
        Values["layers"] = $"{farm.Work}/layers";
        Values["making"] = $"{farm.Work}/making";
        Values["configuration"] = farm.Configuration;
    }

    private void Put(string name, string path, string text, int mode)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)mode);
        Values[name] = path;
    }

    private void Listen()
    {
        Values["port"] = Port(IPAddress.Loopback);
        Values["any_port"] = Port(IPAddress.IPv6Any);
        Values["udp_port"] = $"{((IPEndPoint)udp.Client.LocalEndPoint!).Port}";
        Values["address"] =
            Dns.GetHostAddresses(Dns.GetHostName(), AddressFamily.InterNetwork).FirstOrDefault()?.ToString()
            ?? "127.0.0.1";
        Values["socket"] = Local($"{farm.Directory}/host/socket");
        File.SetUnixFileMode(Values["socket"], (UnixFileMode)0b111_111_111);
        Values["abstract"] = Local($"\0pkgforge-{Guid.NewGuid():N}")[1..];
    }

    private string Port(IPAddress address)
    {
        var listener = new TcpListener(address, 0);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            listener.Server.DualMode = true;
        listener.Start();
        tcp.Add(listener);
        return $"{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    private string Local(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(name));
        socket.Listen(64);
        sockets.Add(socket);
        return name;
    }

    private async Task KeepAsync()
    {
        // Two runs of probes may go on at once.
        Values["key"] = $"{0x50000000 + Environment.ProcessId * 16 + Interlocked.Increment(ref made) % 16}";
        Values["queue"] = $"pkgforge-{Guid.NewGuid():N}";
        var start = Executable.AsUser(["perl", "-e", Keeper, Values["key"], Values["queue"], Secret]);
        start.Environment["PROBE_SECRET"] = Secret;
        keeper = FarmProcess.Start(start);
        Values["pid"] = $"{keeper.Id}";
        await keeper.SaysAsync("ready");
    }
}
