using PkgForge.Registry;

namespace PkgForge.Web.Builders;

/// <summary>
/// A token that was found valid, and is known to be as long as <see cref="Ended"/> is not cancelled: the registry wakes
/// who listens for its builder's requests when it is revoked. So a request costs no look into the registry, and a
/// revocation ends those that wait.
/// </summary>
internal sealed class KnownToken : IAsyncDisposable
{
    /// <summary>How old the knowledge may become if no wake-up comes: it ends tokens whose time is up.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(5);

    /// <summary>Wake-ups are also for requests of users about tasks: they may not cost a look each.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ServedFarm farm;
    private readonly string sha256;
    private readonly CancellationTokenSource ended = new();
    private readonly CancellationTokenSource unused = new();
    private Task watching = Task.CompletedTask;
    private long lastUse;

    private KnownToken(ServedFarm farm, string sha256, TokenHolder holder)
    {
        (this.farm, this.sha256, Holder, Ended) = (farm, sha256, holder, ended.Token);
        Use();
    }

    public TokenHolder Holder { get; }

    /// <summary>Cancelled when it is not known to be valid any more.</summary>
    public CancellationToken Ended { get; }

    public TimeSpan Idle => farm.Time.GetElapsedTime(Interlocked.Read(ref lastUse));

    public void Use() => Interlocked.Exchange(ref lastUse, farm.Time.GetTimestamp());

    /// <summary>Looks a token up, and keeps an eye on it if it is valid.</summary>
    /// <returns>Whose it is, null if unknown; and what is known from now on, null unless it is valid.</returns>
    public static async Task<(TokenHolder? Holder, KnownToken? Known)> FindAsync(
        ServedFarm farm,
        string sha256,
        CancellationToken cancel
    )
    {
        var holder = await farm.Registry.FindTokenAsync(sha256, cancel);
        if (!IsValid(holder))
            return (holder, null);
        // Listen first, then look (again): a revocation in between is not missed.
        var wakeUp = await farm.Registry.ListenAsync(Topic.Requests(holder!.Builder), cancel);
        try
        {
            holder = await farm.Registry.FindTokenAsync(sha256, cancel);
        }
        catch
        {
            await wakeUp.DisposeAsync();
            throw;
        }
        if (!IsValid(holder))
        {
            await wakeUp.DisposeAsync();
            return (holder, null);
        }
        var known = new KnownToken(farm, sha256, holder!);
        known.watching = known.WatchAsync(wakeUp);
        return (holder, known);
    }

    public async ValueTask DisposeAsync()
    {
        await unused.CancelAsync();
        // Whoever cleans up is another caller: what went wrong has ended the token.
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        unused.Dispose();
        ended.Dispose();
    }

    private static bool IsValid(TokenHolder? holder) => holder is { Expired: false, Revoked: false };

    private async Task WatchAsync(IWakeUp wakeUp)
    {
        await using var _ = wakeUp;
        var disused = false;
        try
        {
            await wakeUp.WaitAsync(LookAgain, unused.Token);
            while (IsValid(await farm.Registry.FindTokenAsync(sha256, unused.Token)))
            {
                await Task.Delay(Pause, farm.Time, unused.Token);
                await wakeUp.WaitAsync(LookAgain, unused.Token);
            }
        }
        catch (Exception e)
            when (e is FarmUnavailableException or RegistrySchemaException or UnauthorizedAccessException)
        {
            // A wake-up may be lost while the registry is away: nothing is known until it is asked again.
        }
        catch (OperationCanceledException) when (unused.IsCancellationRequested)
        {
            // Nobody uses it any more: it has not ended.
            disused = true;
        }
        finally
        {
            // Whatever it was: nobody watches any more, and a revocation would go unnoticed.
            if (!disused)
                await ended.CancelAsync();
        }
    }
}
