using Microsoft.AspNetCore.Http;
using PkgForge.Web.Access;

namespace PkgForge.Web.Hosting;

/// <summary>Connections that stay open: so many may one account have, and so many those without an account from one address.</summary>
/// <param name="most">So many.</param>
internal sealed class StreamPlaces(int most = StreamPlaces.Usual)
{
    private const int Usual = 256;

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);

    /// <summary>Takes a place for a request, which has it until the place is disposed of; null when the caller has too many.</summary>
    public IDisposable? Take(HttpContext http)
    {
        var caller = CallerOf(http);
        lock (gate)
        {
            var there = taken.GetValueOrDefault(caller);
            if (there >= most)
                return null;
            taken[caller] = there + 1;
        }
        return new Place(this, caller);
    }

    /// <summary>The answer that there is no place.</summary>
    public IResult Full(HttpContext http) =>
        Answers.TooManyRequests(http, $"{most} connections that stay open are all that one caller may have: end some");

    /// <summary>An answer that stays open takes a place for as long as it does.</summary>
    public IResult Hold(HttpContext http, IResult answer) =>
        Take(http) is { } place ? new Held(place, answer) : Full(http);

    private static string CallerOf(HttpContext http) =>
        AccessGate.VisitorOf(http).Account is { } account
            ? $"account {account}"
            : $"address {http.Connection.RemoteIpAddress}";

    private void Leave(string caller)
    {
        lock (gate)
        {
            if (taken[caller] == 1)
                taken.Remove(caller);
            else
                taken[caller]--;
        }
    }

    private sealed class Place(StreamPlaces places, string caller) : IDisposable
    {
        private bool left;

        public void Dispose()
        {
            if (!left)
                places.Leave(caller);
            left = true;
        }
    }

    private sealed class Held(IDisposable place, IResult answer) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using (place)
                await answer.ExecuteAsync(httpContext);
        }
    }
}
