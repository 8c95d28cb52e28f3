using System.Globalization;
using Microsoft.AspNetCore.Http;
using PkgForge.Registry;

namespace PkgForge.Web.Builders;

/// <summary>A request of a builder whose token is valid.</summary>
/// <param name="Http">The request and its answer.</param>
/// <param name="Holder">Whose token it is.</param>
/// <param name="Cancel">Cancelled when the caller is gone, its token has ended, or the server stops.</param>
/// <param name="Stopping">Cancelled when the server stops.</param>
internal sealed record BuilderCall(
    HttpContext Http,
    TokenHolder Holder,
    CancellationToken Cancel,
    CancellationToken Stopping
)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    public string Builder => Holder.Builder;

    /// <summary>A part of the path.</summary>
    public string Part(string name) => (string)Http.Request.RouteValues[name]!;

    /// <summary>A word of the query; null if it is not there.</summary>
    public string? Word(string name) => Http.Request.Query[name] is [{ Length: > 0 } word] ? word : null;

    /// <summary>A number of the query, 0 or more; null if it is not there, or is none.</summary>
    public long? Number(string name) =>
        long.TryParse(Word(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>How long the caller would have the request held: what it says in seconds, at most a minute; without a word, not at all.</summary>
    public TimeSpan? Wait()
    {
        if (Word("wait") is not { } word)
            return TimeSpan.Zero;
        return double.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestWait.TotalSeconds))
            : null;
    }
}
