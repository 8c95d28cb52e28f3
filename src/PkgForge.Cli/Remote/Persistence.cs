using PkgForge.Registry;

namespace PkgForge.Cli.Remote;

/// <summary>What broke is tried again, a little later each time, until it has failed so often without any progress.</summary>
internal sealed class Persistence
{
    private const int Tries = 6;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private int failed;

    /// <summary>Something has been got done.</summary>
    public void Progress() => failed = 0;

    /// <summary>Whether it is worth to try again; then it is time to.</summary>
    public async Task<bool> AgainAsync(CancellationToken cancel)
    {
        if (++failed >= Tries)
            return false;
        await Task.Delay(Pause * failed, cancel);
        return true;
    }

    /// <summary>Asks until there is an answer.</summary>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancel)
    {
        for (var persistence = new Persistence(); ; )
        {
            try
            {
                return await ask();
            }
            catch (FarmUnavailableException)
            {
                if (!await persistence.AgainAsync(cancel))
                    throw;
            }
        }
    }
}
