using Microsoft.AspNetCore.Http;
using PkgForge.Web.Access;

namespace PkgForge.Web.Hosting;

/// <summary>Connections that stay open: so many may one account have, and so many those without an account from one address.</summary>
/// <param name="most">So many.</param>
internal sealed class StreamPlaces(int most)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);

    /// <summary>Answers that stay open: each has a place for as long as it does, and is refused where there is none.</summary>
    public RequestDelegate Bounded(RequestDelegate answer) =>
        async http =>
        {
            var caller = AccessGate.CallerOf(http);
            if (!Take(caller))
            {
                await Full(http).ExecuteAsync(http);
                return;
            }
            try
            {
                await answer(http);
            }
            finally
            {
                Leave(caller);
            }
        };

    /// <summary>The same for one answer.</summary>
    public IResult Bounded(IResult answer) => new BoundedAnswer(Bounded(answer.ExecuteAsync));

    private IResult Full(HttpContext http) =>
        Answers.TooManyRequests(http, $"{most} connections that stay open are all that one caller may have: end some");

    private bool Take(string caller)
    {
        lock (gate)
        {
            var there = taken.GetValueOrDefault(caller);
            if (there >= most)
                return false;
            taken[caller] = there + 1;
            return true;
        }
    }

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

    private sealed class BoundedAnswer(RequestDelegate answer) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => answer(httpContext);
    }
}
