using System.Diagnostics;
using System.Net;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Farms;

/// <summary>A farm with its site, <c>pkgforge serve</c> as a process, and somebody who looks at it over one connection.</summary>
internal sealed class SiteFarm : IAsyncDisposable
{
    private const string Sections = """
        buckets:
          main:
        platform_recipes:
          dummy-all: { format: dummy }
        """;

    private readonly ScratchFarm farm;
    private readonly ForgeServer server;
    private readonly HttpClient http;

    private SiteFarm(ScratchFarm farm, ForgeServer server, string token)
    {
        (this.farm, this.server, Token) = (farm, server, token);
        http = new(new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = int.MaxValue })
        {
            BaseAddress = server.Address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    /// <summary>Of whoever looks.</summary>
    public string Token { get; }

    /// <summary>The process of the server.</summary>
    public int ServerId => server.Id;

    /// <summary>Where it serves.</summary>
    public Uri Address => server.Address;

    /// <summary>Where its files are.</summary>
    public string Directory => farm.Directory;

    /// <param name="place">Where its files may be.</param>
    /// <param name="name">Names its directory.</param>
    /// <param name="registry">Where its registry is; null for SQLite.</param>
    /// <param name="role">Of whoever looks.</param>
    public static async Task<SiteFarm> StartAsync(
        Place place,
        string name,
        string? registry = null,
        string role = "viewer"
    )
    {
        var made = new ScratchFarm($"{place.Scratch}/{name}", $"{place.Scratch}/{name}/work");
        await made.InitialiseAsync(registry ?? made.Sqlite, Sections);
        await made.ForgeAsync("account", "add", "bench", "--role", role);
        var token = (await made.ForgeAsync("account", "token", "bench")).Trim();
        return new(made, await ForgeServer.StartAsync(made), token);
    }

    /// <summary>Runs a command of the farm.</summary>
    public Task<string> ForgeAsync(params IReadOnlyList<string> words) => farm.ForgeAsync(words);

    /// <summary>Gets a page, whole, so many times. Returns how long each took, in milliseconds.</summary>
    public async Task<IReadOnlyList<double>> GetAsync(string path, int times)
    {
        var taken = new List<double>();
        while (taken.Count < times)
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync(path);
            await answer.Content.CopyToAsync(Stream.Null);
            taken.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new CannotMeasureException($"{path} was answered {(int)answer.StatusCode}");
        }
        return taken;
    }

    /// <summary>Starts a builder of the farm, a process.</summary>
    public Task<Daemon> BuilderAsync(string name) => farm.StartAsync("farm", "buildd", "--name", name);

    /// <summary>Waits until there is a page.</summary>
    public async Task UntilFoundAsync(string path)
    {
        for (var left = 200; left > 0; left--)
        {
            using var answer = await http.GetAsync(path);
            if (answer.IsSuccessStatusCode)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
        throw new CannotMeasureException($"there is no {path}");
    }

    /// <summary>Opens streams of events, each on its own connection, and reads the beginning of each. They are open until what this returns is disposed of.</summary>
    public async Task<IAsyncDisposable> WatchAsync(string path, int watchers)
    {
        var streams = new Streams();
        for (var i = 0; i < watchers; i++)
        {
            var answer = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            var stream = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
            await stream.ReadExactlyAsync(new byte[1]);
            streams.Add(stream);
        }
        return streams;
    }

    /// <summary>Posts nothing but headers; returns the address of what was made.</summary>
    public async Task<string> PostAsync(string path, params IReadOnlyList<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var answer = await http.SendAsync(request);
        return answer.EnsureSuccessStatusCode().Headers.Location!.ToString();
    }

    public async Task DeleteAsync(string path)
    {
        using var answer = await http.DeleteAsync(path);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }

    private sealed class Streams : List<Stream>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var stream in this)
                await stream.DisposeAsync();
        }
    }
}
