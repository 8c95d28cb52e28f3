using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace PkgForge.Web.SignIn;

/// <summary>The provider does not answer, or not as the specifications say; the message says what was wrong, and holds no secret.</summary>
internal sealed class ProviderException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>It has answered, and refuses the code: used up, too old, or another log-in's (RFC 6749, 5.2).</summary>
    public bool RefusesCode { get; init; }
}

/// <summary>The provider of identities: what it says of itself, and codes that it turns into tokens.</summary>
internal sealed class OidcProvider(OidcOptions options, TimeProvider time) : IDocumentRetriever, IDisposable
{
    private const int MostOfAnswer = 1 << 20;
    private const string NoReason = "it does not say why";

    /// <summary>What it says of itself is asked again after so long, and when it signs with a key that is not known.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly HttpClient http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = Soon,
        }
    )
    {
        Timeout = Soon,
        MaxResponseContentBufferSize = MostOfAnswer,
    };

    private readonly SemaphoreSlim asking = new(1);
    private OpenIdConnectConfiguration? known;
    private DateTimeOffset asked;

    /// <summary>What the provider says of itself (OpenID Connect Discovery 1.0), with its keys.</summary>
    /// <param name="anew">Asks again: its keys may have changed.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="ProviderException">It cannot be had.</exception>
    public async Task<OpenIdConnectConfiguration> DescribeAsync(bool anew, CancellationToken cancel)
    {
        await asking.WaitAsync(cancel);
        try
        {
            if (known is not null && !anew && time.GetUtcNow() - asked < Fresh)
                return known;
            known = Check(await AskAsync(cancel));
            asked = time.GetUtcNow();
            return known;
        }
        finally
        {
            asking.Release();
        }
    }

    /// <summary>Turns a code into the token that says who somebody is (OpenID Connect Core 1.0, 3.1.3).</summary>
    /// <exception cref="ProviderException">The provider does not.</exception>
    public async Task<string> RedeemAsync(
        OpenIdConnectConfiguration provider,
        string code,
        string verifier,
        CancellationToken cancel
    )
    {
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = options.Callback,
            ["code_verifier"] = verifier,
            ["client_id"] = options.ClientId,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, provider.TokenEndpoint);
        request.Headers.Accept.ParseAdd("application/json");
        Prove(request, fields, provider);
        request.Content = new FormUrlEncodedContent(fields);
        using var answer = Parse(await SendAsync(request, cancel));
        return
            answer.RootElement.ValueKind == JsonValueKind.Object
            && answer.RootElement.TryGetProperty("id_token", out var token)
            && token.ValueKind == JsonValueKind.String
            ? token.GetString()!
            : throw new ProviderException("it has answered a code with no 'id_token'");
    }

    /// <summary>Gets a document of the provider's, for the library that reads it.</summary>
    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        if (!IsSafe(address))
            throw new ProviderException($"'{address}' is without TLS");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return await SendAsync(request, cancel);
    }

    public void Dispose()
    {
        http.Dispose();
        asking.Dispose();
    }

    /// <summary>Whether nobody on the way can change what is asked there: TLS, or this machine.</summary>
    public static bool IsSafe(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url)
        && (url.Scheme == "https" || url.Scheme == "http" && url.IsLoopback);

    private async Task<OpenIdConnectConfiguration> AskAsync(CancellationToken cancel)
    {
        var address = $"{options.Issuer.TrimEnd('/')}/.well-known/openid-configuration";
        try
        {
            return await OpenIdConnectConfigurationRetriever.GetAsync(address, this, cancel);
        }
        catch (Exception e) when (e is not (ProviderException or OperationCanceledException))
        {
            // The library has many words for a document that is none.
            throw new ProviderException($"what it says of itself at {address} cannot be used: {e.Message}", e);
        }
    }

    private OpenIdConnectConfiguration Check(OpenIdConnectConfiguration said)
    {
        if (said.Issuer != options.Issuer)
            throw new ProviderException(
                $"it calls itself '{said.Issuer}', but 'issuer:' of the configuration is '{options.Issuer}'"
            );
        foreach (var address in new[] { said.AuthorizationEndpoint, said.TokenEndpoint })
            if (!IsSafe(address))
                throw new ProviderException($"its endpoint '{address}' is no address with TLS");
        return said;
    }

    /// <summary>Proves that the farm is the farm, in the way that the provider takes (RFC 6749, 2.3.1).</summary>
    private void Prove(
        HttpRequestMessage request,
        Dictionary<string, string> fields,
        OpenIdConnectConfiguration provider
    )
    {
        if (options.ClientSecret is not { } secret)
            return;
        var methods = provider.TokenEndpointAuthMethodsSupported;
        if (methods.Count > 0 && !methods.Contains("client_secret_basic") && methods.Contains("client_secret_post"))
        {
            fields["client_secret"] = secret;
            return;
        }
        var pair = $"{WebUtility.UrlEncode(options.ClientId)}:{WebUtility.UrlEncode(secret)}";
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))
        );
    }

    private async Task<string> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var address = request.RequestUri;
        try
        {
            using var answer = await http.SendAsync(request, cancel);
            if (answer.IsSuccessStatusCode)
                return await answer.Content.ReadAsStringAsync(cancel);
            var reason = await ReasonAsync(answer, cancel);
            throw new ProviderException($"{address} has answered {(int)answer.StatusCode}: {reason}")
            {
                RefusesCode = reason == "invalid_grant",
            };
        }
        catch (HttpRequestException e)
        {
            throw new ProviderException($"{address} cannot be reached: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new ProviderException($"{address} does not answer", e);
        }
    }

    private static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException e)
        {
            throw new ProviderException("it has answered a code with something that is no JSON", e);
        }
    }

    /// <summary>The word for the error (RFC 6749, 5.2), and nothing else of the answer.</summary>
    private static async Task<string> ReasonAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            using var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancel));
            return
                said.RootElement.ValueKind == JsonValueKind.Object
                && said.RootElement.TryGetProperty("error", out var error)
                && error.ValueKind == JsonValueKind.String
                ? ErrorWord.Of(error.GetString()!)
                : NoReason;
        }
        catch (JsonException)
        {
            return NoReason;
        }
    }
}

/// <summary>The word by which a provider names an error.</summary>
internal static class ErrorWord
{
    private const int Longest = 60;

    /// <summary>The word, when it is one: it is shown to people, and written to logs.</summary>
    public static string Of(string text) =>
        text.Length is > 0 and <= Longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? text
            : "an error without a proper name";
}
