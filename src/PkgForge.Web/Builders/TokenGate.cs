using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>Finds out whose a request is, by its bearer token (RFC 6750).</summary>
internal sealed class TokenGate(ServedFarm farm, ILogger log) : IAsyncDisposable
{
    private const string Scheme = "Bearer ";
    private const int MostGuesses = 60;
    private const string Enrol =
        "on the farm's server 'pkgforge builder enrol NAME' prints the line that enrols this machine";

    /// <summary>A waiting builder asks every minute: who has not for this long is gone.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, KnownToken> known = new(StringComparer.Ordinal);

    // Guesses wait for each other, not for the requests of those who are known.
    private readonly SemaphoreSlim looks = new(4);

    /// <summary>Guesses cost a look into the registry each: so many in a minute from one address.</summary>
    private readonly PartitionedRateLimiter<string> guesses = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(
            address,
            _ => new() { PermitLimit = MostGuesses, Window = TimeSpan.FromMinutes(1) }
        )
    );

    /// <summary>The token's holder; or the answer that says why there is none.</summary>
    public async Task<(KnownToken? Token, IResult? Problem)> EnterAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return Deny(http, null, $"no token: expected the header 'Authorization: Bearer TOKEN'; {Enrol}");
        var token = header[Scheme.Length..].Trim();
        if (!BuilderToken.IsWellFormed(token))
            return Deny(http, "invalid_token", $"what was sent is not a builder's token; {Enrol}");
        var sha256 = BuilderToken.Sha256Of(token);
        if (known.TryGetValue(sha256, out var there) && !there.Ended.IsCancellationRequested)
        {
            there.Use();
            return (there, null);
        }
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "local";
        // No permit: only whether there would be one.
        if (!guesses.AttemptAcquire(address, 0).IsAcquired)
            return (
                null,
                Answers.TooManyRequests(http, $"{MostGuesses} tokens that are not valid have come from here")
            );
        var (holder, found) = await LookAsync(sha256, http.RequestAborted);
        if (found is not null)
            return (found, null);
        guesses.AttemptAcquire(address);
        return Deny(http, "invalid_token", Why(holder));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var token in known.Values)
            await token.DisposeAsync();
        looks.Dispose();
        await guesses.DisposeAsync();
    }

    private async Task<(TokenHolder?, KnownToken?)> LookAsync(string sha256, CancellationToken cancel)
    {
        await looks.WaitAsync(cancel);
        try
        {
            if (known.TryGetValue(sha256, out var there) && !there.Ended.IsCancellationRequested)
                return (there.Holder, there);
            await ForgetAsync();
            var (holder, found) = await KnownToken.FindAsync(farm, sha256, cancel);
            if (found is not null)
            {
                known[sha256] = found;
                found.Ended.Register(() => log.TokenEnded(found.Holder.Builder));
            }
            return (holder, found);
        }
        finally
        {
            looks.Release();
        }
    }

    /// <summary>Tokens that ended, and those of machines that are gone.</summary>
    private async Task ForgetAsync()
    {
        foreach (var (sha256, token) in known)
        {
            if ((token.Ended.IsCancellationRequested || token.Idle > Unused) && known.TryRemove(new(sha256, token)))
                await token.DisposeAsync();
        }
    }

    private static string Why(TokenHolder? holder) =>
        holder switch
        {
            null => $"this token is unknown: it was replaced long ago, or is another farm's; {Enrol}",
            { Revoked: true } =>
                $"this token of builder {holder.Builder} was revoked, or replaced by a later one: enrol again; {Enrol}",
            _ => $"this token of builder {holder.Builder} has expired: enrol again; {Enrol}",
        };

    private static (KnownToken?, IResult) Deny(HttpContext http, string? error, string detail)
    {
        http.Response.Headers.WWWAuthenticate = error is null
            ? "Bearer realm=\"pkgforge\""
            : $"Bearer realm=\"pkgforge\", error=\"{error}\"";
        return (null, Answers.Problem(StatusCodes.Status401Unauthorized, ProblemTypes.Token, "token", detail));
    }
}
