using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using PkgForge.Tests.Shared;
using PkgForge.Web.Access;
using PkgForge.Web.SignIn;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>Logging in at a provider of identities; and what attackers send instead.</summary>
public sealed class OidcTests : IAsyncLifetime
{
    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;
    private TestProvider provider = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What is wrong with a token, and a part of what is said about it.</summary>
    public static TheoryData<string, string> Lies =>
        new()
        {
            { "another nonce", "another log-in" },
            { "no nonce", "another log-in" },
            { "another issuer", "another provider" },
            { "another audience", "another client" },
            { "two audiences", "another client" },
            { "another party", "another client" },
            { "old", "clocks" },
            { "not yet", "clocks" },
            { "no end", "no end" },
            { "nobody", "names nobody" },
            { "no algorithm", "not to be believed" },
            { "the client's secret", "not to be believed" },
            { "another key", "signature is wrong" },
            { "an unknown key", "a key that the provider does not have" },
            { "a broken signature", "signature is wrong" },
        };

    public async ValueTask InitializeAsync()
    {
        provider = await TestProvider.StartAsync();
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        await server.RestartAsync(options => options with { Oidc = Options });
        provider.Callbacks.Add(Options.Callback);
        await site.Registry.AddAccountAsync("anna", AccountRole.Submitter, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await site.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Fact]
    public async Task Whom_the_provider_knows_gets_a_session_and_goes_where_he_wanted_to()
    {
        using var browser = new TestBrowser(server.Address);
        (await browser.GetAsync("/login")).Text.Should().Contain("Log in with the office");

        var end = await browser.LoginAsync("/jobs?state=failed");

        end.Status.Should().Be(HttpStatusCode.OK);
        end.Header("Refresh").Should().Be("0; url=/jobs?state=failed");
        end.Text.Should().Contain("logged in as anna");
        end.Cookies.Should()
            .Contain(cookie =>
                cookie.StartsWith("pkgforge=pfs_", StringComparison.Ordinal) && cookie.Contains("samesite=strict")
            );
        (await browser.GetAsync("/account")).Text.Should().Contain("submitter");
        (await site.Registry.ListAuditAsync(null, 1, Cancel))
            .Should()
            .ContainSingle()
            .Which.Should()
            .Match<AuditEntry>(entry =>
                entry.Account == "anna" && entry.Action == "log in" && entry.Subject == "the office"
            );
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_token_that_lies_lets_nobody_in(string lie, string said)
    {
        Tell(lie);
        using var browser = new TestBrowser(server.Address);

        var end = await browser.LoginAsync();

        end.Status.Should().Be(HttpStatusCode.Forbidden, "of {0}", lie);
        end.Text.Should().Contain(said);
        await IsOutAsync(browser, end);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Anna")]
    [InlineData("anna@example.org")]
    [InlineData("../anna")]
    [InlineData("<script>alert(1)</script>")]
    public async Task A_name_that_no_account_can_have_lets_nobody_in(string name)
    {
        provider.Name = name;
        using var browser = new TestBrowser(server.Address);

        var end = await browser.LoginAsync();

        end.Text.Should().Contain("preferred_username").And.NotContain("<script>alert");
        await IsOutAsync(browser, end);
    }

    [Fact]
    public async Task Who_has_no_account_is_refused_and_gets_one_only_where_that_is_said()
    {
        provider.Name = "bob";
        using var browser = new TestBrowser(server.Address);
        var end = await browser.LoginAsync();
        (end.Status, (await site.Registry.ListAccountsAsync(Cancel)).Count).Should().Be((HttpStatusCode.Forbidden, 1));
        end.Text.Should().Contain("there is no account &#x27;bob&#x27;");

        await server.RestartAsync(options => options with { Oidc = Options with { NewAccounts = AccountRole.Viewer } });
        (await browser.LoginAsync()).Status.Should().Be(HttpStatusCode.OK);

        (await AccountAsync("bob")).Role.Should().Be(AccountRole.Viewer);
    }

    [Fact]
    public async Task Groups_give_roles_at_each_log_in_and_who_is_in_none_is_refused()
    {
        await server.RestartAsync(options =>
            options with
            {
                Oidc = Options with
                {
                    Roles = new Dictionary<string, AccountRole>
                    {
                        ["staff"] = AccountRole.Viewer,
                        ["builders"] = AccountRole.Admin,
                    },
                },
            }
        );
        using var browser = new TestBrowser(server.Address);
        var end = await browser.LoginAsync();
        end.Text.Should().Contain("in no group that may use this farm");
        await IsOutAsync(browser, end);

        provider.Groups = ["staff", "builders", "others"];
        (await browser.LoginAsync()).Status.Should().Be(HttpStatusCode.OK);
        (await AccountAsync("anna")).Role.Should().Be(AccountRole.Admin);
        provider.Groups = ["staff"];
        await browser.LoginAsync();
        (await AccountAsync("anna")).Role.Should().Be(AccountRole.Viewer, "she has left a group");
    }

    [Fact]
    public async Task Who_is_renamed_stays_the_same_and_who_takes_the_name_is_another()
    {
        await site.Registry.AddAccountAsync("root", AccountRole.Admin, Cancel);
        using var browser = new TestBrowser(server.Address);
        await browser.LoginAsync();
        provider.Name = "root";
        (await browser.LoginAsync()).Text.Should().Contain("logged in as anna");

        (provider.Subject, provider.Name) = ("other", "anna");
        using var other = new TestBrowser(server.Address);
        var end = await other.LoginAsync();

        end.Text.Should().Contain("another person&#x27;s").And.Contain("pkgforge account forget anna");
        await IsOutAsync(other, end);
    }

    [Fact]
    public async Task An_answer_that_this_browser_did_not_ask_for_lets_nobody_in()
    {
        using var attacker = new TestBrowser(server.Address);
        using var victim = new TestBrowser(server.Address);
        var (stolen, mine) = (await attacker.ComeBackAsync(), await victim.ComeBackAsync());

        using var other = new TestBrowser(server.Address);
        await IsOutAsync(other, await other.GetAsync(stolen), HttpStatusCode.BadRequest);
        var forced = await victim.GetAsync(stolen);
        await IsOutAsync(victim, forced, HttpStatusCode.BadRequest);
        (await victim.GetAsync(mine))
            .Status.Should()
            .Be(HttpStatusCode.BadRequest, "the log-in has ended with the first answer");
    }

    [Fact]
    public async Task A_code_of_another_log_in_is_refused_by_the_provider()
    {
        using var victim = new TestBrowser(server.Address);
        var code = Query(await victim.ComeBackAsync(), "code");
        using var attacker = new TestBrowser(server.Address);
        var own = await attacker.ComeBackAsync();

        var end = await attacker.GetAsync(own.Replace(Query(own, "code"), code, StringComparison.Ordinal));

        end.Text.Should().Contain("used up or was begun elsewhere");
        await IsOutAsync(attacker, end);
    }

    [Fact]
    public async Task An_answer_is_taken_once()
    {
        using var browser = new TestBrowser(server.Address);
        var back = await browser.ComeBackAsync();
        (await browser.GetAsync(back)).Status.Should().Be(HttpStatusCode.OK);

        (await browser.GetAsync(back)).Status.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("iss", "https://evil.example.org", HttpStatusCode.Forbidden)]
    [InlineData("iss", null, HttpStatusCode.Forbidden)]
    [InlineData("state", "x", HttpStatusCode.BadRequest)]
    [InlineData("state", null, HttpStatusCode.BadRequest)]
    [InlineData("code", null, HttpStatusCode.BadRequest)]
    [InlineData("code", "x", HttpStatusCode.Forbidden)]
    [InlineData("error", "access_denied", HttpStatusCode.Forbidden)]
    [InlineData("error", "<b>x</b>", HttpStatusCode.Forbidden)]
    public async Task An_answer_that_was_changed_on_its_way_lets_nobody_in(
        string name,
        string? value,
        HttpStatusCode expected
    )
    {
        provider.NamesItself = true;
        provider.Return = address => With(address, name, value);
        using var browser = new TestBrowser(server.Address);

        var end = await browser.LoginAsync();

        end.Text.Should().NotContain("<b>x");
        await IsOutAsync(browser, end, expected);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    public async Task No_log_in_leads_to_another_site(string to)
    {
        using var browser = new TestBrowser(server.Address);

        (await browser.LoginAsync(to)).Header("Refresh").Should().Be("0; url=/");
    }

    [Fact]
    public async Task New_keys_of_the_provider_are_found()
    {
        using var browser = new TestBrowser(server.Address);
        (await browser.LoginAsync()).Status.Should().Be(HttpStatusCode.OK);

        provider.Rotate();

        (await browser.LoginAsync()).Status.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_provider_that_is_away_or_is_another_is_said_and_a_token_goes_on()
    {
        await server.RestartAsync(options => options with { Oidc = Options with { Issuer = $"{provider.Issuer}/" } });
        using var browser = new TestBrowser(server.Address);
        (await browser.GetAsync("/login/oidc")).Text.Should().Contain("it calls itself");
        await server.RestartAsync(options => options with { Oidc = Options });
        await provider.DisposeAsync();

        var answer = await browser.GetAsync("/login/oidc");

        (answer.Status, answer.Header("Retry-After")).Should().Be((HttpStatusCode.ServiceUnavailable, "2"));
        answer.Text.Should().Contain("cannot be reached");
        (await browser.GetAsync("/login")).Text.Should().Contain("name=\"token\"");
    }

    [Fact]
    public async Task A_new_session_ends_the_one_that_the_browser_had()
    {
        using var browser = new TestBrowser(server.Address);
        var first = (await browser.LoginAsync()).Session;
        var second = (await browser.LoginAsync()).Session;

        (await site.Registry.FindCredentialAsync(Secret.Sha256Of(first), Cancel)).Should().BeNull();
        (await site.Registry.FindCredentialAsync(Secret.Sha256Of(second), Cancel)).Should().NotBeNull();
    }

    private OidcOptions Options =>
        new()
        {
            Issuer = provider.Issuer,
            ClientId = TestProvider.ClientId,
            ClientSecret = TestProvider.ClientSecret,
            Site = server.Address.AbsoluteUri,
            Name = "the office",
        };

    private void Tell(string lie)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        using var other = RSA.Create(2048);
        var foreign = other.ExportParameters(includePrivateParameters: true);
        switch (lie)
        {
            case "another key":
                provider.Sign = bytes => SignWith(foreign, bytes);
                break;
            case "an unknown key":
                (provider.Sign, provider.ChangeHeader) = (
                    bytes => SignWith(foreign, bytes),
                    header => header["kid"] = "x"
                );
                break;
            case "a broken signature":
                provider.Sign = _ => new byte[256];
                break;
            case "no algorithm":
                (provider.Sign, provider.ChangeHeader) = (_ => [], header => header["alg"] = "none");
                break;
            case "the client's secret":
                provider.ChangeHeader = header => header["alg"] = "HS256";
                provider.Sign = bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(TestProvider.ClientSecret), bytes);
                break;
            default:
                provider.Change = claims => Lie(claims, lie, now);
                break;
        }
    }

    private static void Lie(JsonObject claims, string lie, long now)
    {
        (string Name, JsonNode? Value) change = lie switch
        {
            "another nonce" => ("nonce", "x"),
            "no nonce" => ("nonce", null),
            "another issuer" => ("iss", "https://evil.example.org"),
            "another audience" => ("aud", "other"),
            "two audiences" => ("aud", new JsonArray(TestProvider.ClientId, "other")),
            "another party" => ("azp", "other"),
            "old" => ("exp", now - 120),
            "not yet" => ("nbf", now + 120),
            "no end" => ("exp", null),
            "nobody" => ("sub", ""),
            _ => throw new ArgumentOutOfRangeException(nameof(lie), lie, "a lie that is not known"),
        };
        claims.Remove(change.Name);
        if (change.Value is not null)
            claims[change.Name] = change.Value;
    }

    private static byte[] SignWith(RSAParameters parameters, byte[] bytes)
    {
        using var key = RSA.Create(parameters);
        return key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static string With(string address, string name, string? value)
    {
        var url = new Uri(address);
        var parts = url.Query[1..]
            .Split('&')
            .Where(part => !part.StartsWith($"{name}=", StringComparison.Ordinal))
            .ToList();
        if (value is not null)
            parts.Add($"{name}={Uri.EscapeDataString(value)}");
        return $"{url.GetLeftPart(UriPartial.Path)}?{string.Join('&', parts)}";
    }

    private static string Query(string address, string name) =>
        new Uri(address).Query[1..].Split('&').Single(part => part.StartsWith($"{name}=", StringComparison.Ordinal))[
            (name.Length + 1)..
        ];

    private async Task<FarmAccount> AccountAsync(string name) =>
        (await site.Registry.ListAccountsAsync(Cancel)).Single(account => account.Name == name);

    private static async Task IsOutAsync(
        TestBrowser browser,
        BrowserAnswer end,
        HttpStatusCode expected = HttpStatusCode.Forbidden
    )
    {
        end.Status.Should().Be(expected);
        end.Cookies.Should().NotContain(cookie => cookie.Contains("pfs_"));
        (await browser.GetAsync("/jobs")).Header("Location").Should().StartWith("/login");
    }
}
