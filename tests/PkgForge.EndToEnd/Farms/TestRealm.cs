using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AwesomeAssertions;

namespace PkgForge.EndToEnd.Farms;

/// <summary>A realm of Kerberos, EXAMPLE.ORG, with a server of its own (Debian's MIT Kerberos) on a port of this machine, and tickets in files.</summary>
internal sealed class TestRealm : IAsyncDisposable
{
    public const string Name = "EXAMPLE.ORG";
    private const string Kdc = "/usr/sbin/krb5kdc";
    private const string Password = "a password of a test";

    private readonly string directory;
    private readonly FarmProcess server;

    private TestRealm(string directory, FarmProcess server) => (this.directory, this.server) = (directory, server);

    /// <summary>With the keys of <c>HTTP/localhost</c>.</summary>
    public string Keytab => $"{directory}/farm.keytab";

    /// <summary>Starts one, in a directory that the farm's user can read.</summary>
    public static async Task<TestRealm> StartAsync(string directory)
    {
        Executable.Require(File.Exists(Kdc), "krb5-kdc is not installed: tests/environment test installs it");
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        // Its tickets are there.
        if (Executable.RunsAsRoot)
            await TestFarm.AsTestsAsync("chown", $"{Executable.User.Uid}:{Executable.User.Gid}", directory);
        var port = FreePort();
        await File.WriteAllTextAsync($"{directory}/krb5.conf", Client(port));
        await File.WriteAllTextAsync($"{directory}/kdc.conf", Server(directory, port));
        await DoAsync(directory, "/usr/sbin/kdb5_util", "create", "-s", "-r", Name, "-P", "master");
        foreach (var user in new[] { "anna", "bob", "anna/admin" })
            await DoAsync(directory, "/usr/sbin/kadmin.local", "-r", Name, "addprinc", "-pw", Password, user);
        await DoAsync(directory, "/usr/sbin/kadmin.local", "-r", Name, "addprinc", "-randkey", "HTTP/localhost");
        await DoAsync(
            directory,
            "/usr/sbin/kadmin.local",
            "-r",
            Name,
            "ktadd",
            "-k",
            $"{directory}/farm.keytab",
            "HTTP/localhost"
        );
        File.SetUnixFileMode($"{directory}/farm.keytab", (UnixFileMode)0b110_100_100);
        var start = Executable.Clean([Kdc, "-n", "-r", Name, "-P", $"{directory}/kdc.pid"]);
        Set(start.Environment, directory);
        var realm = new TestRealm(directory, FarmProcess.Start(start));
        await WaitAsync(port);
        return realm;
    }

    /// <summary>What a process needs to know of the realm.</summary>
    /// <param name="environment">Of the process.</param>
    /// <param name="user">Whose ticket it has; null for none.</param>
    public void Give(IDictionary<string, string?> environment, string? user = null)
    {
        Set(environment, directory);
        environment["KRB5CCNAME"] = Cache(user ?? "nobody");
    }

    /// <summary>Gets a ticket, as <c>kinit</c> does.</summary>
    public async Task LogInAsync(string user)
    {
        var password = $"{directory}/password";
        await File.WriteAllTextAsync(password, $"{Password}\n");
        // kinit reads a password from its standard input, and only a shell can say where that comes from.
        await RunAsync(
            directory,
            Executable.AsUser(["sh", "-c", "kinit -c \"$1\" \"$2\" < \"$3\"", "sh", Cache(user), user, password])
        );
    }

    public async ValueTask DisposeAsync()
    {
        server.Send(Signal.Terminate);
        await server.EndAsync();
        server.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private string Cache(string user) => $"{directory}/ticket-{user.Replace('/', '-')}";

    private static void Set(IDictionary<string, string?> environment, string directory)
    {
        environment["KRB5_CONFIG"] = $"{directory}/krb5.conf";
        environment["KRB5_KDC_PROFILE"] = $"{directory}/kdc.conf";
    }

    private static Task DoAsync(string directory, params string[] command) =>
        RunAsync(directory, Executable.Clean(command));

    private static async Task RunAsync(string directory, ProcessStartInfo start)
    {
        Set(start.Environment, directory);
        var result = await FarmProcess.Start(start).EndAsync();
        result.ExitCode.Should().Be(0, "of {0}, which printed:\n{1}", string.Join(' ', start.ArgumentList), result);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task WaitAsync(int port)
    {
        for (var i = 0; i < 200; i++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }
        throw new TimeoutException("krb5kdc does not answer");
    }

    private static string Client(int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            [libdefaults]
                default_realm = {{Name}}
                dns_lookup_kdc = false
                dns_lookup_realm = false
                dns_canonicalize_hostname = false
                rdns = false
                udp_preference_limit = 1
            [realms]
                {{Name}} = {
                    kdc = 127.0.0.1:{{port}}
                }
            [domain_realm]
                localhost = {{Name}}
            """
        );

    private static string Server(string directory, int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            [kdcdefaults]
                kdc_listen = 127.0.0.1:{{port}}
                kdc_tcp_listen = 127.0.0.1:{{port}}
            [realms]
                {{Name}} = {
                    database_name = {{directory}}/principal
                    key_stash_file = {{directory}}/stash
                    acl_file = {{directory}}/acl
                    max_life = 1h
                    supported_enctypes = aes256-cts-hmac-sha1-96:normal
                }
            [logging]
                kdc = FILE:{{directory}}/kdc.log
            """
        );
}
