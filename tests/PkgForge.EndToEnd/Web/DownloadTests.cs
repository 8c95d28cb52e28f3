using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary><c>pkgforge download</c>: what a job has made, whole and with the right digests, whatever breaks on the way.</summary>
public sealed class DownloadTests : FarTests
{
    /// <summary>A dummy source is small: many make some MB.</summary>
    private const int Sources = 40;

    private const int Size = 30_000;

    [Fact]
    public async Task Products_log_and_record_are_the_same_from_another_machine_and_here()
    {
        await StartAsync();
        await Farm.SubmitAsync("a", Farm.Script("a", "print hello", "product a.txt x", "product b+1~2.txt y"));
        await Farm.FinalAsync("a");

        var far = await Anna.DoAsync("download", "a", "--log", "--record");
        await Farm.DoAsync("download", "a", "--log", "--record", "--to", $"{Anna.Home}/here");

        far.Split('\n').Should().HaveCount(5);
        var names = Names("a");
        names.Should().Equal("dummy-all.log", "dummy-all.record.yml", "dummy-all/a.txt", "dummy-all/b+1~2.txt");
        Names("here").Should().Equal(names);
        foreach (var name in names)
            (await File.ReadAllTextAsync($"{Anna.Home}/a/{name}"))
                .Should()
                .Be(await File.ReadAllTextAsync($"{Anna.Home}/here/{name}"), "of {0}", name);
        (await File.ReadAllTextAsync($"{Anna.Home}/a/dummy-all/a.txt")).Should().Be("x\n");
        (await Anna.DoAsync("record", "a")).Should().Be(await Farm.DoAsync("record", "a"));
    }

    [Fact]
    public async Task What_is_there_is_left_and_another_file_is_not_replaced_unasked()
    {
        await StartAsync();
        await Farm.SubmitAsync("a", Farm.Script("a", "product a.txt x", "product b.txt y"));
        await Farm.FinalAsync("a");
        await Anna.DoAsync("download", "a", "dummy-all", "--to", "got", "--log");
        var a = $"{Anna.Home}/got/dummy-all/a.txt";
        var time = File.GetLastWriteTimeUtc(a);

        (await Anna.DoAsync("download", "a", "--to", "got", "--log")).Should().Contain("a.txt (was there)");
        File.GetLastWriteTimeUtc(a).Should().Be(time);
        await File.WriteAllTextAsync(a, "mine\n");
        File.Delete($"{Anna.Home}/got/dummy-all/b.txt");
        await Anna.FailAsync(1, "is there already, and is another file", "download", "a", "--to", "got");
        (await File.ReadAllTextAsync(a)).Should().Be("mine\n");
        File.Exists($"{Anna.Home}/got/dummy-all/b.txt").Should().BeFalse("it is refused before anything comes");
        await Anna.DoAsync("download", "a", "--to", "got", "--force");

        (await File.ReadAllTextAsync(a)).Should().Be("x\n");
        (await File.ReadAllTextAsync($"{Anna.Home}/got/dummy-all/b.txt")).Should().Be("y\n");
        await Anna.FailAsync(1, "has no task on more-all", "download", "a", "more-all");
        await Anna.FailAsync(1, "there is no job 'nothing'", "download", "nothing");
    }

    [Fact]
    public async Task Of_what_failed_there_is_the_log_and_why_there_is_no_more()
    {
        await StartAsync();
        await Farm.SubmitAsync("a", Farm.Script("a", "print hello", "fail compile no"));
        await Farm.FinalAsync("a");

        var result = await Anna.FailAsync(
            1,
            "dummy-all: fail; only what succeeds has products",
            "download",
            "a",
            "--log"
        );

        result.Output.Should().Be($"{Anna.Home}/a/dummy-all.log\n");
        (await File.ReadAllTextAsync($"{Anna.Home}/a/dummy-all.log")).Should().Contain("hello");
    }

    [Fact]
    public async Task What_breaks_on_the_way_is_gone_on_with()
    {
        await StartAsync();
        await BuildManyAsync();
        var proxy = Keep(new CuttingProxy(new(Url)));
        proxy.Arm(Way.ToBuilder, 100_000, 8);

        await Anna.Through(proxy.Address).DoAsync("download", "many");

        proxy.Cuts.Should().Be(8);
        await CheckManyAsync("many");
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_is_no_end()
    {
        await StartAsync();
        await BuildManyAsync();
        var proxy = Keep(new CuttingProxy(new(Url)) { Slowness = TimeSpan.FromMilliseconds(10) });
        var download = Anna.Through(proxy.Address).Start("download", "many");
        while (Names("many").Count < 5)
            await Task.Delay(50);

        Server.Send(Signal.Kill);
        await Server.EndAsync();
        await ServeAsync(Url);

        var result = await download.EndAsync();
        result.ExitCode.Should().Be(0, "of {0}", result);
        await CheckManyAsync("many");
    }

    [Fact]
    public async Task A_download_that_was_killed_is_gone_on_with_by_the_next()
    {
        await StartAsync();
        await BuildManyAsync();
        var proxy = Keep(new CuttingProxy(new(Url)) { Slowness = TimeSpan.FromMilliseconds(10) });
        var download = Anna.Through(proxy.Address).Start("download", "many");
        while (Names("many").Count < 5)
            await Task.Delay(50);
        download.Send(Signal.Kill);
        await download.EndAsync();
        var there = Names("many").Count(name => !name.EndsWith(".part", StringComparison.Ordinal));

        var said = await Anna.DoAsync("download", "many");

        Regex.Count(said, @"\(was there\)").Should().Be(there);
        await CheckManyAsync("many");
    }

    [Fact]
    public async Task A_file_that_was_changed_on_the_farm_is_not_taken()
    {
        await StartAsync();
        await Farm.SubmitAsync("a", Farm.Script("a", "product a.txt x"));
        await Farm.FinalAsync("a");
        var product = $"{Farm.Spool}/results/a/dummy-all/1/products/a.txt";
        File.SetUnixFileMode(product, (UnixFileMode)0b110_100_100);
        await File.WriteAllTextAsync(product, "z\n");

        await Anna.FailAsync(4, "it was changed on the farm, or on its way", "download", "a");

        Names("a").Should().BeEmpty();
    }

    [Fact]
    public async Task An_upload_that_is_cut_goes_on_and_the_job_is_there_once()
    {
        await StartAsync();
        var proxy = Keep(new CuttingProxy(new(Url)) { Slowness = TimeSpan.FromMilliseconds(2) });
        var through = Anna.Through(proxy.Address);
        proxy.Arm(Way.ToServer, 150_000, 4);

        var said = await through.DoAsync(["submit", "-B", "main", "--id", "many", "--wait", .. Scripts()]);

        said.Should().Be("many\njob many: successful\n");
        proxy.Cuts.Should().Be(4);
        Farm.Files("spool/results/many/dummy-all/1/products").Should().HaveCount(Sources);
    }

    private string[] Scripts() =>
        [
            .. Enumerable
                .Range(1, Sources)
                .Select(i => Farm.Script($"a{i}", $"product a{i}.txt {new string((char)('a' + i % 26), Size)}")),
        ];

    private async Task BuildManyAsync()
    {
        await Farm.SubmitAsync("many", Scripts());
        (await Farm.FinalAsync("many")).State.Should().Be("successful");
    }

    private async Task CheckManyAsync(string directory)
    {
        Names(directory).Should().HaveCount(Sources).And.OnlyContain(name => name.EndsWith(".txt"));
        for (var i = 1; i <= Sources; i++)
            (await File.ReadAllTextAsync($"{Anna.Home}/{directory}/dummy-all/a{i}.txt"))
                .Should()
                .Be($"{new string((char)('a' + i % 26), Size)}\n");
    }

    private List<string> Names(string directory) =>
        Directory.Exists($"{Anna.Home}/{directory}")
            ?
            [
                .. Directory
                    .EnumerateFiles($"{Anna.Home}/{directory}", "*", SearchOption.AllDirectories)
                    .Select(path => Path.GetRelativePath($"{Anna.Home}/{directory}", path))
                    .Order(StringComparer.Ordinal),
            ]
            : [];
}
