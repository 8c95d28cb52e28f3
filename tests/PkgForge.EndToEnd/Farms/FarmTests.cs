using System.Collections.Concurrent;

namespace PkgForge.EndToEnd.Farms;

/// <summary>Tests that make farms. A farm is checked and removed after its test, whatever became of the test.</summary>
public abstract class FarmTests : IAsyncDisposable
{
    private readonly ConcurrentStack<IAsyncDisposable> made = new();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        while (made.TryPop(out var one))
            await one.DisposeAsync();
    }

    private protected async Task<TestFarm> MakeFarmAsync(FarmSettings? settings = null) =>
        Keep(await TestFarm.CreateAsync(settings));

    /// <summary>Disposes a thing after the test, before the things that were kept earlier.</summary>
    private protected T Keep<T>(T thing)
        where T : IAsyncDisposable
    {
        made.Push(thing);
        return thing;
    }
}
