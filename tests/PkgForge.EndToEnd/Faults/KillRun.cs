using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Spool;
using PkgForge.Tests.Shared;

namespace PkgForge.EndToEnd.Faults;

/// <summary>
/// One farm, a few jobs, and a process that dies at a point and, started again, at another one. In a part of the runs all
/// are daemons that work at the same time; in the others one comes after the other.
/// </summary>
internal sealed class KillRun(Campaign campaign, PostgresFixture postgres, int seed)
{
    private const string Times = "lease: 3s\nheartbeat: 0.2s";

    private readonly Random random = new(seed);
    private readonly List<string> story = [];
    private readonly List<PlannedJob> jobs = [];
    private string stage = "";
    private string? next;
    private int kills;
    private bool remote;
    private int deadSubmissions;

    public async Task RunAsync()
    {
        var point = Points.Nth(seed);
        (stage, next) = (Points.Stage(point, random), point);
        var sqlite = random.Next(5) == 0;
        var together = !sqlite && stage != Points.Submit && !IsStaged(point) && random.Next(3) == 0;
        remote = together && random.Next(2) == 0;
        if (remote)
            stage = Points.Remote(stage, point);
        jobs.AddRange(PlannedJob.Some(random));
        campaign.Count(sqlite ? "runs on SQLite" : "runs on PostgreSQL");
        await using var farm = await FaultFarm.CreateAsync(sqlite ? null : postgres, Times);
        try
        {
            if (together)
                await TogetherAsync(farm);
            else
                await OneByOneAsync(farm);
            await farm.CloseAsync(jobs, deadSubmissions);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            farm.Farm.HasFailed = true;
            throw new InvalidOperationException($"{string.Join("; ", story)}\n{e.Message}\n{farm.Farm.Said()}", e);
        }
    }

    /// <summary>Points that only a farm in a certain state comes to.</summary>
    private static bool IsStaged(string point) =>
        point is FaultPoints.PutBackBefore or FaultPoints.PutBackAfter or FaultPoints.ReleasePutBack;

    private async Task OneByOneAsync(FaultFarm farm)
    {
        foreach (var job in jobs)
            await SubmitAsync(farm.Farm, job);
        await UntilDoneAsync(farm, Points.Incoming, ["incoming"]);
        if (next is FaultPoints.PutBackBefore or FaultPoints.PutBackAfter)
            await StopWhileBuildingAsync(farm.Farm);
        if (next is FaultPoints.ReleasePutBack)
            await LoseOneAsync(farm.Farm);
        await UntilDoneAsync(farm, Points.Builder, ["buildd", "--name", FaultFarm.FirstBuilder]);
        await UntilDoneAsync(farm, Points.Builder, ["buildd", "--name", FaultFarm.OtherBuilder]);
    }

    private async Task SubmitAsync(TestFarm farm, PlannedJob job)
    {
        while (true)
        {
            var result = await StartAsync(farm, Points.Submit, job.Submit(farm));
            job.IsAcknowledged = result.ExitCode == 0;
            if (job.IsAcknowledged || Directory.Exists($"{farm.Incoming}/{job.Id}"))
                return;
            result.ExitCode.Should().Be(CommandResult.Killed, "of submit, but: {0}", result);
            deadSubmissions++;
        }
    }

    /// <summary>Starts the command again until nothing kills it.</summary>
    private async Task UntilDoneAsync(FaultFarm farm, string as_, string[] words)
    {
        CommandResult result;
        while ((result = await StartAsync(farm.Farm, as_, words)).ExitCode == CommandResult.Killed)
            await MaybeCancelAsync(farm, as_);
        result.ExitCode.Should().Be(0, "of {0}, but: {1}", string.Join(' ', words), result);
    }

    /// <summary>A builder that is told to stop gives its task back.</summary>
    private async Task StopWhileBuildingAsync(TestFarm farm)
    {
        var slow = new PlannedJob(
            "slow",
            [],
            [
                ["sleep 1", "product slow.txt s"],
            ],
            1,
            "successful"
        );
        await farm.DoAsync("buildd", "--name", FaultFarm.FirstBuilder);
        jobs.Add(slow);
        await SubmitAsync(farm, slow);
        await farm.DoAsync("incoming");
        var builder = farm.StartAt(Take(Points.Builder), "buildd", "--name", FaultFarm.FirstBuilder, "--daemon");
        await builder.SaysAsync("building slow");
        builder.Send(Signal.Terminate);
        Note(await builder.EndAsync(), Points.Builder);
    }

    /// <summary>A builder dies of another cause first: its next process finds the task, and puts it back.</summary>
    private async Task LoseOneAsync(TestFarm farm)
    {
        var result = await farm.StartAt(FaultPoints.BuilddBuilt, "buildd", "--name", FaultFarm.FirstBuilder).EndAsync();
        result.ExitCode.Should().Be(CommandResult.Killed);
        story.Add($"killed at {FaultPoints.BuilddBuilt}");
    }

    private async Task TogetherAsync(FaultFarm farm)
    {
        campaign.Count(remote ? "runs with a server and a builder of it" : "runs with all daemons at once");
        var daemons = new List<(string Stage, string[] Words, FarmProcess Process)>();
        foreach (var (role, words) in await DaemonsAsync(farm))
            daemons.Add((role, words, farm.Farm.StartAt(Take(role), words)));
        foreach (var job in jobs)
            await SubmitAsync(farm.Farm, job);
        var started = TimeProvider.System.GetTimestamp();
        while (!await AllFinalAsync(farm))
        {
            for (var i = 0; i < daemons.Count; i++)
                if (daemons[i].Process.HasEnded)
                    daemons[i] = await AgainAsync(farm.Farm, daemons[i]);
            TimeProvider.System.GetElapsedTime(started).TotalSeconds.Should().BeLessThan(60, "the jobs must end");
            await Task.Delay(30);
        }
        foreach (var daemon in daemons)
            await ReadyAsync(daemon.Process);
        // A builder says goodbye to its server.
        foreach (var daemon in daemons.Where(daemon => daemon.Stage != Points.Serve))
            daemon.Process.Send(Signal.Terminate);
        foreach (var daemon in daemons.OrderBy(daemon => daemon.Stage == Points.Serve))
        {
            daemon.Process.Send(Signal.Terminate);
            Note(await daemon.Process.EndAsync(), daemon.Stage);
        }
        if (daemons.Find(daemon => daemon.Stage == Points.Serve) is (_, { } serve, _))
            await ServeOnceMoreAsync(farm.Farm, serve);
    }

    /// <summary>What a server has left that died with the last task's end, its next start removes.</summary>
    private static async Task ServeOnceMoreAsync(TestFarm farm, string[] words)
    {
        var server = farm.Start(words);
        await server.SaysAsync("serving at");
        await server.StopAsync();
    }

    /// <summary>A process that has hardly begun does not hear yet that it is to stop, and dies of it.</summary>
    private static async Task ReadyAsync(FarmProcess process)
    {
        try
        {
            await Task.WhenAny(process.SaysAsync("is running"), process.SaysAsync("serving at"));
        }
        catch (TimeoutException)
        {
            // It has ended.
        }
    }

    private async Task<List<(string Role, string[] Words)>> DaemonsAsync(FaultFarm farm)
    {
        List<(string, string[])> daemons =
        [
            (Points.Incoming, ["incoming", "--daemon"]),
            ("second", ["buildd", "--name", FaultFarm.SecondBuilder, "--daemon"]),
            ("other", ["buildd", "--name", FaultFarm.OtherBuilder, "--daemon"]),
        ];
        if (!remote)
        {
            daemons.Add((Points.Builder, ["buildd", "--name", FaultFarm.FirstBuilder, "--daemon"]));
            return daemons;
        }
        var server = await RemoteParts.EnrolAsync(farm.Farm, FaultFarm.FirstBuilder);
        daemons.Add((Points.Serve, ["serve", "--listen", server]));
        daemons.Add((Points.Builder, ["buildd", "--server", server, "--name", FaultFarm.FirstBuilder, "--daemon"]));
        return daemons;
    }

    private async Task<(string, string[], FarmProcess)> AgainAsync(
        TestFarm farm,
        (string Stage, string[] Words, FarmProcess Process) daemon
    )
    {
        var result = await daemon.Process.EndAsync();
        result.ExitCode.Should().Be(CommandResult.Killed, "a daemon does not end by itself: {0}", result);
        Note(result, daemon.Stage);
        return (daemon.Stage, daemon.Words, farm.StartAt(Take(daemon.Stage), daemon.Words));
    }

    private async Task<bool> AllFinalAsync(FaultFarm farm)
    {
        var world = await World.ReadAsync(farm.Registry);
        return world.Jobs.Count == jobs.Count && world.Jobs.All(job => job.State is not (3 or 4));
    }

    private async Task<CommandResult> StartAsync(TestFarm farm, string as_, string[] words)
    {
        var result = await farm.StartAt(Take(as_), words).EndAsync();
        Note(result, as_);
        return result;
    }

    /// <summary>What arms a process of this stage now, if anything.</summary>
    private string? Take(string as_)
    {
        if (as_ != stage || next is null)
            return null;
        var armed = Points.Arm(next, as_, random);
        story.Add($"{as_} armed with {armed}");
        next = null;
        return armed;
    }

    /// <summary>After the first kill the process that is started again is armed too, with any other point.</summary>
    private void Note(CommandResult result, string as_)
    {
        if (result.ExitCode != CommandResult.Killed)
        {
            result.ExitCode.Should().Be(0, "of {0}, but: {1}", as_, result);
            return;
        }
        kills++;
        story.Add("killed");
        campaign.Count(kills == 1 ? "kills" : "kills during recovery");
        campaign.Reached(LastArmed());
        if (kills == 1)
            next = Points.Any(stage, remote, random);
    }

    private string LastArmed() =>
        story.Last(line => line.Contains(" armed with ")).Split(" armed with ")[1].Split(':')[0];

    /// <summary>Somebody cancels the job whose builder is dead; or another one, if that had none.</summary>
    private async Task MaybeCancelAsync(FaultFarm farm, string as_)
    {
        if (as_ != Points.Builder || random.Next(3) != 0)
            return;
        var held = (await World.ReadAsync(farm.Registry))
            .Tasks.FirstOrDefault(task => task.State == World.Building)
            ?.Job;
        var job = jobs.FirstOrDefault(job => job.Id == held) ?? jobs[random.Next(jobs.Count)];
        var result = await farm.Farm.TryAsync("cancel", job.Id);
        story.Add($"cancel {job.Id}: {result.ExitCode}");
        job.IsCancelled = true;
        campaign.Count("jobs cancelled while their builder was dead");
    }
}
