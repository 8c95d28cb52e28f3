namespace PkgForge.Web.Live;

/// <summary>A change of a job.</summary>
/// <param name="Number">Its place among all changes, from 1.</param>
/// <param name="Submitter">Whose job it is.</param>
/// <param name="Event">What is told.</param>
internal sealed record FarmChange(long Number, string Submitter, FarmEvent Event)
{
    public bool IsOf(string? submitter) => submitter is null || submitter == Submitter;
}

/// <summary>How the farm is at a moment.</summary>
/// <param name="Live">Jobs that wait or are being built, newest first.</param>
/// <param name="Changes">The last changes, oldest first.</param>
/// <param name="Last">The number of the last change of all; 0 before the first.</param>
internal sealed record FarmMoment(IReadOnlyList<LiveJob> Live, IReadOnlyList<FarmChange> Changes, long Last)
{
    /// <summary>The changes after one; null when they are not all known any more.</summary>
    public IEnumerable<FarmChange>? Since(long number) =>
        number > Last || number < Last - Changes.Count ? null : Changes.Skip((int)(number - (Last - Changes.Count)));
}
