using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Real;

/// <summary>A work directory that is not that of all tests. Files in it belong to subordinate ids.</summary>
internal sealed class OwnWork : IAsyncDisposable
{
    private OwnWork(string path) => Path = path;

    public string Path { get; }

    public static async Task<OwnWork> MakeAsync()
    {
        var path = $"{Cache.Directory}/layers-{Guid.NewGuid():N}";
        await RealFarmTests.AsFarmAsync("mkdir", "-p", "--", path);
        return new(path);
    }

    public async ValueTask DisposeAsync()
    {
        // A builder that was killed may have left a layer that was half made.
        await RealFarmTests.AsRootOfLayersAsync(
            "sh",
            "-c",
            "find \"$0\"/layers/*/root -mindepth 1 -delete; find \"$0\"/making -mindepth 2 -delete; true",
            Path
        );
        await RealFarmTests.AsFarmAsync("rm", "-rf", "--", Path);
    }
}

/// <summary>A work directory of a class of tests, made ready by the first that needs it.</summary>
public sealed class OwnBase : IAsyncDisposable
{
    private OwnWork? work;

    /// <summary>Its path. What fails to make it ready fails again for the next test.</summary>
    internal async Task<string> ReadyAsync(Func<string, Task> make)
    {
        if (work is not null)
            return work.Path;
        var made = await OwnWork.MakeAsync();
        try
        {
            await make(made.Path);
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
        work = made;
        return made.Path;
    }

    public ValueTask DisposeAsync() => work?.DisposeAsync() ?? ValueTask.CompletedTask;
}
