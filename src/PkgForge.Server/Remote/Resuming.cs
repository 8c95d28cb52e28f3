using PkgForge.Registry;

namespace PkgForge.Server.Remote;

/// <summary>
/// Goes on with what a broken connection has interrupted, for as long as the task is not lost: a build of hours is not thrown
/// away because the server is away for minutes.
/// </summary>
internal static class Resuming
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Does something until it is done.</summary>
    /// <param name="site">Whose log and clock.</param>
    /// <param name="what">For messages: what is tried again.</param>
    /// <param name="work">Goes on from where it broke.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<T> UntilDoneAsync<T>(
        RemoteSite site,
        string what,
        Func<Task<T>> work,
        CancellationToken cancel
    )
    {
        for (var pause = First; ; pause = pause * 2 < Longest ? pause * 2 : Longest)
        {
            try
            {
                return await work();
            }
            catch (FarmUnavailableException e)
            {
                site.Log.TryingAgain(what, e.Message, pause.TotalSeconds);
                await Task.Delay(pause, site.Time, cancel);
            }
        }
    }
}
