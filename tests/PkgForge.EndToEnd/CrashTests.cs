using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Spool;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>
/// Kills the process that comes to each fault point, then starts it again: every job comes to exactly one final state, and
/// nothing is left behind. The points of publishing are in <see cref="RealCrashTests"/>.
/// </summary>
public abstract class CrashTests : FarmTests
{
    private const string Id = "job-1";

    private protected static readonly string[] Building = ["attach", "claim", "buildd", "build", "heartbeat", "finish"];
    private static readonly string[] Unclaimed =
    [
        FaultPoints.AttachBefore,
        FaultPoints.AttachAfter,
        FaultPoints.ClaimBefore,
    ];
    private static readonly string[] Ended =
    [
        FaultPoints.FinishCommitted,
        FaultPoints.FinishPublished,
        FaultPoints.BuilddFinished,
    ];

    private protected abstract Task<TestFarm> MakeFarmAsync();

    /// <summary>Points that a farm of dummy builders comes to, of these stages.</summary>
    private protected static TheoryData<string> Points(params string[] stages) =>
        new(FaultPoints.All.Where(name => name != FaultPoints.IncomingRejected && stages.Contains(name.Split('.')[0])));

    private protected async Task KillAtAsync(string point)
    {
        var farm = await MakeFarmAsync();
        var source = farm.Script("a", "product a.txt a");
        await DieAsync(farm, point, "submit", ["submit", "-B", "main", "--id", Id, source]);
        if (!Directory.Exists($"{farm.Incoming}/{Id}"))
            await farm.SubmitAsync(Id, source);
        await DieAsync(farm, point, "incoming accepted", ["incoming"]);
        await farm.DoAsync("incoming");
        RemoveDeadSubmission(farm, point);
        await DieAsync(farm, point, string.Join(' ', Building), ["buildd", "--name", "b1"]);
        await farm.DoAsync("buildd", "--name", "b1");

        JobStatus.ParseList(await farm.DoAsync("status", "--json")).Should().ContainSingle().Which.Id.Should().Be(Id);
        var job = await farm.StatusAsync(Id);
        job.State.Should().Be("successful");
        var outcomes = job.Task.Attempts.Select(attempt => attempt.Outcome);
        var lost = Building.Contains(point.Split('.')[0]) && !Unclaimed.Contains(point) && !Ended.Contains(point);
        outcomes.Should().Equal(lost ? ["lost", "success"] : ["success"]);
        farm.Files("spool/accepted").Should().Equal($"{Id}/a.dummy", $"{Id}/job.yml");
        farm.Files($"spool/results/{Id}/dummy-all/{job.Task.Attempts.Length}")
            .Should()
            .Equal("log", "products/a.txt", "record.yml");
        Directory.EnumerateFileSystemEntries(farm.Incoming).Should().BeEmpty();
    }

    private protected async Task KillWhenRejectedAsync()
    {
        var farm = await MakeFarmAsync();
        await farm.DoAsync("submit", "-B", "nowhere", "--id", Id, farm.Script("a", "print a"));
        await DieAsync(farm, FaultPoints.IncomingRejected, "incoming", ["incoming"]);
        await farm.DoAsync("incoming");

        JobStatus.ParseList(await farm.DoAsync("status", "--json")).Should().ContainSingle();
        (await farm.StatusAsync(Id)).State.Should().Be("invalid");
        farm.Files("spool").Should().BeEmpty();
    }

    /// <summary>Runs the words if the point is of their stage, and expects that they die there.</summary>
    private static async Task DieAsync(TestFarm farm, string point, string stages, string[] words)
    {
        if (!stages.Split(' ').Contains(point.Split('.')[0]))
            return;
        var result = await farm.StartAt(point, words).EndAsync();
        result.ExitCode.Should().Be(CommandResult.Killed, "it kills itself at {0}, but: {1}", point, result);
    }

    /// <summary>
    /// What a dead submission has left is hidden, and removed a day later: before that nobody can tell it from a slow one. The
    /// kernel sets the time that counts, so the test cannot wait for it, and removes it.
    /// </summary>
    private static void RemoveDeadSubmission(TestFarm farm, string point)
    {
        var left = Directory.EnumerateFileSystemEntries(farm.Incoming).ToList();
        var written =
            point.StartsWith("submit.") && point is not (FaultPoints.SubmitRenamed or FaultPoints.SubmitFlushed);
        left.Should().HaveCount(written ? 1 : 0).And.OnlyContain(path => Path.GetFileName(path).StartsWith($".{Id}."));
        left.ForEach(path => Directory.Delete(path, recursive: true));
    }
}

/// <summary>With the embedded database.</summary>
public sealed class SqliteCrashTests : CrashTests
{
    public static TheoryData<string> AllPoints => Points(["submit", "accepted", "incoming", .. Building]);

    [Theory]
    [MemberData(nameof(AllPoints))]
    public Task A_job_survives_a_kill_at(string point) => KillAtAsync(point);

    [Fact]
    public Task A_rejection_survives_a_kill() => KillWhenRejectedAsync();

    [Fact]
    public async Task A_job_survives_kills_at_random_times()
    {
        var farm = await MakeFarmAsync();
        var random = new Random(20261122);
        for (var i = 1; i <= 10; i++)
        {
            await farm.SubmitAsync($"job-{i}", farm.Script("a", "sleep 0.2", "product a.txt a", "sleep 0.1"));
            await farm.DoAsync("incoming");
            var builder = farm.Start("buildd", "--name", "b1");
            await Task.Delay(random.Next(500));
            builder.Send(Signal.Kill);
            await builder.EndAsync();
            await farm.DoAsync("buildd", "--name", "b1");

            var job = await farm.StatusAsync($"job-{i}");
            job.State.Should().Be("successful");
            string.Join(" then ", job.Task.Attempts.Select(a => a.Outcome))
                .Should()
                .BeOneOf("success", "lost then success");
        }
    }

    [Fact]
    public async Task A_task_that_kills_its_builder_every_time_is_given_up()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("killer", farm.Script("a", "print a"));
        await farm.DoAsync("incoming");
        for (var i = 0; i < 3; i++)
            (await farm.StartAt(FaultPoints.BuilddCollected, "buildd", "--name", "b1").EndAsync())
                .ExitCode.Should()
                .Be(CommandResult.Killed);
        await farm.DoAsync("buildd", "--name", "b1");

        var job = await farm.StatusAsync("killer");
        job.State.Should().Be("failed");
        job.Task.Attempts.Select(a => a.Outcome).Should().Equal("lost", "lost", "lost");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task What_was_shown_to_readers_before_a_kill_is_taken_back_when_its_task_is_not_accepted(int kills)
    {
        var farm = await MakeFarmAsync();
        await farm.DoAsync("buildd", "--name", "b1");
        await farm.SubmitAsync("shown", farm.Script("a", "product a.txt a"));
        await farm.DoAsync("incoming");
        for (var i = 0; i < kills; i++)
            (await farm.StartAt(FaultPoints.PublishSwitched, "buildd", "--name", "b1").EndAsync())
                .ExitCode.Should()
                .Be(CommandResult.Killed);
        var list = $"{farm.Directory}/buckets/main/dummy-all/list/products";
        (await File.ReadAllTextAsync(list)).Should().Contain("a.txt", "or this test tests nothing");
        if (kills < 3)
            await farm.DoAsync("cancel", "shown");
        await farm.DoAsync("buildd", "--name", "b1");

        (await farm.StatusAsync("shown")).State.Should().Be(kills < 3 ? "cancelled" : "failed");
        (await File.ReadAllTextAsync(list)).Should().BeEmpty();
    }

    private protected override Task<TestFarm> MakeFarmAsync() => MakeFarmAsync(null);
}

/// <summary>With PostgreSQL: the points that concern the registry.</summary>
public sealed class PostgresCrashTests(PostgresFixture postgres) : CrashTests
{
    public static TheoryData<string> RegistryPoints => Points(["incoming", .. Building]);

    [Theory]
    [MemberData(nameof(RegistryPoints))]
    public Task A_job_survives_a_kill_at(string point) => KillAtAsync(point);

    [Fact]
    public Task A_rejection_survives_a_kill() => KillWhenRejectedAsync();

    private protected override async Task<TestFarm> MakeFarmAsync()
    {
        var database = Keep(await FarmDatabase.CreateAsync(postgres));
        return await MakeFarmAsync(new() { Registry = database.Registry });
    }
}
