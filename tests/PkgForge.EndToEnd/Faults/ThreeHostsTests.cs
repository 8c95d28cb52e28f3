using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd.Faults;

/// <summary>
/// A server and two builders on hosts with addresses of their own. One builder's cable is pulled while it works, and put back
/// later: another one has done its task, its own late writes are refused, and it goes on by itself.
/// </summary>
public sealed class ThreeHostsTests(PostgresFixture postgres) : FarmTests
{
    private const string Port = ":8160";

    /// <summary>A connection that is dead is noticed in half a minute; then it is tried again within five seconds.</summary>
    private const double Noticed = 60;

    [Fact]
    public async Task A_builder_that_was_cut_off_while_it_built_is_refused_and_goes_on()
    {
        var (farm, network) = await MakeAsync();
        await farm.SubmitAsync("cut", farm.Script("a", "sleep 3", "product a.txt a"));
        var first = await StartBuilderAsync(farm, network, "h1", "b1");
        await first.SaysAsync("building cut");
        await network.PlugAsync("h1", isIn: false);

        await BeRefusedAsync(farm, network, first, "cut");
    }

    [Fact]
    public async Task A_builder_that_was_cut_off_while_it_uploaded_is_refused_and_goes_on()
    {
        var (farm, network) = await MakeAsync();
        await farm.SubmitAsync("cut", farm.Script("a", $"product a.txt {new string('x', 50_000)}"));
        // 50 kB take four seconds.
        await network.SlowAsync("h1", "100kbit");
        var first = await StartBuilderAsync(farm, network, "h1", "b1");
        var part = await UploadingAsync(farm);
        await network.PlugAsync("h1", isIn: false);
        part.Should().BeLessThan(50_000, "or it was not cut in the middle");
        await network.SlowAsync("h1", null);

        await BeRefusedAsync(farm, network, first, "cut");
        Uploads(farm).Should().BeEmpty("what had arrived of the upload is removed");
    }

    [Fact]
    public async Task A_builder_that_is_back_before_its_lease_has_run_out_loses_nothing()
    {
        var (farm, network) = await MakeAsync("lease: 60s\nheartbeat: 1s");
        await farm.SubmitAsync("patient", farm.Script("a", "sleep 1", $"product a.txt {new string('x', 50_000)}"));
        await network.SlowAsync("h1", "100kbit");
        var first = await StartBuilderAsync(farm, network, "h1", "b1");
        await UploadingAsync(farm);
        await network.PlugAsync("h1", isIn: false);
        await Task.Delay(TimeSpan.FromSeconds(4));
        await network.PlugAsync("h1", isIn: true);

        var job = await farm.FinalAsync("patient", Noticed);
        job.State.Should().Be("successful");
        job.Task.Attempts.Select(a => (a.Builder, a.Outcome)).Should().Equal(("b1", "success"));
        await first.StopAsync(TimeSpan.FromSeconds(30));
    }

    private async Task<(TestFarm Farm, TestNetwork Network)> MakeAsync(string times = "lease: 3s\nheartbeat: 0.5s")
    {
        Executable.RequireRoot("only root can make hosts with addresses of their own");
        var database = Keep(await FarmDatabase.CreateAsync(postgres));
        var network = Keep(await TestNetwork.CreateAsync("srv", "h1", "h2"));
        var address = $"http://{network.AddressOf("srv")}{Port}";
        var farm = await MakeFarmAsync(
            new()
            {
                Registry = database.Registry,
                More = $"{times}\nserve: {{ listen: [\"{address}\"], insecure: true, url: \"{address}\" }}",
            }
        );
        await farm.DoAsync("builder", "add", "b2", "dummy", "all");
        var server = network.Start(farm, "srv", null, "serve", "--incoming", "-c", farm.Configuration);
        await server.SaysAsync(address);
        return (farm, network);
    }

    private static async Task<FarmProcess> StartBuilderAsync(
        TestFarm farm,
        TestNetwork network,
        string host,
        string builder
    )
    {
        var work = Directory.CreateDirectory($"{farm.Directory}/{host}").FullName;
        await farm.GiveAsync(work);
        var configuration = $"{farm.Directory}/{host}.yml";
        await File.WriteAllTextAsync(configuration, $"work: {work}\nuser: {Executable.User.Name}\n");
        var code = await RemoteParts.CodeAsync(farm, builder);
        string[] words =
        [
            "buildd",
            "--server",
            $"http://{network.AddressOf("srv")}{Port}",
            "--insecure",
            "--enrol",
            code,
            "--daemon",
            "-c",
            configuration,
        ];
        var process = network.Start(farm, host, null, words);
        await process.SaysAsync("is running");
        return process;
    }

    /// <summary>The other builder does the task; then the first one is there again.</summary>
    private static async Task BeRefusedAsync(TestFarm farm, TestNetwork network, FarmProcess first, string id)
    {
        var second = await StartBuilderAsync(farm, network, "h2", "b2");
        var done = await farm.FinalAsync(id, Noticed);
        await second.StopAsync();
        await network.PlugAsync("h1", isIn: true);
        await first.SaysAsync("the lease is lost", TimeSpan.FromSeconds(Noticed));
        await farm.SubmitAsync("next", farm.Script("b", "product b.txt b"));

        (await farm.FinalAsync("next", Noticed)).Task.Last.Builder.Should().Be("b1", "it goes on by itself");
        var after = await farm.StatusAsync(id);
        after.Should().BeEquivalentTo(done);
        after.Task.Attempts.Select(a => (a.Builder, a.Outcome)).Should().Equal(("b1", "lost"), ("b2", "success"));
        (await farm.DoAsync("registry", "check", "--deep")).Should().Contain("no contradiction");
        await first.StopAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Waits until the server has a part of a product. Returns how much.</summary>
    private static async Task<long> UploadingAsync(TestFarm farm)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (
                Uploads(farm).Select(path => new FileInfo(path).Length).FirstOrDefault(length => length > 0)
                is > 0
                    and var part
            )
                return part;
            TimeProvider.System.GetElapsedTime(started).TotalSeconds.Should().BeLessThan(30, "an upload must begin");
            await Task.Delay(20);
        }
    }

    private static IEnumerable<string> Uploads(TestFarm farm) =>
        Directory
            .EnumerateDirectories($"{farm.Spool}/results", ".upload-*")
            .SelectMany(path => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories));
}
