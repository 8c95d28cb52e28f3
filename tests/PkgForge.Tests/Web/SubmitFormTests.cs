using System.Net;
using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Access;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>The form of the page to submit, as a browser sends it, and as nobody's page may send it.</summary>
public sealed class SubmitFormTests : IAsyncLifetime
{
    private const string Script = "name a 1.0\nprint a\n";

    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IEnumerable<string> Kept => Directory.GetDirectories(site.Farm.Spool.Incoming.Path);

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

    [Theory]
    [InlineData("submit")]
    [InlineData("submit/file")]
    public async Task A_form_of_another_site_brings_nothing(string path)
    {
        using var anna = await BrowserAsync("anna");
        foreach (var form in new[] { null, "", "wrong" })
        {
            using var answer = await SendAsync(anna, path, form, ("a.dummy", Script));
            answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        }

        Kept.Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_has_come_is_its_accounts_and_nobody_elses()
    {
        using var anna = await BrowserAsync("anna");
        using var bert = await BrowserAsync("bert");
        var (annas, berts) = (await FormAsync(anna), await FormAsync(bert));
        var upload = await UploadAsync(anna, annas, "a.dummy", Script);
        Kept.Should().ContainSingle();

        using var stolen = await SendAsync(bert, "submit", berts, ("bucket", "main"), ("upload", upload!));
        using var cleared = await SendAsync(bert, "submit", berts, ("bucket", "main"), ("unused", upload!));
        stolen.StatusCode.Should().Be(HttpStatusCode.NotFound);
        cleared.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity, "it has no source");
        Kept.Should().ContainSingle();
        using var taken = await SendAsync(anna, "submit", annas, ("bucket", "main"), ("upload", upload!));

        taken.StatusCode.Should().Be(HttpStatusCode.SeeOther);
        Kept.Should().ContainSingle().Which.Should().EndWith(taken.Headers.Location!.ToString().Split('/')[^1]);
    }

    [Fact]
    public async Task What_is_no_source_package_is_not_kept()
    {
        using var anna = await BrowserAsync("anna");
        var form = await FormAsync(anna);

        (await UploadAsync(anna, form, "a.dummy", "no such step\n")).Should().BeNull();

        Kept.Should().BeEmpty();
        (await UploadAsync(anna, form, "a.tar.gz", "x")).Should().NotBeNull("only what names it can tell");
    }

    private static async Task<string?> UploadAsync(HttpClient browser, string form, string name, string text)
    {
        using var answer = await SendAsync(browser, "submit/file", form, (name, text));
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        using var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        return said.RootElement.TryGetProperty("upload", out var upload) ? upload.GetString() : null;
    }

    /// <summary>What has a point in its name is a file.</summary>
    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient browser,
        string path,
        string? form,
        params (string Name, string Value)[] parts
    )
    {
        using var content = new MultipartFormDataContent();
        if (form is not null)
            content.Add(new StringContent(form), "form");
        foreach (var (name, value) in parts)
        {
            var part = new ByteArrayContent(Encoding.UTF8.GetBytes(value));
            if (name.Contains('.', StringComparison.Ordinal))
                content.Add(part, "files", name);
            else
                content.Add(part, name);
        }
        return await browser.PostAsync(path, content, Cancel);
    }

    private static async Task<string> FormAsync(HttpClient browser) =>
        (await browser.GetStringAsync("submit", Cancel)).Split("name=\"form\" value=\"")[1].Split('"')[0];

    private async Task<HttpClient> BrowserAsync(string name)
    {
        var token = Secret.NewToken();
        await site.Registry.AddAccountAsync(name, AccountRole.Submitter, Cancel);
        await site.Registry.AddCredentialAsync(
            name,
            new(Secret.Sha256Of(token), Session: false, "t", Writes: true, TimeSpan.FromHours(1)),
            Cancel
        );
        var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new() })
        {
            BaseAddress = server.Address,
        };
        using var login = new FormUrlEncodedContent([new("token", token), new("to", "/")]);
        (await browser.PostAsync("login", login, Cancel)).StatusCode.Should().Be(HttpStatusCode.SeeOther);
        return browser;
    }
}
