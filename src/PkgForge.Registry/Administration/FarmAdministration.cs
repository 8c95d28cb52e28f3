using PkgForge.Jobs;

namespace PkgForge.Registry.Administration;

/// <summary>
/// What administrators do to a farm, whichever way they come: at the command line of its machine, over the API, on the pages. Each method
/// looks whether the words make sense, notes who does it when that is over HTTP, and does it.
/// </summary>
/// <param name="registry">The farm's registry.</param>
/// <param name="buckets">Names of all buckets.</param>
/// <param name="account">Who does it over HTTP; null on the farm's own machine, where nothing is noted.</param>
public sealed partial class FarmAdministration(
    IRegistry registry,
    IReadOnlyCollection<string> buckets,
    string? account = null
)
{
    private const int MostShown = 100;

    /// <summary>Moves a job's waiting tasks to another priority. Returns how many wait.</summary>
    public async Task<Answer<int>> SetPriorityAsync(JobId job, Priority priority, CancellationToken cancel)
    {
        await NoteAsync("set priority", $"{job} {priority.Name()}", cancel);
        if (
            !await registry.SetPriorityAsync(job, priority, cancel)
            || await registry.FindJobAsync(job, cancel) is not { } detail
        )
            return Refusal.Missing($"no job '{job}' is registered; see 'pkgforge status {job}'");
        return detail.Tasks.Count(task => task.State == BuildTaskState.NeedsBuild);
    }

    /// <summary>Sets a cap, or changes it.</summary>
    public async Task<Refusal?> SetCapAsync(CapKind kind, string name, int tasks, CancellationToken cancel)
    {
        if (CheckCap(kind, name) is { } wrong)
            return wrong;
        if (tasks < 0)
            return Refusal.Wrong($"a cap is 0 or more tasks, not {tasks}");
        // One on a bucket that does not exist would hold nobody up, and nobody would know why.
        if (kind == CapKind.Bucket && !buckets.Contains(name))
            return NoBucket(name);
        await NoteAsync("set cap", $"{Words.Of(kind)} {name}: {tasks}", cancel);
        await registry.SetCapAsync(new(kind, name, tasks), cancel);
        return null;
    }

    /// <summary>Removes a cap.</summary>
    public async Task<Refusal?> RemoveCapAsync(CapKind kind, string name, CancellationToken cancel)
    {
        if (CheckCap(kind, name) is { } wrong)
            return wrong;
        if (!(await registry.ListCapsAsync(cancel)).Any(cap => cap.Kind == kind && cap.Name == name))
            return Refusal.Missing($"{Describe(kind, name)} has no cap; see 'pkgforge cap list'");
        await NoteAsync("remove cap", $"{Words.Of(kind)} {name}", cancel);
        await registry.SetCapAsync(new(kind, name, null), cancel);
        return null;
    }

    /// <summary>Whom a cap is on, in words.</summary>
    public static string Describe(CapKind kind, string name) =>
        kind == CapKind.Submitter && name == AdminRules.Everybody
            ? "everybody who has no cap of their own"
            : $"{Words.Of(kind)} {name}";

    private static Refusal? CheckCap(CapKind kind, string name) =>
        AdminRules.Capped(kind, name) is { } expected
            ? Refusal.Wrong($"'{Shown(name)}' is not a {Words.Of(kind)}'s name: expected {expected}")
            : null;

    private Refusal NoBucket(string name) =>
        Refusal.Missing(
            $"there is no bucket '{Shown(name)}'; there are: {string.Join(", ", buckets.Order(StringComparer.Ordinal))}"
        );

    /// <summary>As much of what a stranger chose as a message needs.</summary>
    private static string Shown(string text) => text.Length <= MostShown ? text : $"{text[..MostShown]}...";

    // Noted first: what was done is never without a note; a note without a deed shows that it was tried.
    private Task NoteAsync(string action, string subject, CancellationToken cancel) =>
        account is null ? Task.CompletedTask : registry.AddAuditAsync(account, action, subject, cancel);
}
