using Npgsql;

namespace PkgForge.Registry.Postgres;

/// <summary>
/// Repeats what failed because the server was away or because two transactions met, until the time is up. What it runs
/// has either not been committed or is safe to repeat.
/// </summary>
internal sealed class PostgresRetry(string place, TimeSpan timeout, TimeProvider clock)
{
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, CancellationToken cancel, Action? whenLost = null)
    {
        var start = clock.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await attempt();
            }
            catch (NpgsqlException e) when (PostgresErrors.IsConflict(e) && clock.GetElapsedTime(start) < timeout) { }
            catch (NpgsqlException e) when (PostgresErrors.IsLost(e) && clock.GetElapsedTime(start) < timeout)
            {
                // The pool's other connections went the same way.
                whenLost?.Invoke();
            }
            catch (NpgsqlException e) when (PostgresErrors.Map(e, place) is not null)
            {
                throw PostgresErrors.Map(e, place)!;
            }
            // 10 ms, 20 ms ... up to 640 ms, uneven.
            await Task.Delay(
                TimeSpan.FromMilliseconds((10 << Math.Min(tries, 6)) + Random.Shared.Next(10)),
                clock,
                cancel
            );
        }
    }
}
