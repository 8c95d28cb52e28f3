using PkgForge.Jobs;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>A job that is to wait for one which still lies in <c>incoming</c>.</summary>
/// <param name="Entry">The job.</param>
/// <param name="Load">What was found out about it.</param>
/// <param name="Missing">The one that it is to wait for.</param>
internal sealed record PostponedJob(IncomingJob Entry, LoadResult Load, JobId Missing)
{
    /// <summary>Why it is rejected when nothing can come of it.</summary>
    public string Circle =>
        $"it is to wait for job '{Missing}', which waits for it, or for others that wait for each other; submit one of them without 'after'";

    /// <summary>
    /// Those that wait for each other in a circle. Whatever a pass has seen and left in <c>incoming</c> either stays there for
    /// a reason that will pass, or is itself postponed.
    /// </summary>
    /// <param name="postponed">All that the pass has postponed.</param>
    /// <param name="seen">Names that the pass has looked at; what came after that is for the next one.</param>
    /// <param name="stays">Names that stay, because of trouble or because they are not complete.</param>
    public static IReadOnlyList<PostponedJob> Impossible(
        IReadOnlyList<PostponedJob> postponed,
        IEnumerable<string> seen,
        IEnumerable<string> stays
    )
    {
        var known = seen.ToHashSet(StringComparer.Ordinal);
        var hopeful = stays.ToHashSet(StringComparer.Ordinal);
        var rest = postponed.ToList();
        while (rest.RemoveAll(job => HasHope(job.Missing.ToString()) && hopeful.Add(job.Entry.Name)) > 0)
        {
            // Each round gives hope to those that wait for one who got it before.
        }
        return rest;

        bool HasHope(string name) => hopeful.Contains(name) || !known.Contains(name);
    }
}
