using System.Text.Json;
using PkgForge.Bench.Measuring;
using PkgForge.Registry;

namespace PkgForge.Bench.Farms;

/// <summary>A farm with its server and one builder, a process, that builds in real roots; its logs are read over HTTP while they grow.</summary>
internal sealed class LiveFarm : IAsyncDisposable
{
    private const string Builder = "one";
    private const string Platform = "bookworm-amd64";

    private const string Sections = """
        buckets:
          main:
            uses: []
            lintian: off
            rpmlint: off
        platform_recipes:
          bookworm-amd64:
            format: debian
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    private readonly ScratchFarm farm;
    private readonly Stack<IAsyncDisposable> daemons = [];
    private HttpClient http = new();
    private int jobs;

    private LiveFarm(ScratchFarm farm) => this.farm = farm;

    /// <summary>Starts it. The first build makes the base layer, if that was not kept.</summary>
    public static async Task<LiveFarm> OpenAsync(Place place, string name, Reach reach)
    {
        var layers = $"{place.Kept}/work";
        var directory = $"{place.Scratch}/{name}";
        // A builder of another machine has the layers, and the farm's own machine has none.
        var made = new ScratchFarm(directory, reach == Reach.Direct ? layers : $"{directory}/work");
        await made.InitialiseAsync(made.Sqlite, Sections);
        await made.ForgeAsync("platform", "add", "bookworm", "amd64", "--auto");
        await made.ForgeAsync("builder", "add", Builder, "bookworm", "amd64");
        await made.ForgeAsync("account", "add", "bench", "--role", "viewer");
        var token = (await made.ForgeAsync("account", "token", "bench")).Trim();
        var live = new LiveFarm(made);
        await live.StartAsync(layers, reach, token);
        return live;
    }

    /// <summary>Submits a source, waits until its build prints, and returns the address of its log.</summary>
    public async Task<string> BuildAsync(string source)
    {
        var id = $"live-{++jobs}";
        await farm.ForgeAsync("submit", "-B", "main", "--scratch", "--id", id, source);
        await farm.ForgeAsync("incoming");
        var log = $"/api/v1/jobs/{id}/tasks/{Platform}/attempts/1/log";
        await UntilAsync(async () => (await TextAsync(log)).Contains("\nT", StringComparison.Ordinal), id);
        return log;
    }

    /// <summary>A growing log, to be read by a thread that waits for it.</summary>
    public Stream Follow(string log)
    {
        var answer = http.Send(
            new(HttpMethod.Get, $"{log}?follow=1"),
            HttpCompletionOption.ResponseHeadersRead,
            CancellationToken.None
        );
        return answer.EnsureSuccessStatusCode().Content.ReadAsStream();
    }

    /// <summary>Waits until nothing is built any more.</summary>
    public Task EndAsync() =>
        UntilAsync(
            async () =>
            {
                using var job = JsonDocument.Parse(await farm.ForgeAsync("status", "--json", $"live-{jobs}"));
                return job.RootElement.GetProperty("state").GetString() is "successful" or "failed";
            },
            $"live-{jobs}"
        );

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        while (daemons.TryPop(out var daemon))
            await daemon.DisposeAsync();
    }

    private async Task StartAsync(string layers, Reach reach, string token)
    {
        var server = await ForgeServer.StartAsync(farm);
        daemons.Push(server);
        http = new(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        if (reach == Reach.Direct)
        {
            daemons.Push(await farm.StartAsync("farm", "buildd", "--name", Builder));
            return;
        }
        await using var registry = Registries.Open(new() { Connection = farm.Sqlite });
        var code = await ForgeServer.CodeAsync(registry, Builder);
        await File.WriteAllTextAsync($"{farm.Directory}/machine.yml", $"work: {layers}\n");
        File.Delete($"{layers}/builders/{Builder}.token");
        daemons.Push(
            await farm.StartAsync("machine", "buildd", "--server", server.Address.AbsoluteUri, "--enrol", code)
        );
    }

    private async Task<string> TextAsync(string path)
    {
        using var answer = await http.GetAsync(path);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : "";
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string job)
    {
        var deadline = TimeProvider.System.GetUtcNow() + Patience;
        while (!await holds())
        {
            if (TimeProvider.System.GetUtcNow() > deadline)
                throw new CannotMeasureException($"{job} has not got there in {Patience.TotalMinutes:0} minutes");
            await Task.Delay(Rest);
        }
    }
}
