using PkgForge.Registry;
using PkgForge.Registry.Views;

namespace PkgForge.Cli;

/// <summary>A builder as a person wants to see it: what it does, and how it is.</summary>
internal static class BuilderText
{
    /// <summary>The registry lists no more faults of a builder than this.</summary>
    private const int MostFaults = 5;

    /// <summary>A line of the list.</summary>
    public static string[] Row(BuilderJson builder) =>
        [
            builder.Name,
            builder.Platform,
            builder.State,
            builder.Host ?? "-",
            Words.Of(builder.LastSeen),
            CountFaults(builder),
        ];

    /// <summary>Everything about it.</summary>
    public static IEnumerable<string> Lines(BuilderJson builder, DateTimeOffset now)
    {
        yield return $"builder {builder.Name}: {builder.State}";
        yield return $"  platform    {builder.Platform}";
        yield return $"  host        {Output.Printable(builder.Host ?? "-")}";
        yield return $"  last seen   {Words.Of(builder.LastSeen)}";
        if (builder.Job is { } job)
            yield return $"  building    {job}, attempt {builder.Attempt}, since {Words.Of(builder.Since)}";
        if (builder.Draining)
            yield return $"  draining    it gets no more tasks until 'pkgforge builder resume {builder.Name}'";
        if (builder.Quarantine is { } quarantine)
        {
            yield return $"  quarantine  {Output.Printable(quarantine.Reason)}";
            yield return $"    since     {Words.Of(quarantine.Since)}";
            yield return $"    canary    {Canary(quarantine.Canary, now)}";
        }
        yield return $"  faults      {(builder.Faults.Length == 0 ? "none" : CountFaults(builder))} in the last seven days";
        foreach (var fault in builder.Faults)
            yield return $"    {Words.Of(fault.Time)}  {fault.Outcome}, job {fault.Job}{Message(fault)}";
    }

    private static string CountFaults(BuilderJson builder) =>
        builder.Faults.Length < MostFaults ? $"{builder.Faults.Length}" : $"{MostFaults} or more";

    private static string Canary(DateTimeOffset canary, DateTimeOffset now) =>
        canary <= now ? "with the next task that waits" : $"one task to try it with, {Words.About(canary, now)}";

    private static string Message(FaultJson fault) =>
        fault.Message is { } message ? $": {Output.Printable(message)}" : "";
}
