using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace PkgForge.Web.SignIn;

/// <summary>
/// Whether a token says what it says, to this farm, in this log-in (OpenID Connect Core 1.0, 3.1.3.7): signed with a key of the provider's, in its name, for this client, in time, with the
/// log-in's nonce.
/// </summary>
internal sealed class IdTokenCheck(OidcOptions options, OidcProvider provider)
{
    private const int LongestToken = 64 << 10;
    private const int LongestSubject = 255;

    /// <summary>Clocks may differ by so much.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Signatures by the provider's private key. One by the client's secret proves less, and none nothing.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256,
        SecurityAlgorithms.RsaSha384,
        SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256,
        SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256,
        SecurityAlgorithms.EcdsaSha384,
        SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = LongestToken };

    /// <summary>Checks a token.</summary>
    /// <returns>It, or why it is not to be believed.</returns>
    /// <exception cref="ProviderException">The provider's keys cannot be had.</exception>
    public async Task<(JsonWebToken? Token, string? Fault)> RunAsync(
        string text,
        OidcFlow flow,
        CancellationToken cancel
    )
    {
        var result = await ValidateAsync(text, await provider.DescribeAsync(anew: false, cancel));
        // The provider has new keys.
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
            result = await ValidateAsync(text, await provider.DescribeAsync(anew: true, cancel));
        if (!result.IsValid)
            return (null, FaultOf(result.Exception));
        var token = (JsonWebToken)result.SecurityToken;
        return FaultOf(token, flow) is { } fault ? (null, fault) : (token, null);
    }

    private Task<TokenValidationResult> ValidateAsync(string text, OpenIdConnectConfiguration known) =>
        handler.ValidateTokenAsync(
            text,
            new TokenValidationParameters
            {
                ValidIssuer = options.Issuer,
                ValidAudience = options.ClientId,
                ValidAlgorithms = Algorithms,
                IssuerSigningKeys = known.SigningKeys,
                // A token that names no known key is of no known key.
                TryAllIssuerSigningKeys = known.SigningKeys.Count == 1,
                RequireSignedTokens = true,
                RequireExpirationTime = true,
                ClockSkew = Skew,
            }
        );

    private string? FaultOf(JsonWebToken token, OidcFlow flow)
    {
        var party = Text(token, "azp");
        if (party is null ? token.Audiences.Count() > 1 : party != options.ClientId)
            return "it was made for another client";
        if (Text(token, "nonce") is not { } nonce || !flow.AskedWith(nonce))
            return "it was made for another log-in";
        return token.Subject is not { Length: > 0 and <= LongestSubject } ? "it names nobody" : null;
    }

    /// <summary>A claim that is text; null for none.</summary>
    public static string? Text(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue(claim, out string? text) ? text : null;

    // The library's own words have the token's parts in them.
    private static string FaultOf(Exception e) =>
        e switch
        {
            SecurityTokenExpiredException
            or SecurityTokenNotYetValidException
            or SecurityTokenInvalidLifetimeException =>
                "its time is over or has not come: are the clocks of both machines right?",
            SecurityTokenNoExpirationException => "it has no end",
            SecurityTokenInvalidIssuerException => "it is another provider's",
            SecurityTokenInvalidAudienceException => "it was made for another client",
            SecurityTokenSignatureKeyNotFoundException => "it is signed by a key that the provider does not have",
            SecurityTokenInvalidAlgorithmException => "it is signed in a way that proves nothing",
            SecurityTokenInvalidSignatureException => "its signature is wrong",
            _ => "it is not well formed",
        };
}
