using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>What holds for the farm as a builder sees it, wherever it is.</summary>
public abstract partial class BuilderFarmContract : IAsyncLifetime
{
    protected static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    protected static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Dictionary<string, IBuilderFarm> farms = [];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The farm's side.</summary>
    protected FarmUnderTest Site { get; private set; } = null!;

    /// <summary>The farm as the machine of this builder sees it. Asked for once for each builder.</summary>
    protected abstract Task<IBuilderFarm> OpenAsync(string builder);

    /// <summary>Ends what was opened, after the farms of the builders are closed.</summary>
    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync() => Site = await FarmUnderTest.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var farm in farms.Values.Distinct())
            await farm.DisposeAsync();
        await CloseAsync();
        await Site.DisposeAsync();
    }

    protected async Task<IBuilderFarm> FarmAsync(string builder) =>
        farms.TryGetValue(builder, out var known) ? known : farms[builder] = await OpenAsync(builder);

    /// <summary>A builder that is attached.</summary>
    protected async Task<Builder> AttachAsync(string name = "b1", string host = "one")
    {
        var farm = await FarmAsync(name);
        var post = await farm.AttachAsync(name, host, Cancel);
        return new(farm, post, Directory.CreateDirectory($"{Site.Root}/home/{name}").FullName);
    }

    /// <summary>A builder that holds the task of a new job.</summary>
    protected async Task<(Builder Builder, ClaimedTask Task)> HoldAsync(string id = "job-1", string script = "print a")
    {
        await Site.RegisterAsync(id, script);
        var builder = await AttachAsync();
        return (builder, await builder.ClaimAsync());
    }

    /// <summary>The lease of a task is over, and another builder has the task.</summary>
    protected async Task<ClaimedTask> LoseAsync()
    {
        await Site.ExpireLeasesAsync();
        return await (await AttachAsync("b2")).ClaimAsync();
    }

    protected static TaskEnd Success(params Product[] products) =>
        new(BuildTaskState.Success, null, null, null, [new("a.dummy", null, TimeSpan.FromSeconds(7))], products);

    protected static TaskEnd Fail { get; } =
        new(
            BuildTaskState.Fail,
            Cause.Compile,
            "a.c:1: error",
            "a.dummy: it broke",
            [new("a.dummy", Cause.Compile, TimeSpan.FromSeconds(1))],
            []
        )
        {
            Place = new(5_000_000_000, 70_000_000),
        };

    protected static TaskEnd Cancelled { get; } =
        new(BuildTaskState.Cancelled, null, null, "cancelled by request", [], []);

    /// <summary>One builder, with what it works with.</summary>
    /// <param name="Farm">The farm as it sees it.</param>
    /// <param name="Post">Its post.</param>
    /// <param name="Directory">Its own directory.</param>
    protected sealed record Builder(IBuilderFarm Farm, BuilderPost Post, string Directory)
    {
        public BuilderSession Session => Post.Session;

        public async Task<ClaimedTask> ClaimAsync()
        {
            var task = await Farm.ClaimAsync(Session, Cancel);
            task.Should().NotBeNull();
            return task!;
        }

        public Task<bool> WaitAsync() => Farm.WaitAsync(Session, Hour, Cancel).WaitAsync(Long, Cancel);

        public Task<IAttemptStore> OpenStoreAsync(ClaimedTask task) => Farm.OpenStoreAsync(task, Directory, Cancel);

        public Task<EndOutcome> FinishAsync(ClaimedTask task, TaskEnd end) => Farm.FinishAsync(task, end, Cancel);

        /// <summary>Makes a file, as a build does.</summary>
        public string Make(string name, ReadOnlySpan<byte> content)
        {
            var path = Path.Combine(
                System.IO.Directory.CreateDirectory($"{Directory}/{Guid.NewGuid():N}").FullName,
                name
            );
            File.WriteAllBytes(path, content);
            return path;
        }

        /// <summary>Hands over a log and a product, all that a small build has.</summary>
        public async Task<Product> HandOverAsync(ClaimedTask task, string? file = null)
        {
            await using var store = await OpenStoreAsync(task);
            await File.AppendAllTextAsync(store.LogPath, "building\n", Cancel);
            store.LogGrew();
            var product = await store.KeepProductAsync(file ?? Make("a.txt", "a\n"u8), Cancel);
            await store.FlushAsync(Cancel);
            return product;
        }
    }
}
