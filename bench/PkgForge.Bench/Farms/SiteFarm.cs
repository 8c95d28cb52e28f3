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
        (this.farm, this.server) = (farm, server);
        http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    /// <summary>Where its files are.</summary>
    public string Directory => farm.Directory;

    /// <param name="place">Where its files may be.</param>
    /// <param name="name">Names its directory.</param>
    /// <param name="registry">Where its registry is; null for SQLite.</param>
    public static async Task<SiteFarm> StartAsync(Place place, string name, string? registry = null)
    {
        var made = new ScratchFarm($"{place.Scratch}/{name}", $"{place.Scratch}/{name}/work");
        await made.InitialiseAsync(registry ?? made.Sqlite, Sections);
        await made.ForgeAsync("account", "add", "bench", "--role", "viewer");
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

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }
}
