using System.Diagnostics;
using AwesomeAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using PkgForge.Registry;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Handlers;

/// <summary>
/// What root sets up, tried by those whom it is meant for. The accounts are some that every Debian has: daemon runs the
/// farm, the group games may submit, and backup and news are two of its members.
/// </summary>
public sealed class InitialiseTests : IDisposable
{
    private const string SubmittersGroup = "60";

    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-initialise-").FullName;

    private string Incoming => $"{directory}/spool/incoming";

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task A_job_is_its_submitters_and_the_farms_and_nobody_elses()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to set up a farm for others");
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        await InitialiseAsync();

        (await RunAsync("backup", SubmittersGroup, "mkdir -m 770 job && echo a > job/a")).Should().Be(0);
        (await RunAsync("news", SubmittersGroup, "ls job")).Should().NotBe(0, "another submitter may not look into it");
        (await RunAsync("news", SubmittersGroup, "rm -rf job")).Should().NotBe(0, "nor remove it");
        (await RunAsync("news", SubmittersGroup, "mv job mine")).Should().NotBe(0, "nor take it away");
        (await RunAsync("nobody", "65534", "mkdir job2")).Should().NotBe(0, "who is not in the group may not submit");
        File.Exists($"{Incoming}/job/a").Should().BeTrue();
        (await RunAsync("daemon", "1", "cat job/a && rm -r job"))
            .Should()
            .Be(0, "the farm reads it and clears it away");
    }

    [Fact]
    public async Task Accepted_jobs_and_results_are_read_by_everybody_and_written_by_the_farm()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to set up a farm for others");
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        await InitialiseAsync();

        foreach (var area in new[] { "accepted", "results" })
        {
            (await RunAsync("daemon", "1", $"mkdir ../{area}/job")).Should().Be(0);
            (await RunAsync("news", SubmittersGroup, $"ls ../{area}/job")).Should().Be(0);
            (await RunAsync("news", SubmittersGroup, $"mkdir ../{area}/mine")).Should().NotBe(0);
        }
    }

    private async Task InitialiseAsync()
    {
        var configuration = new FarmConfiguration
        {
            Spool = $"{directory}/spool",
            Registry = $"sqlite:{directory}/state/registry.db",
            Repositories = $"{directory}/buckets",
            Work = $"{directory}/work",
            User = "daemon",
            Submitters = "games",
        };
        await using var registry = Registries.Open(new() { Connection = configuration.Registry });
        var spool = SpoolDirectories.Under(configuration.Spool);
        var farm = new Farm(configuration, registry, spool, NullLogger.Instance, TimeProvider.System);
        var said = new List<string>();
        (await new Initialise(farm, said.Add).RunAsync(TestContext.Current.CancellationToken))
            .Should()
            .BeTrue(string.Join('\n', said));
    }

    /// <summary>Exit code of a few words of shell in the incoming directory, as a user with one further group.</summary>
    private async Task<int> RunAsync(string user, string group, string script)
    {
        string[] words =
        [
            $"--reuid={user}",
            "--regid=65534",
            $"--groups={group}",
            "sh",
            "-c",
            $"cd '{Incoming}' && {script}",
        ];
        using var process = Process.Start(new ProcessStartInfo("setpriv", words) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }
}
