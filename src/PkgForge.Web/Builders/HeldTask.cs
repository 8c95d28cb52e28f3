using System.Globalization;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Spool;

namespace PkgForge.Web.Builders;

/// <summary>A task that a builder of another machine holds, or has held: what the server keeps of it between requests.</summary>
internal sealed class HeldTask : IAsyncDisposable
{
    /// <summary>So the names of directories of uploads begin.</summary>
    public const string NamePrefix = ".upload-";

    private readonly ServedFarm farm;
    private readonly Dictionary<string, Product> kept = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim turn = new(1);
    private IAttemptStore? store;
    private TaskOrder? order;

    public HeldTask(ServedFarm farm, ClaimedTask task)
    {
        (this.farm, Task) = (farm, task);
        Directory = Path.Combine(farm.Files.Uploads, NameOf(task.Lease));
        Uploads = new(Directory, farm.Files.MostProduct);
        CheckedAt = LastUse = farm.Time.GetTimestamp();
    }

    public ClaimedTask Task { get; }

    /// <summary>Where its uploads grow.</summary>
    public string Directory { get; }

    /// <summary>When the registry last said that it is held.</summary>
    public long CheckedAt { get; set; }

    public long LastUse { get; set; }

    /// <summary>What its end was answered with; null while it is held.</summary>
    public (BuildTaskState Asked, EndAnswer Answer)? Ended { get; set; }

    /// <summary>It is known that it is not held any more.</summary>
    public bool IsLost { get; set; }

    /// <summary>What is on its way here.</summary>
    public TaskUploads Uploads { get; }

    /// <summary>The name of the directory of uploads: it says whose they are also to a server that has been started again.</summary>
    public static string NameOf(Lease lease) =>
        $"{NamePrefix}{lease.TaskId}.{lease.Number}.{lease.Session}.{lease.Builder}";

    /// <summary>Whose uploads are in a directory of this name; null if it is not such a name.</summary>
    public static Lease? LeaseOf(string name) =>
        name.StartsWith(NamePrefix, StringComparison.Ordinal)
        && name[NamePrefix.Length..].Split('.', 4) is [var task, var number, var session, var builder]
        && long.TryParse(task, CultureInfo.InvariantCulture, out var id)
        && long.TryParse(number, CultureInfo.InvariantCulture, out var attempt)
        && long.TryParse(session, CultureInfo.InvariantCulture, out var process)
            ? new(id, attempt, builder, process)
            : null;

    /// <summary>
    /// Waits for its turn to use the log, the store or the end. The turn ends with what this returns. Whoever has waited while the task was
    /// ended does not get it: what was accepted never changes.
    /// </summary>
    /// <exception cref="LeaseLostException">The task has ended, or is lost.</exception>
    public async Task<IAsyncDisposable> TurnAsync(CancellationToken cancel)
    {
        var mine = await LastTurnAsync(cancel);
        if (Ended is null && !IsLost)
            return mine;
        await mine.DisposeAsync();
        throw new LeaseLostException("the task has ended, or is lost");
    }

    /// <summary>The same for whoever ends the task, also when that was done already: his answer was lost.</summary>
    public async Task<IAsyncDisposable> LastTurnAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        return new MyTurn(turn);
    }

    /// <summary>What the builder is to do. Read once.</summary>
    public async Task<TaskOrder> OrderAsync(CancellationToken cancel) =>
        order ??= await farm.Farm.FetchAsync(Task, Directory, cancel);

    /// <summary>Where its log and products go. Call it in turn.</summary>
    public async Task<IAttemptStore> StoreAsync(CancellationToken cancel) =>
        store ??= await farm.Farm.OpenStoreAsync(Task, Directory, cancel);

    /// <summary>A product that has arrived whole; null if none has under that name.</summary>
    public Product? Kept(string name)
    {
        lock (kept)
        {
            if (kept.TryGetValue(name, out var known))
                return known;
        }
        // Kept by the server that ran before this one.
        var attempt = new AttemptDirectory(farm.Spool.Results.PathOf(Task.Job, Task.Platform, Task.Attempt));
        var path = Path.Combine(attempt.Products, name);
        return File.Exists(path) ? Note(Builders.Upload.Describe(path)) : null;
    }

    /// <summary>Hands a product, which has arrived whole, to the farm.</summary>
    public async Task<Product> KeepAsync(string path, CancellationToken cancel) =>
        Note(await (await StoreAsync(cancel)).KeepProductAsync(path, cancel));

    /// <summary>Lets go of the store.</summary>
    public async Task CloseAsync()
    {
        await using var mine = await LastTurnAsync(CancellationToken.None);
        if (store is not null)
            await store.DisposeAsync();
        store = null;
    }

    /// <summary>Lets go of the store, and removes what has not arrived whole. May be called again.</summary>
    public async ValueTask DisposeAsync()
    {
        IsLost = true;
        await CloseAsync();
        await Uploads.CloseAsync();
        Remove(Directory);
    }

    /// <summary>Removes a directory of uploads; several requests may find at once that it is to go.</summary>
    public static void Remove(string directory)
    {
        try
        {
            System.IO.Directory.Delete(directory, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // There was none, or another request has removed it.
        }
    }

    private Product Note(Product product)
    {
        lock (kept)
            return kept[product.FileName] = product;
    }

    private sealed class MyTurn(SemaphoreSlim turn) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            turn.Release();
            return ValueTask.CompletedTask;
        }
    }
}
