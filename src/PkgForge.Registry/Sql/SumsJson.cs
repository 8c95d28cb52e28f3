using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>The sums of a platform's day, as they are stored.</summary>
internal sealed record SumsJson(
    string Name,
    string Architecture,
    long Success,
    long Fail,
    long Cancelled,
    long Faults,
    Dictionary<int, long> Queue,
    Dictionary<int, long> Build
)
{
    public static SumsJson Of(PlatformSums sums) =>
        new(
            sums.Platform.Name,
            sums.Platform.Architecture,
            sums.Ends.Success,
            sums.Ends.Fail,
            sums.Ends.Cancelled,
            sums.Ends.Faults,
            new(sums.Queue.Classes),
            new(sums.Build.Classes)
        );

    public PlatformSums ToSums() =>
        new(new PlatformKey(Name, Architecture), new(Success, Fail, Cancelled, Faults), new(Queue), new(Build));
}
