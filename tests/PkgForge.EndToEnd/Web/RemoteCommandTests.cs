using System.Diagnostics;
using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary>The command line of a person on another machine, who has a server's address and a token, and nothing else of the farm.</summary>
public sealed class RemoteCommandTests : FarmTests
{
    private TestFarm farm = null!;
    private string url = "";
    private string home = "";

    [Fact]
    public async Task A_job_is_submitted_watched_cancelled_and_retried_from_another_machine()
    {
        await StartAsync();
        (await DoAsync("login", url)).Should().StartWith("anna, submitter; the token is in ");
        var script = farm.Script(
            "far",
            [.. Enumerable.Range(1, 20).SelectMany(i => new[] { $"print line {i}", "sleep 0.1" }), "product far.txt x"]
        );

        var said = await DoAsync("submit", "--target", url, "-B", "main", "--id", "far", script);
        said.Should().StartWith("far").And.Contain($"pkgforge status --target {url} far");
        await farm.UntilAsync("far", job => job.State == "building");
        var followed = await DoAsync("log", "--target", url, "-f", "far");

        followed.Should().Contain("line 1\n").And.Contain("line 20\n");
        (await farm.FinalAsync("far")).State.Should().Be("successful");
        (await DoAsync("status", "--target", url, "--json", "far"))
            .Should()
            .Be(
                (await farm.DoAsync("status", "--json", "far")).Replace(
                    $"{farm.Spool}/results/far/",
                    "/api/v1/jobs/far/tasks/",
                    StringComparison.Ordinal
                )
            );
        var there = await DoAsync("status", "--target", url, "far");
        there.Should().Contain("job far: successful").And.Contain("by anna");
        var here = await farm.DoAsync("status", "far");
        WithoutResults(there).Should().Be(WithoutResults(here), "the words are the same on both machines");
        (await DoAsync("status", "--target", url)).Should().Be(await farm.DoAsync("status"));
        (await DoAsync("status", "--target", url, "--json", "far")).Should().Contain("\"submitter\": \"anna\"");
        (await DoAsync("bucket", "show", "--target", url, "main"))
            .Should()
            .Be(await farm.DoAsync("bucket", "show", "main"))
            .And.Contain("far.txt");
        (await DoAsync("bucket", "list", "--target", url))
            .Should()
            .Be(
                Regex.Replace(
                    await farm.DoAsync("bucket", "list"),
                    $": {farm.Directory}/.*",
                    ":",
                    RegexOptions.ExplicitCapture
                ),
                "but for where they are"
            );
        (await DoAsync("retry", "--target", url, "--all", "far")).Should().Be("far: to be built again: dummy-all\n");
        (await DoAsync("cancel", "--target", url, "far")).Should().Be("far: cancelled: dummy-all\n");
        (await farm.FinalAsync("far")).State.Should().Be("cancelled");
        (await DoAsync("log", "--target", url, "--attempt", "1", "far"))
            .Should()
            .Be(await farm.DoAsync("log", "--attempt", "1", "far"));
        await farm.SubmitAsync(
            "large",
            farm.Script("large", [.. Enumerable.Range(1, 900).Select(i => $"print part {i}")])
        );
        await farm.FinalAsync("large");
        (await DoAsync("log", "--target", url, "large")).Should().Be(farm.Log("large"), "also when it is stored");
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_with_the_exit_codes_of_the_farms_machine()
    {
        await StartAsync();
        await FailAsync(5, $"wants to know who you are: pkgforge login {url}", "status", "--target", url);
        await FailAsync(3, "without TLS", "login", "http://192.0.2.1:8160");
        await DoAsync("login", url);
        await farm.SubmitAsync("theirs", farm.Script("theirs", "fail test no"));
        await farm.FinalAsync("theirs");

        await FailAsync(
            5,
            "a maintainer of bucket 'main' or an admin may retry it",
            "retry",
            "--target",
            url,
            "theirs"
        );
        await FailAsync(1, "there is no job 'nothing'", "status", "--target", url, "nothing");
        await FailAsync(4, "cannot be reached", "status", "--target", "http://127.0.0.1:9");
        await FailAsync(
            1,
            "there is no bucket 'nowhere'",
            "submit",
            "--target",
            url,
            "-B",
            "nowhere",
            farm.Script("a", "print a")
        );
        await File.WriteAllTextAsync($"{home}/.config/pkgforge/pkgforge.yml", $"target: {url}\n");
        await FailAsync(2, "works on the farm's own machine only", "registry", "check");
        await FailAsync(2, "works on the farm's own machine only", "rebuild", "theirs");
        await FailAsync(2, "works on the farm's own machine only", "shell", "theirs", "dummy-all");
        (await DoAsync("status")).Should().Contain("theirs");
    }

    [Fact]
    public async Task Why_it_failed_and_why_it_waits_are_said_as_on_the_farms_machine()
    {
        await StartAsync();
        await DoAsync("login", url);
        await farm.SubmitAsync(
            "bad",
            farm.Script("bad", [.. Enumerable.Range(1, 30).Select(i => $"print line {i}"), "fail compile no"])
        );
        await farm.FinalAsync("bad");
        await farm.DoAsync("builder", "drain", "b1");
        await farm.SubmitAsync("waits", farm.Script("waits", "print a"));
        await farm.UntilAsync("waits", job => job.State == "registered");

        foreach (
            var words in new[]
            {
                new[] { "log", "--cause", "--json", "bad" },
                ["log", "--cause", "--attempt", "1", "--json", "bad"],
                ["record", "bad"],
                ["status"],
                ["status", "--json"],
                ["status", "--state", "registered"],
            }
        )
            (await DoAsync([.. words, "--target", url]))
                .Should()
                .Be(await farm.DoAsync(words), "of {0}", string.Join(' ', words));
        (await DoAsync("status", "--target", url)).Should().Contain("WAITS FOR").And.Contain("a builder");
        var (far, near) = (
            await DoAsync("log", "--cause", "--target", url, "bad"),
            await farm.DoAsync("log", "--cause", "bad")
        );
        Log(far).Should().Be(Log(near));
        await FailAsync(1, "has no attempt 2", "log", "--cause", "--attempt", "2", "--target", url, "bad");
        await FailAsync(1, "has no record", "record", "--attempt", "9", "--target", url, "bad");

        static string Log(string text) =>
            string.Join('\n', text.Split('\n').Where(line => !line.StartsWith("log ", StringComparison.Ordinal)));
    }

    private async Task StartAsync()
    {
        farm = await MakeFarmAsync();
        var box = farm.Start("serve", "--listen", "http://127.0.0.1:0", "--incoming", "--builder", "b1");
        await box.SaysAsync("serving at ");
        url = box.ServesAt;
        await box.SaysAsync("buildd b1 is running");
        home = $"{farm.Directory}/anna";
        Directory.CreateDirectory($"{home}/.config/pkgforge");
        await farm.GiveAsync(home);
        await farm.DoAsync("account", "add", "anna", "--role", "submitter");
    }

    private async Task<string> DoAsync(params string[] words)
    {
        var result = await RunAsync(words);
        result.ExitCode.Should().Be(0, "of 'pkgforge {0}', which printed:\n{1}", string.Join(' ', words), result);
        return result.Output;
    }

    private async Task FailAsync(int code, string message, params string[] words)
    {
        var result = await RunAsync(words);
        result.Error.Should().Contain(message, "of 'pkgforge {0}'", string.Join(' ', words));
        result.ExitCode.Should().Be(code, "of 'pkgforge {0}'", string.Join(' ', words));
    }

    /// <summary>Runs a command without the farm's configuration. What it reads from its standard input is a new token.</summary>
    private async Task<CommandResult> RunAsync(params string[] words)
    {
        var start = Executable.Start(words);
        start.Environment["HOME"] = home;
        start.Environment["XDG_CONFIG_HOME"] = $"{home}/.config";
        if (words[0] == "login")
            return await LoginAsync(start);
        return await farm.Run(FarmProcess.Start(start)).EndAsync();
    }

    private async Task<CommandResult> LoginAsync(ProcessStartInfo start)
    {
        var token = $"{farm.Directory}/token";
        await File.WriteAllTextAsync(token, await farm.DoAsync("account", "token", "anna"));
        await farm.GiveAsync(token);
        // Only a shell can say where a command's input comes from; its words are arguments.
        string[] words =
        [
            "sh",
            "-c",
            "file=$1; shift; exec \"$@\" < \"$file\"",
            "sh",
            token,
            start.FileName,
            .. start.ArgumentList,
        ];
        start.ArgumentList.Clear();
        start.FileName = words[0];
        foreach (var word in words[1..])
            start.ArgumentList.Add(word);
        return await farm.Run(FarmProcess.Start(start)).EndAsync();
    }

    private static string WithoutResults(string text) =>
        string.Join('\n', text.Split('\n').Where(line => !line.Contains("results", StringComparison.Ordinal)));
}
