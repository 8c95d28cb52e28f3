using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PkgForge.Registry;
using PkgForge.Registry.Builders;

namespace PkgForge.Server.Remote;

/// <summary>Asks the server. Every request may be made again, so one that breaks is, a few times, before the caller is told.</summary>
internal sealed class ServerConnection : IDisposable
{
    /// <summary>A list of the files of a repository; everything else is a few words.</summary>
    private const int MostOfAnswer = 64 << 20;

    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500)];

    private readonly HttpClient http;
    private readonly TimeProvider time;

    public ServerConnection(Uri server, string? token, TimeProvider time)
    {
        (Server, this.time) = (server, time);
        http = new(ServerHandler.Create())
        {
            // The server may be one place of a larger site: https://HOST/forge.
            BaseAddress = new($"{server.AbsoluteUri.TrimEnd('/')}/api/v1/builder/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    /// <summary>A request that answers at once should, in this time. A broken connection is noticed sooner.</summary>
    public static TimeSpan Soon { get; } = TimeSpan.FromSeconds(30);

    /// <summary>What a lease hangs on is tried again in this time, long before it runs out.</summary>
    public static TimeSpan AtOnce { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one transfer may take, or publishing.</summary>
    public static TimeSpan Long { get; } = TimeSpan.FromMinutes(30);

    public Uri Server { get; }

    /// <summary>Sends words, gets words.</summary>
    public async Task<TAnswer> AskAsync<TRequest, TAnswer>(
        string path,
        (TRequest Value, JsonTypeInfo<TRequest> Type) request,
        JsonTypeInfo<TAnswer> answer,
        CancellationToken cancel,
        TimeSpan? atMost = null
    )
        where TAnswer : class =>
        await TryAsync(() => Post(path, request), atMost ?? Soon, answer, cancel)
        ?? throw new FarmUnavailableException($"{Server} has answered nothing to {path}");

    /// <summary>Sends words once, and has the answer held for a time; null if there is none (204).</summary>
    public Task<TAnswer?> HoldAsync<TRequest, TAnswer>(
        string path,
        (TRequest Value, JsonTypeInfo<TRequest> Type) request,
        JsonTypeInfo<TAnswer> answer,
        TimeSpan wait,
        CancellationToken cancel
    )
        where TAnswer : class => TryOnceAsync(() => Post(path, request), wait + Soon, answer, cancel);

    /// <summary>Sends words, and expects none.</summary>
    public Task TellAsync<TRequest>(
        string path,
        (TRequest Value, JsonTypeInfo<TRequest> Type) request,
        CancellationToken cancel
    ) => SendAsync(() => Post(path, request), Soon, (_, _) => Task.FromResult(true), cancel);

    /// <summary>Asks without words.</summary>
    public async Task<TAnswer> GetAsync<TAnswer>(string path, JsonTypeInfo<TAnswer> answer, CancellationToken cancel)
        where TAnswer : class =>
        await TryAsync(() => new(HttpMethod.Get, path), Soon, answer, cancel)
        ?? throw new FarmUnavailableException($"{Server} has answered nothing to {path}");

    /// <summary>Sends a request with any body. The body is made anew for each try.</summary>
    public Task<TAnswer?> TryAsync<TAnswer>(
        Func<HttpRequestMessage> request,
        TimeSpan atMost,
        JsonTypeInfo<TAnswer> answer,
        CancellationToken cancel
    )
        where TAnswer : class =>
        SendAsync(request, atMost, (response, alive) => ReadAsync(response, answer, alive), cancel);

    /// <summary>The same, with a single try.</summary>
    public Task<TAnswer?> TryOnceAsync<TAnswer>(
        Func<HttpRequestMessage> request,
        TimeSpan atMost,
        JsonTypeInfo<TAnswer> answer,
        CancellationToken cancel
    )
        where TAnswer : class =>
        SendOnceAsync(request, atMost, (response, alive) => ReadAsync(response, answer, alive), cancel);

    /// <summary>Sends a request, and has its answer read, as often as it breaks.</summary>
    /// <exception cref="FarmUnavailableException">It broke too often, or the server cannot serve.</exception>
    /// <exception cref="LeaseLostException">The task is not this builder's any more.</exception>
    /// <exception cref="BuilderRefusedException">The token is not valid, or the name was taken over.</exception>
    public async Task<T> SendAsync<T>(
        Func<HttpRequestMessage> request,
        TimeSpan atMost,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancel
    )
    {
        for (var tried = 0; ; tried++)
        {
            try
            {
                return await SendOnceAsync(request, atMost, read, cancel);
            }
            catch (FarmUnavailableException) when (tried < Pauses.Length)
            {
                await Task.Delay(Pauses[tried], time, cancel);
            }
        }
    }

    /// <summary>Sends a request once: for those that are held, and those that go on from where they broke.</summary>
    public async Task<T> SendOnceAsync<T>(
        Func<HttpRequestMessage> request,
        TimeSpan atMost,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancel
    )
    {
        try
        {
            return await FetchOnceAsync(request, atMost, read, cancel);
        }
        catch (NotThereException e)
        {
            throw new FarmFaultException(e.Message, e);
        }
    }

    /// <summary>The same, for what was named by a list that may be old by now.</summary>
    /// <exception cref="NotThereException">There is no such thing at the server (any more).</exception>
    public async Task<T> FetchOnceAsync<T>(
        Func<HttpRequestMessage> request,
        TimeSpan atMost,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancel
    )
    {
        using var late = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        using var message = request();
        // With TLS one connection is enough, and its pings notice when it is dead. The defaults of the client are not those of a message.
        (message.Version, message.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower);
        try
        {
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
                throw Refusals.Of(Server, response.StatusCode, await BytesAsync(response, either.Token));
            return await read(response, either.Token);
        }
        catch (Exception e)
            when (IsOfTheNetwork(e) || e is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            var what = late.IsCancellationRequested ? $"no answer in {atMost.TotalSeconds:0} s" : Innermost(e);
            throw new FarmUnavailableException($"the server {Server} cannot be reached: {what}", e);
        }
    }

    public void Dispose() => http.Dispose();

    private static HttpRequestMessage Post<T>(string path, (T Value, JsonTypeInfo<T> Type) request) =>
        new(HttpMethod.Post, path) { Content = JsonContent.Create(request.Value, request.Type) };

    private async Task<T?> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        if (response.StatusCode == HttpStatusCode.NoContent)
            return null;
        try
        {
            return JsonSerializer.Deserialize(await BytesAsync(response, cancel), type);
        }
        catch (JsonException e)
        {
            throw new FarmFaultException(
                $"{Server} answers in words that are not understood; is it of this version? {e.Message}"
            );
        }
    }

    private static async Task<byte[]> BytesAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MostOfAnswer, cancel);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new FarmFaultException($"the server's answer has more than {MostOfAnswer} bytes", e);
        }
        return await response.Content.ReadAsByteArrayAsync(cancel);
    }

    // A disk that fails throws others.
    private static bool IsOfTheNetwork(Exception e) => e is HttpRequestException or HttpIOException;

    private static string Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e.Message;
}
