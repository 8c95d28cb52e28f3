using System.Net;

namespace PkgForge.Tests.Shared;

/// <summary>An answer, read to its end.</summary>
public sealed record BrowserAnswer(HttpResponseMessage Message, string Text)
{
    public HttpStatusCode Status => Message.StatusCode;

    /// <summary>Cookies that it sets.</summary>
    public IReadOnlyList<string> Cookies =>
        Message.Headers.TryGetValues("Set-Cookie", out var values) ? [.. values] : [];

    /// <summary>The session that it begins.</summary>
    public string Session =>
        Cookies.Single(cookie => cookie.StartsWith("pkgforge=pfs_", StringComparison.Ordinal)).Split(';')[0][
            "pkgforge=".Length..
        ];

    /// <summary>What forms of this page carry.</summary>
    public string Form => Text.Split("name=\"form\" value=\"")[1].Split('"')[0];

    /// <summary>A header; empty for none.</summary>
    public string Header(string name) =>
        Message.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}

/// <summary>A browser without a face: it keeps cookies, wants pages, and goes nowhere by itself.</summary>
public sealed class TestBrowser : IDisposable
{
    private readonly HttpClient http;

    public TestBrowser(Uri site)
    {
        http = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new() })
        {
            BaseAddress = site,
        };
        http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public async Task<BrowserAnswer> GetAsync(string address) => await ReadAsync(await http.GetAsync(address));

    /// <summary>Sends a form.</summary>
    public async Task<BrowserAnswer> PostAsync(string address, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(
            fields.Select(field => KeyValuePair.Create(field.Name, field.Value))
        );
        return await ReadAsync(await http.PostAsync(address, form));
    }

    /// <summary>Goes to the provider of identities, and is sent back from there.</summary>
    /// <returns>The address of the answer, to which it has not gone yet.</returns>
    public async Task<string> ComeBackAsync(string to = "/")
    {
        var away = (await GetAsync($"/login/oidc?to={Uri.EscapeDataString(to)}")).Header("Location");
        return (await GetAsync(away)).Header("Location");
    }

    /// <summary>Logs in at the provider of identities. Returns the page where it comes back.</summary>
    public async Task<BrowserAnswer> LoginAsync(string to = "/") => await GetAsync(await ComeBackAsync(to));

    public void Dispose() => http.Dispose();

    private static async Task<BrowserAnswer> ReadAsync(HttpResponseMessage message) =>
        new(message, await message.Content.ReadAsStringAsync());
}
