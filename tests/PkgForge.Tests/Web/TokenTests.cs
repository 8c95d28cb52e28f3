using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Server.Remote;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>Who may build, and for how long.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private static readonly TimeSpan Bites = TimeSpan.FromSeconds(5);

    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_token_nothing_is_answered() =>
        (await DeniedAsync(null, "Bearer realm=\"pkgforge\""))
            .Should()
            .Contain("Authorization: Bearer")
            .And.Contain("enrol");

    [Theory]
    [InlineData("secret", "*not a builder's token*")]
    [InlineData("pfb_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "*is unknown*")]
    public async Task A_token_that_nobody_made_is_refused(string token, string message) =>
        (await DeniedAsync(token)).Should().Match(message);

    [Fact]
    public async Task A_token_whose_time_is_up_is_refused_and_says_so()
    {
        var token = await server.TokenAsync("b1");
        await site.ExecuteAsync("UPDATE token SET expires = created + 1 WHERE kind = 'builder'");

        (await DeniedAsync(token)).Should().Contain("b1 has expired");
    }

    [Fact]
    public async Task A_later_token_ends_the_one_before()
    {
        var first = await server.TokenAsync("b1");
        await server.TokenAsync("b1");

        (await DeniedAsync(first)).Should().Contain("replaced by a later one");
    }

    [Fact]
    public async Task A_token_that_is_revoked_ends_the_wait_for_tasks()
    {
        var farm = await server.RemoteAsync("b1");
        await using var _ = farm;
        var session = (await farm.AttachAsync("b1", "one", Cancel)).Session;
        (await farm.ClaimAsync(session, Cancel)).Should().BeNull();
        var wait = farm.WaitAsync(session, TimeSpan.FromSeconds(60), Cancel);

        await site.Registry.RevokeTokensAsync("b1", Cancel);

        await FluentActions
            .Awaiting(() => wait.WaitAsync(Bites, Cancel))
            .Should()
            .ThrowAsync<BuilderRefusedException>()
            .WithMessage("*b1 was revoked*enrol again*");
    }

    [Fact]
    public async Task A_token_that_is_revoked_ends_a_build()
    {
        await site.RegisterAsync("job-1");
        var farm = await server.RemoteAsync("b1");
        await using var _ = farm;
        var session = (await farm.AttachAsync("b1", "one", Cancel)).Session;
        var task = (await farm.ClaimAsync(session, Cancel))!;
        (await farm.HeartbeatAsync(task, Cancel)).Should().Be(LeaseAnswer.Continue);
        var started = TimeProvider.System.GetTimestamp();

        await site.Registry.RevokeTokensAsync("b1", Cancel);

        while (await farm.HeartbeatAsync(task, Cancel) != LeaseAnswer.Lost)
            TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(Bites);
    }

    [Fact]
    public async Task A_token_that_cannot_be_watched_any_more_ends()
    {
        var rightsAreGone = false;
        await using var other = await ServerUnderTest.StartAsync(
            site,
            served =>
                served with
                {
                    Registry = Builders.Intercepted<IRegistry>.Create(
                        served.Registry,
                        name =>
                        {
                            if (rightsAreGone && name == nameof(IRegistry.FindTokenAsync))
                                throw new UnauthorizedAccessException("permission denied for table token");
                        }
                    ),
                }
        );
        await using var farm = await other.RemoteAsync("b1");
        var session = (await farm.AttachAsync("b1", "one", Cancel)).Session;
        (await farm.ClaimAsync(session, Cancel)).Should().BeNull();
        var wait = farm.WaitAsync(session, TimeSpan.FromSeconds(60), Cancel);

        rightsAreGone = true;
        await site.Registry.RevokeTokensAsync("b1", Cancel);

        await FluentActions
            .Awaiting(() => wait.WaitAsync(Bites, Cancel))
            .Should()
            .ThrowAsync<FarmFaultException>()
            .WithMessage("*permission denied*");
    }

    [Fact]
    public async Task Tokens_cannot_be_guessed_quickly_and_who_is_known_is_not_held_up()
    {
        using var known = server.Client(await server.TokenAsync("b1"));
        (await AttachAsync(known)).StatusCode.Should().Be(HttpStatusCode.OK);
        for (var i = 0; i < 60; i++)
            (await DeniedAsync(BuilderToken.New())).Should().Contain("unknown");

        using var client = server.Client(BuilderToken.New());
        using var response = await AttachAsync(client);

        response.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromMinutes(1));
        (await AttachAsync(known)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_machine_that_died_while_it_enrolled_is_enrolled_by_the_same_line()
    {
        var code = await CodeAsync("b1");
        var tokens = new TokenFiles($"{site.Root}/work");
        var enrolment = new Enrolment(server.Address, tokens, TimeProvider.System);
        // In the way of the note.
        var note = $"{site.Root}/work/builders/.enrol-{BuilderToken.Sha256Of(code)[..16]}";
        Directory.CreateDirectory($"{note}/in-the-way");
        await FluentActions
            .Awaiting(() => enrolment.EnrolAsync(code, _ => true, Cancel))
            .Should()
            .ThrowAsync<IOException>();
        Directory.Delete(note, recursive: true);

        (await enrolment.EnrolAsync(code, _ => true, Cancel)).Should().Be("b1");

        var token = TokenFiles.Read(tokens.PathOf("b1"));
        (await site.Registry.FindTokenAsync(BuilderToken.Sha256Of(token), Cancel))!.Builder.Should().Be("b1");
        File.Exists($"{note}.token").Should().BeFalse();
    }

    [Fact]
    public async Task A_machine_enrols_once_and_the_line_that_enrolled_it_can_be_run_again()
    {
        var code = await CodeAsync("b1");
        var tokens = new TokenFiles($"{site.Root}/work");
        var enrolment = new Enrolment(server.Address, tokens, TimeProvider.System);

        (await enrolment.EnrolAsync(code, _ => true, Cancel)).Should().Be("b1");
        var token = TokenFiles.Read(tokens.PathOf("b1"));
        (await enrolment.EnrolAsync(code, _ => true, Cancel)).Should().Be("b1");

        TokenFiles.Read(tokens.PathOf("b1")).Should().Be(token);
        File.GetUnixFileMode(tokens.PathOf("b1")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await site.Registry.FindTokenAsync(BuilderToken.Sha256Of(token), Cancel))!.Builder.Should().Be("b1");
        var other = new Enrolment(server.Address, new($"{site.Root}/other"), TimeProvider.System);
        await other
            .Awaiting(one => one.EnrolAsync(code, _ => true, Cancel))
            .Should()
            .ThrowAsync<BuilderRefusedException>()
            .WithMessage("*unknown, used up or expired*pkgforge builder enrol*");
    }

    [Fact]
    public async Task An_enrolment_whose_answer_was_lost_can_be_asked_for_again()
    {
        var (code, token) = (await CodeAsync("b1"), BuilderToken.New());
        using var client = server.Client(null);
        for (var i = 0; i < 2; i++)
        {
            using var response = await EnrolAsync(client, new(code, "one", BuilderToken.Sha256Of(token)));
            response.StatusCode.Should().Be(HttpStatusCode.OK);
            (await response.Content.ReadFromJsonAsync(WireJson.Default.EnrolAnswer, Cancel))
                .Should()
                .Be(new EnrolAnswer("b1", "dummy-all"));
        }
    }

    [Fact]
    public async Task Codes_cannot_be_guessed_quickly()
    {
        using var client = server.Client(null);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 11; i++)
        {
            using var response = await EnrolAsync(client, new($"guess-{i}", "one", new('0', 64)));
            statuses.Add(response.StatusCode);
        }

        statuses.Take(10).Should().AllBeEquivalentTo(HttpStatusCode.Forbidden);
        statuses[10].Should().Be(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("bad host", null, "*'host'*")]
    [InlineData("one", "0A", "*'token_sha256'*")]
    public async Task An_enrolment_that_makes_no_sense_uses_no_code_up(string host, string? digest, string message)
    {
        var code = await CodeAsync("b1");
        using var client = server.Client(null);

        using var response = await EnrolAsync(client, new(code, host, digest ?? new('0', 64)));

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await DetailAsync(response)).Should().Match(message);
        using var right = await EnrolAsync(client, new(code, "one", new('0', 64)));
        right.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_token_that_others_can_read_is_not_used()
    {
        var path = $"{site.Root}/open.token";
        await File.WriteAllTextAsync(path, BuilderToken.New(), Cancel);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        FluentActions
            .Invoking(() => TokenFiles.Read(path))
            .Should()
            .Throw<Server.Configuration.ConfigurationException>()
            .WithMessage("*chmod 600*");
    }

    private async Task<string> CodeAsync(string builder)
    {
        var code = BuilderToken.NewCode();
        await site.Registry.AddEnrolmentAsync(builder, BuilderToken.Sha256Of(code), TimeSpan.FromHours(1), Cancel);
        return code;
    }

    private static Task<HttpResponseMessage> EnrolAsync(HttpClient client, EnrolRequest request) =>
        client.PostAsync("enrol", JsonContent.Create(request, WireJson.Default.EnrolRequest), Cancel);

    private async Task<string> DeniedAsync(
        string? token,
        string challenge = "Bearer realm=\"pkgforge\", error=\"invalid_token\""
    )
    {
        using var client = server.Client(token);
        using var response = await AttachAsync(client);
        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.ToString().Should().Be(challenge);
        return await DetailAsync(response);
    }

    private static Task<HttpResponseMessage> AttachAsync(HttpClient client) =>
        client.PostAsync(
            "attach",
            JsonContent.Create(new AttachRequest("one"), WireJson.Default.AttachRequest),
            Cancel
        );

    private static async Task<string> DetailAsync(HttpResponseMessage response) =>
        JsonDocument
            .Parse(await response.Content.ReadAsStringAsync(Cancel))
            .RootElement.GetProperty("detail")
            .GetString()!;
}
