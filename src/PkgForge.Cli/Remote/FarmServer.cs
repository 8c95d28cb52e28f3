using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PkgForge.Cli.Commands;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Cli.Remote;

/// <summary>A farm that this machine shares nothing with but HTTP: what <c>target: https://...</c> names.</summary>
internal sealed class FarmServer : IDisposable
{
    /// <summary>An answer is a few words, or a page of jobs.</summary>
    private const int MostOfAnswer = 16 << 20;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly HttpClient http;
    private readonly string? token;

    private FarmServer(Uri address, string? token)
    {
        (Address, this.token) = (address, token);
        http = new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(10),
            }
        )
        {
            // The server may be one place of a larger site: https://HOST/forge.
            BaseAddress = new($"{address.AbsoluteUri.TrimEnd('/')}/api/v1/"),
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Where it is.</summary>
    public Uri Address { get; }

    /// <summary>The server that the words or the configuration name; null when the farm is on this machine.</summary>
    public static FarmServer? Of(ParseResult words) =>
        GlobalOptions.Configuration(words).Server is { } address ? At(address, SavedTokens.Find(address)) : null;

    /// <summary>The server at an address.</summary>
    public static FarmServer At(Uri address, string? token)
    {
        if (token is not null)
            RequireSafe(address);
        return new(address, token);
    }

    /// <summary>Makes sure that nobody on the way can read a token.</summary>
    /// <exception cref="CommandException">Everybody can.</exception>
    public static void RequireSafe(Uri address)
    {
        if (!ServerAddress.IsSafe(address))
            throw new CommandException(
                ExitCode.Configuration,
                $"{address} is another machine without TLS: everybody on the way could read the token; use https://"
            );
    }

    /// <summary>Asks for something.</summary>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel) =>
        ReadAsync(new(HttpMethod.Get, path), type, cancel);

    /// <summary>Sends words, and gets some.</summary>
    public Task<TAnswer> PostAsync<TRequest, TAnswer>(
        string path,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TAnswer> type,
        CancellationToken cancel
    ) => ReadAsync(new(HttpMethod.Post, path) { Content = JsonContent.Create(request, requestType) }, type, cancel);

    /// <summary>Sends words by any method, and gets some.</summary>
    public Task<TAnswer> SendAsync<TRequest, TAnswer>(
        HttpMethod method,
        string path,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TAnswer> type,
        CancellationToken cancel
    ) => ReadAsync(new(method, path) { Content = JsonContent.Create(request, requestType) }, type, cancel);

    /// <summary>Asks by any method.</summary>
    public Task<T> SendAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancel) =>
        ReadAsync(new(method, path), type, cancel);

    /// <summary>Sends words; that they were taken is enough.</summary>
    public async Task DoAsync<T>(
        HttpMethod method,
        string path,
        T request,
        JsonTypeInfo<T> type,
        CancellationToken cancel
    )
    {
        using var message = new HttpRequestMessage(method, path) { Content = JsonContent.Create(request, type) };
        (await SendAsync(message, null, cancel)).Dispose();
    }

    /// <summary>Does something that needs no words.</summary>
    public async Task DoAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        using var message = new HttpRequestMessage(method, path);
        (await SendAsync(message, null, cancel)).Dispose();
    }

    /// <summary>Sends a request that has no words as its answer, or many. The caller disposes of the answer.</summary>
    /// <exception cref="CommandException">The server refused; its own words say why.</exception>
    /// <exception cref="FarmUnavailableException">It cannot be reached.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        TimeSpan? atMost,
        CancellationToken cancel
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(atMost ?? Soon);
        try
        {
            var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (answer.IsSuccessStatusCode)
                return answer;
            using (answer)
                throw await RefusalAsync(answer, limit.Token);
        }
        catch (HttpRequestException e)
        {
            throw new FarmUnavailableException(ServerTrouble.Describe(Address, e), e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new FarmUnavailableException($"{Address} does not answer", e);
        }
    }

    /// <summary>Asks for something that may not be there. The caller disposes of the answer.</summary>
    /// <returns>Null when it is not.</returns>
    public async Task<HttpResponseMessage?> FindAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            return await SendAsync(request, null, cancel);
        }
        catch (NotThereException)
        {
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var message = request;
        using var answer = await SendAsync(message, null, cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Soon);
        try
        {
            await answer.Content.LoadIntoBufferAsync(MostOfAnswer, limit.Token);
            return await answer.Content.ReadFromJsonAsync(type, limit.Token) ?? throw new JsonException("it is null");
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new FarmUnavailableException($"{Address} has begun to answer, and does not go on", e);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            throw new FarmUnavailableException(
                answer.Content.Headers.ContentType?.MediaType is "application/json"
                    ? $"{Address} has answered what this command does not understand: {e.Message}; is it a farm of this version?"
                    : ServerTrouble.Stranger(Address, answer),
                e
            );
        }
    }

    private async Task<Exception> RefusalAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (ServerTrouble.OfStranger(Address, answer) is { } stranger)
            return new CommandException(ExitCode.Unreachable, stranger);
        var problem = await ProblemAsync(answer, cancel);
        if (ServerTrouble.OfOlder(Address, answer, problem) is { } older)
            return new CommandException(ExitCode.Unreachable, older);
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new CommandException(
                ExitCode.Refused,
                token is null
                    ? $"{Address} wants to know who you are: pkgforge login {Address}"
                    : $"{problem}; log in again: pkgforge login {Address}"
            ),
            HttpStatusCode.Forbidden => new CommandException(ExitCode.Refused, problem),
            HttpStatusCode.BadRequest => new CommandException(ExitCode.Usage, problem),
            HttpStatusCode.NotFound => new NotThereException(problem),
            >= HttpStatusCode.InternalServerError => new FarmUnavailableException($"{Address}: {problem}"),
            HttpStatusCode.TooManyRequests => new FarmUnavailableException($"{Address}: {problem}"),
            _ => new CommandException(ExitCode.Failed, problem),
        };
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        Problem? problem = null;
        try
        {
            await answer.Content.LoadIntoBufferAsync(MostOfAnswer, cancel);
            problem = await answer.Content.ReadFromJsonAsync(WireJson.Default.Problem, cancel);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            // Not a farm's words, or a connection that broke: the status has to do.
        }
        return Output.Printable(
            problem?.Detail ?? $"the server answered {(int)answer.StatusCode} {answer.ReasonPhrase}; is a farm there?"
        );
    }
}
