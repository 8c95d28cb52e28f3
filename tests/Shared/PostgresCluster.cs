using System.Diagnostics;
using System.Globalization;
using Npgsql;
using PkgForge.Native;

namespace PkgForge.Tests.Shared;

/// <summary>
/// A throw-away PostgreSQL server in a directory of its own, reached by a socket in it only. It is gone, with its
/// directory, when it is disposed; what a killed run left behind, the next one removes.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string User = "farm";
    private const string Prefix = "pkgforge-postgres-";

    /// <summary>A server for tests: what a power cut would do to it is of no interest.</summary>
    private static readonly string[] Hasty = ["fsync=off", "full_page_writes=off", "jit=off", "max_connections=200"];

    private readonly string directory;
    private readonly string programs;

    private PostgresCluster(string directory, string programs) =>
        (this.directory, this.programs) = (directory, programs);

    private IReadOnlyList<string> Settings { get; init; } = Hasty;

    private string Data => Path.Combine(directory, "data");

    /// <summary>The directory of PostgreSQL's programs; null where it is not installed.</summary>
    /// <param name="version">Its major version; without one, whichever the machine has.</param>
    public static string? FindPrograms(int? version = null) =>
        (version is null ? InstalledPrograms() : ProgramsOf(version.Value)).FirstOrDefault(d =>
            File.Exists($"{d}/initdb") && File.Exists($"{d}/pg_ctl")
        );

    private static IEnumerable<string> InstalledPrograms()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => $"{version}/bin")
            : [];
        // Debian's directory first: a link in the PATH may stand alone, without the programs that initdb looks for.
        return debian.Concat(path);
    }

    /// <summary>Debian's place, and the one where <c>tests/environment</c> puts a version that Debian does not have.</summary>
    private static string[] ProgramsOf(int version) =>
        [$"/usr/lib/postgresql/{version}/bin", $"/var/tmp/pkgforge-postgresql-{version}-{Accounts.EffectiveUser}/bin"];

    /// <summary>Makes and starts a server. About a second.</summary>
    /// <param name="version">Its major version; without one, whichever the machine has.</param>
    /// <param name="settings">
    /// Where it differs from PostgreSQL's defaults, as <c>NAME=VALUE</c>; without any, it is a server that does not wait for the disk, and
    /// has its data in memory where it can.
    /// </param>
    public static async Task<PostgresCluster> StartAsync(int? version = null, IReadOnlyList<string>? settings = null)
    {
        var found = FindPrograms(version) ?? throw new InvalidOperationException("PostgreSQL is not installed");
        await RemoveStaleAsync(found);
        var under = settings is null ? QuickDisk.Root : Path.GetTempPath();
        var place = Path.Combine(under, $"{Prefix}{Environment.ProcessId}-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(place);
        if (OtherUser is { } owner)
            await RunAsync("chown", owner, place);
        var cluster = new PostgresCluster(place, found) { Settings = settings ?? Hasty };
        await cluster.ToolAsync("initdb", "-D", cluster.Data, "-A", "trust", "-U", User, "-E", "UTF8", "--no-sync");
        await cluster.ServerAsync("start");
        return cluster;
    }

    /// <summary>Npgsql's keywords for a database of this server.</summary>
    public string ConnectionString(string database) =>
        $"Host={directory};Username={User};Database={database};Include Error Detail=true";

    public Task CreateDatabaseAsync(string name) => AdministrateAsync($"CREATE DATABASE {name}");

    public Task DropDatabaseAsync(string name) => AdministrateAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <summary>Stops the server, which breaks all connections off, and starts it again.</summary>
    public Task RestartAsync() => ServerAsync("restart");

    /// <param name="mode"><c>fast</c>: connections are broken off; <c>immediate</c>: as after a crash.</param>
    public Task StopAsync(string mode = "fast") => ServerAsync("stop", mode);

    public Task StartAgainAsync() => ServerAsync("start");

    /// <summary>Runs a statement, on a connection of its own.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await ServerAsync("stop");
        Directory.Delete(directory, recursive: true);
    }

    private Task AdministrateAsync(string sql) => ExecuteAsync(ConnectionString("postgres"), sql);

    private async Task ServerAsync(string action, string mode = "fast")
    {
        var options = $"-k {directory} -c listen_addresses= {string.Join(' ', Settings.Select(s => $"-c {s}"))}";
        string[] start = action == "stop" ? [] : ["-o", options, "-l", Path.Combine(directory, "log")];
        await ToolAsync("pg_ctl", [action, "-D", Data, "-w", "-m", mode, .. start]);
    }

    private Task ToolAsync(string tool, params string[] arguments)
    {
        var program = Path.Combine(programs, tool);
        return OtherUser is { } user
            ? RunAsync("runuser", ["-u", user, "--", program, .. arguments])
            : RunAsync(program, arguments);
    }

    /// <summary>PostgreSQL refuses to run as root; then it runs as this user.</summary>
    private static string? OtherUser =>
        Environment.UserName != "root" ? null
        : File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres"
        : "nobody";

    /// <summary>Stops and removes the servers of test runs that are dead: the process id is part of the name.</summary>
    private static async Task RemoveStaleAsync(string programs)
    {
        string[] places = [Path.GetTempPath(), QuickDisk.Root];
        foreach (var stale in places.Distinct().SelectMany(place => Directory.GetDirectories(place, $"{Prefix}*")))
        {
            var pid = Path.GetFileName(stale)[Prefix.Length..].Split('-')[0];
            if (!int.TryParse(pid, CultureInfo.InvariantCulture, out _) || Directory.Exists($"/proc/{pid}"))
                continue;
            await RemoveAsync(stale, programs);
        }
    }

    private static async Task RemoveAsync(string stale, string programs)
    {
        try
        {
            if (File.Exists($"{stale}/data/postmaster.pid"))
                await new PostgresCluster(stale, programs).ServerAsync("stop");
        }
        catch (InvalidOperationException)
        {
            // It was killed too, or had not come up. A server whose directory goes ends by itself.
        }
        try
        {
            Directory.Delete(stale, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another run is removing it, or it is another user's.
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}: {await error}{await output}"
            );
    }
}
