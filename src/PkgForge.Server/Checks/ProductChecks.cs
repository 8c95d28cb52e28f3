using System.Text;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Server.Checks;

/// <summary>Checks the products of a task as its bucket wants it.</summary>
internal static class ProductChecks
{
    /// <summary>Runs the checks that are there for such products.</summary>
    /// <param name="modes">What the bucket makes of each check.</param>
    /// <param name="place">Where the products are, and where the logs of the checks go.</param>
    /// <param name="log">The attempt's log.</param>
    /// <param name="cancel">Stops the check.</param>
    /// <returns>The failure of the package at a gate; null when the task goes on.</returns>
    /// <exception cref="FarmFaultException">A gate's tool did not work.</exception>
    public static async Task<BuildOutcome?> RunAsync(
        (CheckMode Lintian, CheckMode Rpmlint) modes,
        (string Products, string Attempt) place,
        BuildLog log,
        CancellationToken cancel
    )
    {
        if (modes == (CheckMode.Off, CheckMode.Off))
            return null;
        Directory.CreateDirectory(place.Attempt);
        return await ApplyAsync(new Lintian(), modes.Lintian, place, log, cancel)
            ?? await ApplyAsync(new Rpmlint(), modes.Rpmlint, place, log, cancel);
    }

    /// <summary>Runs one check, and says in the log what came of it.</summary>
    public static async Task<BuildOutcome?> ApplyAsync(
        IProductCheck check,
        CheckMode mode,
        (string Products, string Attempt) place,
        BuildLog log,
        CancellationToken cancel
    )
    {
        if (mode == CheckMode.Off || !Directory.Exists(place.Products))
            return null;
        var result = await check.RunAsync(place.Products, place.Attempt, cancel);
        if (result.End != CheckEnd.NotConcerned)
            log.Say(result.Message);
        var since = log.Length;
        if (result.Findings.Count > 0)
            log.Write(Encoding.UTF8.GetBytes(string.Join('\n', result.Findings) + "\n"));
        return (mode, result.End) switch
        {
            (CheckMode.Gate, CheckEnd.Failed) => BuildOutcome.Failed(
                Cause.Check,
                result.Evidence,
                $"{result.Message}; see {check.Name}.log"
            ) with
            {
                Place = log.Tail(since).FirstOrDefault(line => line.Text == result.Evidence)?.Place,
            },
            (CheckMode.Gate, CheckEnd.Unusable) => throw new FarmFaultException($"{result.Message}: {result.Evidence}"),
            _ => null,
        };
    }
}
