using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Access;

/// <summary>
/// How many requests one account may make in a minute, of pages and of the API, and how many of them may change something; who has none is counted by address. A script that runs wild is told so before it
/// is in everybody's way. What is left is in every answer (<c>RateLimit</c>, draft-ietf-httpapi-ratelimit-headers).
/// </summary>
internal sealed class RequestLimits(int requests, int changes) : IAsyncDisposable
{
    /// <summary>Seconds.</summary>
    private const int Window = 60;

    private readonly Limit all = new("requests", requests);
    private readonly Limit changing = new("changes", changes);

    /// <summary>Counts a request. Returns the answer when it is one too many.</summary>
    public IResult? Refuse(HttpContext http)
    {
        var who = AccessGate.CallerOf(http);
        var counted = IsChange(http) ? new[] { all, changing } : [all];
        var refusal = counted.Select(limit => limit.Refuse(http, who)).FirstOrDefault(answer => answer is not null);
        http.Response.Headers["RateLimit-Policy"] = string.Join(", ", counted.Select(limit => limit.Policy));
        http.Response.Headers["RateLimit"] = string.Join(", ", counted.Select(limit => limit.Left(who)));
        return refusal;
    }

    public async ValueTask DisposeAsync()
    {
        await all.DisposeAsync();
        await changing.DisposeAsync();
    }

    private static bool IsChange(HttpContext http) =>
        !HttpMethods.IsGet(http.Request.Method)
        && !HttpMethods.IsHead(http.Request.Method)
        && !HttpMethods.IsOptions(http.Request.Method);

    private sealed class Limit(string name, int most) : IAsyncDisposable
    {
        private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(who =>
            RateLimitPartition.GetFixedWindowLimiter(
                who,
                _ => new() { PermitLimit = most, Window = TimeSpan.FromSeconds(Window) }
            )
        );

        public string Policy => string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={most};w={Window}");

        public string Left(string who) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"\"{name}\";r={limiter.GetStatistics(who)?.CurrentAvailablePermits ?? most}"
            );

        public IResult? Refuse(HttpContext http, string who)
        {
            using var lease = limiter.AttemptAcquire(who);
            return lease.IsAcquired
                ? null
                : Answers.TooManyRequests(http, $"{most} {name} in a minute are as many as one account may make");
        }

        public ValueTask DisposeAsync() => limiter.DisposeAsync();
    }
}
