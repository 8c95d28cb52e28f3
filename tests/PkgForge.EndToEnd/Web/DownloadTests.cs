using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary><c>pkgforge download</c>: what a job has made, whole and with the right digests, whatever breaks on the way.</summary>
public sealed class DownloadTests : FarmTests
{
    /// <summary>A dummy source is small: many make some MB.</summary>
    private const int Sources = 40;

    private const int Size = 30_000;

    private TestFarm farm = null!;
    private FarPerson anna = null!;
    private FarmProcess server = null!;
    private string url = "";

    [Fact]
    public async Task Products_log_and_record_are_the_same_from_another_machine_and_here()
    {
        await StartAsync();
        await farm.SubmitAsync("a", farm.Script("a", "print hello", "product a.txt x", "product b+1~2.txt y"));
        await farm.FinalAsync("a");

        var far = await anna.DoAsync("download", "a", "--log", "--record");
        await farm.DoAsync("download", "a", "--log", "--record", "--to", $"{anna.Home}/here");

        far.Split('\n').Should().HaveCount(5);
        var names = Names("a");
        names.Should().Equal("dummy-all.log", "dummy-all.record.yml", "dummy-all/a.txt", "dummy-all/b+1~2.txt");
        Names("here").Should().Equal(names);
        foreach (var name in names)
            (await File.ReadAllTextAsync($"{anna.Home}/a/{name}"))
                .Should()
                .Be(await File.ReadAllTextAsync($"{anna.Home}/here/{name}"), "of {0}", name);
        (await File.ReadAllTextAsync($"{anna.Home}/a/dummy-all/a.txt")).Should().Be("x\n");
        (await anna.DoAsync("record", "a")).Should().Be(await farm.DoAsync("record", "a"));
    }

    [Fact]
    public async Task What_is_there_is_left_and_another_file_is_not_replaced_unasked()
    {
        await StartAsync();
        await farm.SubmitAsync("a", farm.Script("a", "product a.txt x", "product b.txt y"));
        await farm.FinalAsync("a");
        await anna.DoAsync("download", "a", "dummy-all", "--to", "got", "--log");
        var a = $"{anna.Home}/got/dummy-all/a.txt";
        var time = File.GetLastWriteTimeUtc(a);

        (await anna.DoAsync("download", "a", "--to", "got", "--log")).Should().Contain("a.txt (was there)");
        File.GetLastWriteTimeUtc(a).Should().Be(time);
        await File.WriteAllTextAsync(a, "mine\n");
        File.Delete($"{anna.Home}/got/dummy-all/b.txt");
        await anna.FailAsync(1, "is there already, and is another file", "download", "a", "--to", "got");
        (await File.ReadAllTextAsync(a)).Should().Be("mine\n");
        File.Exists($"{anna.Home}/got/dummy-all/b.txt").Should().BeFalse("it is refused before anything comes");
        await anna.DoAsync("download", "a", "--to", "got", "--force");

        (await File.ReadAllTextAsync(a)).Should().Be("x\n");
        (await File.ReadAllTextAsync($"{anna.Home}/got/dummy-all/b.txt")).Should().Be("y\n");
        await anna.FailAsync(1, "has no task on more-all", "download", "a", "more-all");
        await anna.FailAsync(1, "there is no job 'nothing'", "download", "nothing");
    }

    [Fact]
    public async Task Of_what_failed_there_is_the_log_and_why_there_is_no_more()
    {
        await StartAsync();
        await farm.SubmitAsync("a", farm.Script("a", "print hello", "fail compile no"));
        await farm.FinalAsync("a");

        var result = await anna.FailAsync(
            1,
            "dummy-all: fail; only what succeeds has products",
            "download",
            "a",
            "--log"
        );

        result.Output.Should().Be($"{anna.Home}/a/dummy-all.log\n");
        (await File.ReadAllTextAsync($"{anna.Home}/a/dummy-all.log")).Should().Contain("hello");
    }

    [Fact]
    public async Task What_breaks_on_the_way_is_gone_on_with()
    {
        await StartAsync();
        await BuildManyAsync();
        var proxy = Keep(new CuttingProxy(new(url)));
        proxy.Arm(Way.ToBuilder, 100_000, 8);

        await anna.Through(proxy.Address).DoAsync("download", "many");

        proxy.Cuts.Should().Be(8);
        await CheckManyAsync("many");
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_is_no_end()
    {
        await StartAsync();
        await BuildManyAsync();
        var proxy = Keep(new CuttingProxy(new(url)) { Slowness = TimeSpan.FromMilliseconds(10) });
        var download = anna.Through(proxy.Address).Start("download", "many");
        while (Names("many").Count < 5)
            await Task.Delay(50);

        server.Send(Signal.Kill);
        await server.EndAsync();
        await ServeAsync(url);

        var result = await download.EndAsync();
        result.ExitCode.Should().Be(0, "of {0}", result);
        await CheckManyAsync("many");
    }

    [Fact]
    public async Task A_download_that_was_killed_is_gone_on_with_by_the_next()
    {
        await StartAsync();
        await BuildManyAsync();
        var proxy = Keep(new CuttingProxy(new(url)) { Slowness = TimeSpan.FromMilliseconds(10) });
        var download = anna.Through(proxy.Address).Start("download", "many");
        while (Names("many").Count < 5)
            await Task.Delay(50);
        download.Send(Signal.Kill);
        await download.EndAsync();
        var there = Names("many").Count(name => !name.EndsWith(".part", StringComparison.Ordinal));

        var said = await anna.DoAsync("download", "many");

        Regex.Count(said, @"\(was there\)").Should().Be(there);
        await CheckManyAsync("many");
    }

    [Fact]
    public async Task A_file_that_was_changed_on_the_farm_is_not_taken()
    {
        await StartAsync();
        await farm.SubmitAsync("a", farm.Script("a", "product a.txt x"));
        await farm.FinalAsync("a");
        var product = $"{farm.Spool}/results/a/dummy-all/1/products/a.txt";
        File.SetUnixFileMode(product, (UnixFileMode)0b110_100_100);
        await File.WriteAllTextAsync(product, "z\n");

        await anna.FailAsync(4, "it was changed on the farm, or on its way", "download", "a");

        Names("a").Should().BeEmpty();
    }

    [Fact]
    public async Task An_upload_that_is_cut_goes_on_and_the_job_is_there_once()
    {
        await StartAsync();
        var proxy = Keep(new CuttingProxy(new(url)) { Slowness = TimeSpan.FromMilliseconds(2) });
        var through = anna.Through(proxy.Address);
        proxy.Arm(Way.ToServer, 150_000, 4);

        var said = await through.DoAsync(["submit", "-B", "main", "--id", "many", "--wait", .. Scripts()]);

        said.Should().Be("many\njob many: successful\n");
        proxy.Cuts.Should().Be(4);
        farm.Files("spool/results/many/dummy-all/1/products").Should().HaveCount(Sources);
    }

    private string[] Scripts() =>
        [
            .. Enumerable
                .Range(1, Sources)
                .Select(i => farm.Script($"a{i}", $"product a{i}.txt {new string((char)('a' + i % 26), Size)}")),
        ];

    private async Task BuildManyAsync()
    {
        await farm.SubmitAsync("many", Scripts());
        (await farm.FinalAsync("many")).State.Should().Be("successful");
    }

    private async Task CheckManyAsync(string directory)
    {
        Names(directory).Should().HaveCount(Sources).And.OnlyContain(name => name.EndsWith(".txt"));
        for (var i = 1; i <= Sources; i++)
            (await File.ReadAllTextAsync($"{anna.Home}/{directory}/dummy-all/a{i}.txt"))
                .Should()
                .Be($"{new string((char)('a' + i % 26), Size)}\n");
    }

    private List<string> Names(string directory) =>
        Directory.Exists($"{anna.Home}/{directory}")
            ?
            [
                .. Directory
                    .EnumerateFiles($"{anna.Home}/{directory}", "*", SearchOption.AllDirectories)
                    .Select(path => Path.GetRelativePath($"{anna.Home}/{directory}", path))
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    private async Task StartAsync()
    {
        farm = await MakeFarmAsync();
        farm.Start("incoming", "--daemon");
        var builder = farm.Start("buildd", "--name", "b1", "--daemon");
        await ServeAsync("http://127.0.0.1:0");
        await builder.SaysAsync("is running");
        anna = await FarPerson.MakeAsync(farm, url);
    }

    private async Task ServeAsync(string address)
    {
        server = farm.Start("serve", "--listen", address);
        await server.SaysAsync("serving at ");
        url = Regex.Match(server.Error, @"http://127\.0\.0\.1:\d+", RegexOptions.ExplicitCapture).Value;
    }
}
