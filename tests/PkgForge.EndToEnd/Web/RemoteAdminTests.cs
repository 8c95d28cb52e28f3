using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary>
/// Administration from another machine, who has a server's address and a token, beside the same commands on a farm's own machine: what they
/// print, what they complain of and their exit codes are the same.
/// </summary>
public sealed class RemoteAdminTests : FarmTests
{
    private const string Serve = "serve: { url: \"https://forge.example.org\" }";

    /// <summary>One after the other; each changes what the next finds.</summary>
    private static readonly string[][] Commands =
    [
        ["builder", "list"],
        ["builder", "list", "--json"],
        ["builder", "show", "b1"],
        ["builder", "show", "nobody"],
        ["builder", "add", "b2", "dummy", "all"],
        ["builder", "add", "b2", "dummy", "all"],
        ["builder", "add", "b3", "sid", "amd64"],
        ["builder", "add", "../b3", "dummy", "all"],
        ["builder", "drain", "b2"],
        ["builder", "show", "b2"],
        ["builder", "show", "b2", "--json"],
        ["builder", "resume", "b2"],
        ["builder", "drain", "nobody"],
        ["builder", "drain", ".."],
        ["builder", "enrol", "b4", "dummy", "all", "--valid", "15m"],
        ["builder", "enrol", "b4"],
        ["builder", "enrol", "b5"],
        ["builder", "enrol", "b4", "--valid", "soon"],
        ["builder", "revoke", "b4"],
        ["builder", "revoke", "b4"],
        ["builder", "revoke", "nobody"],
        ["builder", "list"],
        ["builder", "delete", "b4"],
        ["builder", "delete", "b4"],
        ["platform", "list"],
        ["platform", "add", "f43", "x86_64", "--format", "rpm"],
        ["platform", "add", "F43", "x86_64", "--format", "rpm"],
        ["platform", "add", "all", "x86_64", "--format", "rpm"],
        ["platform", "deactivate", "f43", "x86_64"],
        ["platform", "setauto", "f43", "x86_64"],
        ["platform", "list", "--json"],
        ["platform", "setauto", "--off", "f43", "x86_64"],
        ["platform", "activate", "f43", "x86_64"],
        ["platform", "activate", "sid", "amd64"],
        ["platform", "list"],
        ["cap", "list"],
        ["cap", "set", "submitter", "*", "8"],
        ["cap", "set", "submitter", "anna", "1"],
        ["cap", "set", "bucket", "main", "0"],
        ["cap", "set", "bucket", "nowhere", "1"],
        ["cap", "set", "bucket", "../x", "1"],
        ["cap", "set", "colour", "red", "1"],
        ["cap", "set", "bucket", "main", "-1"],
        ["cap", "list"],
        ["cap", "list", "--json"],
        ["cap", "remove", "submitter", "*"],
        ["cap", "remove", "submitter", "*"],
        ["account", "add", "anna", "--role", "submitter"],
        ["account", "add", "anna"],
        ["account", "add", "Anna B."],
        ["account", "add", "bob", "--role", "king"],
        ["account", "role", "anna", "--role", "viewer"],
        ["account", "role", "bob", "--role", "viewer"],
        ["account", "maintain", "anna", "main"],
        ["account", "maintain", "anna", "nowhere"],
        ["account", "maintain", "anna", "main", "--not"],
        ["account", "token", "anna", "--label", "c i", "--read-only", "--valid", "30d"],
        ["account", "token", "anna", "--label", " "],
        ["account", "token", "anna", "--valid", "soon"],
        ["account", "token", "bob"],
        ["account", "list"],
        ["account", "revoke", "anna", "--label", "c i"],
        ["account", "revoke", "anna"],
        ["account", "revoke", "bob"],
        ["account", "remove", "anna"],
        ["account", "remove", "anna"],
        ["account", "list", "--json"],
        ["priority", "waits", "urgent"],
        ["priority", "waits", "background"],
        ["priority", "waits", "soon"],
        ["status", "waits"],
    ];

    private TestFarm farm = null!;
    private string url = "";
    private string token = "";
    private string home = "";

    [Fact]
    public async Task Every_command_for_administrators_says_the_same_on_both_machines()
    {
        await StartAsync();
        var other = await MakeFarmAsync(new() { More = Serve });
        await PrepareAsync(other);

        foreach (var words in Commands)
        {
            var far = await RunAsync(token, [.. words, "--target", url]);
            var near = await other.TryAsync(words);
            var said = string.Join(' ', words);
            far.ExitCode.Should()
                .Be(near.ExitCode, "of 'pkgforge {0}', which printed:\n{1}\nand here:\n{2}", said, far, near);
            Plain(far.Output).Should().Be(Plain(near.Output), "of 'pkgforge {0}'", said);
            Plain(far.Error).Should().Be(Plain(near.Error), "of 'pkgforge {0}'", said);
        }
        // What was done from afar was noted, and both machines show it alike; on the farm's own nothing is.
        string[] asked = ["audit", "--account", "root", "--action", "drain builder"];
        var noted = (await RunAsync(token, [.. asked, "--target", url])).Output;
        noted.Should().MatchRegex("root +drain builder +b2").And.Be(await farm.DoAsync(asked));
        (await other.DoAsync("audit")).Should().Be("nothing was done over HTTP\n");
    }

    [Fact]
    public async Task What_may_not_or_cannot_be_done_from_afar_is_said_with_its_exit_code()
    {
        await StartAsync();
        await farm.DoAsync("account", "add", "anna", "--role", "submitter");
        var anna = (await farm.DoAsync("account", "token", "anna")).Trim();
        foreach (
            var words in new string[][]
            {
                ["builder", "drain", "b1"],
                ["platform", "deactivate", "dummy", "all"],
                ["cap", "set", "bucket", "main", "0"],
                ["account", "list"],
                ["account", "role", "anna", "--role", "admin"],
                ["account", "token", "root"],
            }
        )
            await FailAsync(anna, 5, "only admins may do this", [.. words, "--target", url]);
        await FailAsync(anna, 5, "may give it another priority", "priority", "waits", "urgent", "--target", url);
        (await RunAsync(anna, "builder", "list", "--target", url)).ExitCode.Should().Be(0, "everybody may look");
        await FailAsync("", 5, "wants to know who you are", "builder", "list", "--target", url);
        await FailAsync(token, 4, "cannot be reached", "builder", "list", "--target", "http://127.0.0.1:9");
        await FailAsync(token, 1, "your own account cannot go over HTTP", "account", "remove", "root", "--target", url);
        await FailAsync(
            token,
            2,
            "writes a recipe on the farm's own machine",
            "platform",
            "add",
            "bookworm",
            "amd64",
            "--preset",
            "debian",
            "--target",
            url
        );
        await FailAsync(token, 2, "Say --format", "platform", "add", "bookworm", "amd64", "--target", url);

        // By the configuration, too; and what is of the farm's machine only keeps saying so.
        await File.WriteAllTextAsync($"{home}/.config/pkgforge/pkgforge.yml", $"target: {url}\n");
        (await RunAsync(token, "builder", "drain", "b1")).Output.Should().Contain("b1: gets no more tasks");
        (await farm.DoAsync("builder", "show", "b1")).Should().Contain("builder b1: stopped, draining");
        foreach (
            var words in new string[][]
            {
                ["initserver"],
                ["incoming"],
                ["registry", "check"],
                ["rebuild", "waits"],
                ["shell", "waits", "dummy-all"],
            }
        )
            await FailAsync(token, 2, "works on the farm's own machine only", words);
    }

    private async Task StartAsync()
    {
        farm = await MakeFarmAsync(new() { More = Serve });
        await PrepareAsync(farm);
        token = (await farm.DoAsync("account", "token", "root")).Trim();
        var box = farm.Start("serve", "--listen", "http://127.0.0.1:0");
        await box.SaysAsync("serving at ");
        url = box.ServesAt;
        home = $"{farm.Directory}/root";
        Directory.CreateDirectory($"{home}/.config/pkgforge");
        await farm.GiveAsync(home);
    }

    /// <summary>An admin, and a job that waits: no builder runs.</summary>
    private static async Task PrepareAsync(TestFarm farm)
    {
        await farm.DoAsync("account", "add", "root", "--role", "admin");
        await farm.DoAsync("account", "token", "root");
        await farm.SubmitAsync("waits", farm.Script("waits", "print a"));
        await farm.DoAsync("incoming");
    }

    private async Task FailAsync(string secret, int code, string message, params string[] words)
    {
        var result = await RunAsync(secret, words);
        result.Error.Should().Contain(message, "of 'pkgforge {0}'", string.Join(' ', words));
        result.ExitCode.Should().Be(code, "of 'pkgforge {0}'", string.Join(' ', words));
    }

    /// <summary>Runs a command without the farm's configuration, by a token.</summary>
    private Task<CommandResult> RunAsync(string secret, params string[] words)
    {
        var start = Executable.Start(words);
        start.Environment["HOME"] = home;
        start.Environment["XDG_CONFIG_HOME"] = $"{home}/.config";
        if (secret.Length > 0)
            start.Environment["PKGFORGE_TOKEN"] = secret;
        return farm.Run(FarmProcess.Start(start)).EndAsync();
    }

    /// <summary>Without what is another each time: secrets, times, directories.</summary>
    private static string Plain(string text)
    {
        foreach (
            var (pattern, plain) in new[]
            {
                (@"--enrol [a-z0-9-]+", "--enrol CODE"),
                (@"pfa_[A-Za-z0-9_-]{43}", "TOKEN"),
                (@"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[0-9.+:Z]*", "TIME"),
                (@" +", " "),
            }
        )
            text = Regex.Replace(text, pattern, plain, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        return text;
    }
}
