using System.Globalization;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd.Faults;

/// <summary>Ten builders are started at once under one name: one runs, the others say so.</summary>
public sealed class OneNameTests(PostgresFixture postgres) : FarmTests
{
    private const int Builders = 10;
    private const int Refused = 5;

    [Fact]
    public async Task On_one_machine_the_lock_lets_one_run_and_the_next_one_after_its_death()
    {
        var farm = await MakeFarmAsync();
        for (var round = 0; round < 2; round++)
        {
            var running = await OneOfAsync(
                [.. Enumerable.Range(0, Builders).Select(_ => farm.Start("buildd", "--name", "b1", "--daemon"))],
                "is running on this machine already"
            );
            running.Send(Signal.Kill);
            (await running.EndAsync()).ExitCode.Should().Be(CommandResult.Killed);
        }
    }

    [Fact]
    public async Task On_ten_machines_the_registry_lets_one_run()
    {
        Executable.RequireRoot("only root can give a process a host name of its own");
        var database = Keep(await FarmDatabase.CreateAsync(postgres));
        var farm = await MakeFarmAsync(new() { Registry = database.Registry });
        var running = await OneOfAsync(
            [.. Enumerable.Range(0, Builders).Select(i => StartOn(farm, $"host{i}"))],
            "builder 'b1' runs on host"
        );

        await farm.SubmitAsync("still", farm.Script("a", "product a.txt a"));
        await farm.DoAsync("incoming");
        (await farm.FinalAsync("still", 10)).State.Should().Be("successful", "the one that runs is unharmed");
        await running.StopAsync();
    }

    /// <summary>A builder with a host name and a work directory of its own, as on another machine.</summary>
    private static FarmProcess StartOn(TestFarm farm, string host)
    {
        var configuration = $"{farm.Directory}/{host}.yml";
        var lines = File.ReadAllLines(farm.Configuration);
        File.WriteAllLines(
            configuration,
            lines.Select(line => line.StartsWith("work: ", StringComparison.Ordinal) ? $"{line}/{host}" : line)
        );
        var words = Executable.Start(["buildd", "--name", "b1", "--daemon", "-c", configuration]);
        return farm.Run(
            FarmProcess.Start(
                Executable.Clean([
                    "unshare",
                    "--uts",
                    "--",
                    "sh",
                    "-c",
                    "hostname \"$0\" && exec \"$@\"",
                    host,
                    words.FileName,
                    .. words.ArgumentList,
                ])
            )
        );
    }

    /// <summary>Waits until all but one have ended, each refused with this sentence.</summary>
    private static async Task<FarmProcess> OneOfAsync(List<FarmProcess> builders, string sentence)
    {
        var ends = builders.ConvertAll(builder => builder.EndAsync());
        var refused = ends.ToHashSet();
        for (var i = 1; i < Builders; i++)
        {
            var end = await Task.WhenAny(refused);
            refused.Remove(end);
            var result = await end;
            result.ExitCode.Should().Be(Refused, "but it printed: {0}", result);
            result.Error.Should().Contain(sentence);
        }
        var running = builders[ends.IndexOf(refused.Single())];
        await running.SaysAsync("buildd b1 is running");
        running.HasEnded.Should().BeFalse(string.Create(CultureInfo.InvariantCulture, $"one of {Builders} runs"));
        return running;
    }
}
