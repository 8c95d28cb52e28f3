using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary>Logging in by a ticket, with a real server of Kerberos, curl and the command.</summary>
public sealed class KerberosTests : FarmTests
{
    private TestFarm farm = null!;
    private TestRealm realm = null!;
    private FarmProcess box = null!;
    private string url = "";

    [Fact]
    public async Task A_ticket_opens_a_session_for_curl_and_gets_a_token_for_the_command()
    {
        await StartAsync("[EXAMPLE.ORG]");
        await farm.DoAsync("account", "add", "anna", "--role", "submitter");
        await realm.LogInAsync("anna");
        var cookies = $"{farm.Directory}/cookies";
        await File.WriteAllTextAsync(cookies, "");
        await farm.GiveAsync(cookies);

        var answer = await RunCurlAsync("anna", "-v", "-c", cookies, $"{url}/login/kerberos?to=/jobs");

        // Curl shows its ticket without being asked; who shows none is asked for one, see below.
        answer.Output.Should().Contain("HTTP/1.1 303").And.Contain("Location: /jobs");
        var ticket = Regex.Match(answer.Error, "Authorization: Negotiate [A-Za-z0-9+/=]+", RegexOptions.None).Value;
        ticket.Should().NotBeEmpty();
        (await CurlAsync(null, "-H", ticket, $"{url}/login/kerberos"))
            .Should()
            .Contain("HTTP/1.1 403", "a ticket that somebody has seen is used up")
            .And.NotContain("Set-Cookie");
        (await CurlAsync(null, "-b", cookies, $"{url}/api/v1/me")).Should().Contain("\"account\":\"anna\"");
        (await LoginAsync("anna")).Output.Should().StartWith("anna, submitter; the token is in ");
        (await farm.DoAsync("account", "list")).Should().Contain("login on ");
        box.Error.Should().NotContain(ticket.Split(' ')[2]);
    }

    [Fact]
    public async Task Without_a_ticket_of_a_person_with_an_account_nobody_gets_in()
    {
        await StartAsync("[EXAMPLE.ORG]");
        await realm.LogInAsync("bob");
        await realm.LogInAsync("anna/admin");
        await farm.DoAsync("account", "add", "anna");

        (await CurlAsync(null, $"{url}/login/kerberos"))
            .Should()
            .Contain("HTTP/1.1 401")
            .And.Contain("WWW-Authenticate: Negotiate")
            .And.NotContain("Set-Cookie");
        (await CurlAsync("bob", $"{url}/login/kerberos"))
            .Should()
            .Contain("there is no account \\u0027bob\\u0027")
            .And.NotContain("Set-Cookie");
        (await CurlAsync("anna/admin", $"{url}/login/kerberos"))
            .Should()
            .Contain("is no person\\u0027s principal")
            .And.NotContain("Set-Cookie");
        foreach (var wrong in new[] { "x", "YII=", "TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAO5CAAAADw==" })
            (await CurlAsync(null, "-H", $"Authorization: Negotiate {wrong}", $"{url}/login/kerberos"))
                .Should()
                .Contain("HTTP/1.1 403")
                .And.NotContain("Set-Cookie");
        var nothing = await LoginAsync(null);
        nothing.Error.Should().Contain("kinit");
        nothing.ExitCode.Should().Be(5);
        (await LoginAsync("bob")).Error.Should().Contain("there is no account 'bob'");
    }

    [Fact]
    public async Task Principals_of_other_realms_have_no_accounts()
    {
        await StartAsync("[OTHER.EXAMPLE.ORG]");
        await farm.DoAsync("account", "add", "anna");
        await realm.LogInAsync("anna");

        (await CurlAsync("anna", $"{url}/login/kerberos"))
            .Should()
            .Contain("is none that this farm knows")
            .And.NotContain("Set-Cookie");
    }

    [Fact]
    public async Task What_the_server_lacks_is_said_when_it_starts()
    {
        farm = await MakeFarmAsync(
            new() { More = "serve: { kerberos: { keytab: /nonexistent/keytab, realms: [A] } }" }
        );

        var result = await farm.TryAsync("serve", "--listen", "http://127.0.0.1:0");

        result.ExitCode.Should().Be(3);
        result.Error.Should().Contain("the keytab /nonexistent/keytab cannot be read");
    }

    private async Task StartAsync(string realms)
    {
        var directory = Directory.CreateTempSubdirectory("pkgforge-realm-").FullName;
        realm = Keep(await TestRealm.StartAsync(directory));
        farm = await MakeFarmAsync(
            new() { More = $"serve: {{ kerberos: {{ keytab: {realm.Keytab}, realms: {realms} }} }}" }
        );
        var start = Executable.Start(["serve", "--debug", "--listen", "http://127.0.0.1:0", "-c", farm.Configuration]);
        realm.Give(start.Environment);
        box = farm.Run(FarmProcess.Start(start));
        await box.SaysAsync("serving at ");
        url = box.ServesAt.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
    }

    /// <summary>Asks with curl as somebody who has a ticket, and returns all that was answered.</summary>
    private async Task<string> CurlAsync(string? user, params string[] words) =>
        (await RunCurlAsync(user, words)).Output;

    private async Task<CommandResult> RunCurlAsync(string? user, params string[] words)
    {
        string[] negotiate = user is null ? [] : ["--negotiate", "-u", ":"];
        var start = Executable.AsUser(["curl", "-4", "-s", "-i", .. negotiate, .. words]);
        realm.Give(start.Environment, user);
        var result = await FarmProcess.Start(start).EndAsync();
        result.ExitCode.Should().Be(0, "of curl, which printed:\n{0}", result);
        return result;
    }

    private async Task<CommandResult> LoginAsync(string? user)
    {
        var start = Executable.Start(["login", "--kerberos", url]);
        realm.Give(start.Environment, user);
        start.Environment["XDG_CONFIG_HOME"] = $"{farm.Directory}/work/config";
        return await farm.Run(FarmProcess.Start(start)).EndAsync();
    }
}
