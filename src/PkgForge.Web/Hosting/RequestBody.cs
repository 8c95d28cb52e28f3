using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Web.Hosting;

/// <summary>Reads what a request brings, with bounds.</summary>
internal static class RequestBody
{
    /// <summary>More than any request takes. 64 MiB: a log of a check; a piece of a product.</summary>
    public const long MostOfAny = 64 << 20;

    /// <summary>A few words.</summary>
    public const long MostOfWords = 64 << 10;

    /// <summary>Reads JSON.</summary>
    /// <returns>The value, or the answer that says why there is none.</returns>
    public static async Task<(T? Value, IResult? Problem)> ReadAsync<T>(
        HttpContext http,
        JsonTypeInfo<T> type,
        long most = MostOfWords
    )
        where T : class
    {
        if (Bound(http, most) is { } tooMuch)
            return (null, tooMuch);
        try
        {
            var value = await JsonSerializer.DeserializeAsync(http.Request.Body, type, http.RequestAborted);
            return value is null ? (null, Answers.BadRequest("the body is null; expected an object")) : (value, null);
        }
        catch (JsonException e)
        {
            return (null, Answers.BadRequest($"the body is not the JSON that was expected: {e.Message}"));
        }
    }

    /// <summary>Reads a body that need not be there.</summary>
    public static async Task<(T? Value, IResult? Problem)> ReadOrAsync<T>(
        HttpContext http,
        JsonTypeInfo<T> type,
        T usual
    )
        where T : class =>
        http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
            ? await ReadAsync(http, type)
            : (usual, null);

    /// <summary>The answer that a list holds nothing where a text was expected; null when none does.</summary>
    public static IResult? HoldsNull(params IEnumerable<string?>?[] lists) =>
        lists.Any(list => list?.Contains(null) == true)
            ? Answers.BadRequest("the body is not the JSON that was expected: a list of texts holds null")
            : null;

    /// <summary>Sets how large the body may be. Returns the answer when it says itself that it is larger.</summary>
    public static IResult? Bound(HttpContext http, long most)
    {
        if (http.Request.ContentLength > most)
            return Answers.TooMuch($"the body has {http.Request.ContentLength} bytes; at most {most} are taken here");
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = most;
        return null;
    }

    /// <summary>Writes what has come from where the server has received it, without a copy.</summary>
    public static void Write(SafeFileHandle file, ReadOnlySequence<byte> bytes, long at)
    {
        if (bytes.IsSingleSegment)
        {
            RandomAccess.Write(file, bytes.FirstSpan, at);
            return;
        }
        var parts = new List<ReadOnlyMemory<byte>>();
        foreach (var part in bytes)
            parts.Add(part);
        RandomAccess.Write(file, parts, at);
    }
}
