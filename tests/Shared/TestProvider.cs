using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace PkgForge.Tests.Shared;

/// <summary>
/// A small provider of identities (OpenID Connect Core 1.0, Discovery 1.0; RFC 7636) on a port of this machine, with real keys. It keeps the rules, and can be told to break each of them.
/// </summary>
public sealed class TestProvider : IAsyncDisposable
{
    public const string ClientId = "farm";
    public const string ClientSecret = "a secret: of+the/farm's";

    private readonly ConcurrentDictionary<string, Login> codes = new(StringComparer.Ordinal);
    private readonly WebApplication app;
    private RSA key = RSA.Create(2048);
    private int rotation = 1;

    private TestProvider(WebApplication app) => this.app = app;

    /// <summary>Its own name.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>Who logs in there.</summary>
    public string Subject { get; set; } = "7f3a";

    /// <summary>What the one is called.</summary>
    public string Name { get; set; } = "anna";

    /// <summary>The groups that the one is in.</summary>
    public IReadOnlyList<string> Groups { get; set; } = [];

    /// <summary>Asks in a page before it sends the browser back.</summary>
    public bool Asks { get; set; }

    /// <summary>Changes what a token says.</summary>
    public Action<JsonObject> Change { get; set; } = _ => { };

    /// <summary>Changes how a token says it is signed.</summary>
    public Action<JsonObject> ChangeHeader { get; set; } = _ => { };

    /// <summary>Signs a token in another way; null for the right one.</summary>
    public Func<byte[], byte[]>? Sign { get; set; }

    /// <summary>Changes the address to which it sends the browser back.</summary>
    public Func<string, string> Return { get; set; } = address => address;

    /// <summary>Says of itself that its answers name it (RFC 9207).</summary>
    public bool NamesItself { get; set; }

    /// <summary>Codes that were handed out, and tokens.</summary>
    public ConcurrentQueue<string> Secrets { get; } = [];

    /// <summary>The addresses that browsers may be sent back to.</summary>
    public HashSet<string> Callbacks { get; } = new(StringComparer.Ordinal);

    /// <param name="host">What it calls itself: a browser takes <c>localhost</c> and <c>127.0.0.1</c> for two sites.</param>
    public static async Task<TestProvider> StartAsync(string host = "localhost")
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = "/" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var made = builder.Build();
        var provider = new TestProvider(made);
        made.UseRouting();
        made.MapGet("/.well-known/openid-configuration", (RequestDelegate)provider.DescribeAsync);
        // Browsers ask every site for it.
        made.MapGet(
            "/favicon.ico",
            (RequestDelegate)(
                http =>
                {
                    http.Response.StatusCode = 204;
                    return Task.CompletedTask;
                }
            )
        );
        made.MapGet("/keys", (RequestDelegate)provider.ShowKeysAsync);
        made.MapGet("/authorize", (RequestDelegate)provider.AuthorizeAsync);
        made.MapPost("/token", (RequestDelegate)provider.GiveTokenAsync);
        await made.StartAsync();
        var address = ((IApplicationBuilder)made)
            .ServerFeatures.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Single();
        provider.Issuer = address.Replace("127.0.0.1", host, StringComparison.Ordinal);
        return provider;
    }

    /// <summary>Signs with another key from now on.</summary>
    public void Rotate()
    {
        key.Dispose();
        (key, rotation) = (RSA.Create(2048), rotation + 1);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
    }

    private Task DescribeAsync(HttpContext http) =>
        WriteAsync(
            http,
            new()
            {
                ["issuer"] = Issuer,
                ["authorization_endpoint"] = $"{Issuer}/authorize",
                ["token_endpoint"] = $"{Issuer}/token",
                ["jwks_uri"] = $"{Issuer}/keys",
                ["response_types_supported"] = new JsonArray("code"),
                ["subject_types_supported"] = new JsonArray("public"),
                ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
                ["authorization_response_iss_parameter_supported"] = NamesItself,
            }
        );

    private Task ShowKeysAsync(HttpContext http)
    {
        var parts = key.ExportParameters(includePrivateParameters: false);
        return WriteAsync(
            http,
            new()
            {
                ["keys"] = new JsonArray(
                    new JsonObject
                    {
                        ["kty"] = "RSA",
                        ["use"] = "sig",
                        ["alg"] = "RS256",
                        ["kid"] = KeyName,
                        ["n"] = Base64Url.EncodeToString(parts.Modulus),
                        ["e"] = Base64Url.EncodeToString(parts.Exponent),
                    }
                ),
            }
        );
    }

    private string KeyName => $"key-{rotation.ToString(CultureInfo.InvariantCulture)}";

    private async Task AuthorizeAsync(HttpContext http)
    {
        var asked = http.Request.Query;
        var callback = asked["redirect_uri"].ToString();
        if (
            asked["client_id"] != ClientId
            || asked["response_type"] != "code"
            || asked["code_challenge_method"] != "S256"
            || !asked["scope"].ToString().Split(' ').Contains("openid")
            || !Callbacks.Contains(callback)
        )
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        Secrets.Enqueue(code);
        codes[code] = new(callback, asked["code_challenge"].ToString(), asked["nonce"].ToString());
        var answer = new Dictionary<string, string?> { ["code"] = code, ["state"] = asked["state"].ToString() };
        if (NamesItself)
            answer["iss"] = Issuer;
        var back = Return(QueryHelpers.AddQueryString(callback, answer));
        if (!Asks)
        {
            http.Response.Redirect(back);
            return;
        }
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(
            $"<!DOCTYPE html><title>Provider</title><a href=\"{WebUtility.HtmlEncode(back)}\">I am {Name}</a>"
        );
    }

    private async Task GiveTokenAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        var client = $"{WebUtility.UrlEncode(ClientId)}:{WebUtility.UrlEncode(ClientSecret)}";
        if (http.Request.Headers.Authorization != $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(client))}")
        {
            await FailAsync(http, "invalid_client");
            return;
        }
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($"{form["code_verifier"]}")));
        if (
            form["grant_type"] != "authorization_code"
            || !codes.TryRemove(form["code"].ToString(), out var login)
            || login.Callback != form["redirect_uri"]
            || login.Challenge != challenge
        )
        {
            await FailAsync(http, "invalid_grant");
            return;
        }
        var token = Token(login.Nonce);
        Secrets.Enqueue(token);
        await WriteAsync(
            http,
            new()
            {
                ["access_token"] = "unused",
                ["token_type"] = "Bearer",
                ["id_token"] = token,
            }
        );
    }

    private string Token(string nonce)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = KeyName };
        ChangeHeader(header);
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["sub"] = Subject,
            ["aud"] = ClientId,
            ["iat"] = now,
            ["exp"] = now + 300,
            ["nonce"] = nonce,
            ["preferred_username"] = Name,
            ["groups"] = new JsonArray([.. Groups.Select(group => JsonValue.Create(group))]),
        };
        Change(claims);
        var signed = $"{Part(header)}.{Part(claims)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = Sign is { } other
            ? other(bytes)
            : key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Part(JsonObject json) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static Task FailAsync(HttpContext http, string error)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return WriteAsync(http, new() { ["error"] = error });
    }

    private static Task WriteAsync(HttpContext http, JsonObject json)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json.ToJsonString());
    }

    /// <summary>What a code stands for.</summary>
    private sealed record Login(string Callback, string Challenge, string Nonce);
}
