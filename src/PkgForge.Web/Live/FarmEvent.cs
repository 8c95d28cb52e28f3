using System.Text.Json.Serialization;
using PkgForge.Registry.Views;

namespace PkgForge.Web.Live;

/// <summary>Something that is told of a job, or of the farm, as it happens.</summary>
/// <param name="Name">What it is: one of the constants.</param>
/// <param name="Id">From which who was cut off goes on; null where there is nothing to go on from.</param>
/// <param name="Data">What there is to say, as one line of JSON.</param>
public sealed record FarmEvent(string Name, string? Id, string Data)
{
    /// <summary>How a job is now: <see cref="JobJson"/>.</summary>
    public const string Job = "job";

    /// <summary>How far an attempt is: <see cref="ProgressJson"/>.</summary>
    public const string Progress = "progress";

    /// <summary>All that waits or is being built: <see cref="FarmJson"/>. What was said before and is not in it has ended.</summary>
    public const string Farm = "farm";

    /// <summary>Nothing more will come.</summary>
    public const string End = "end";

    /// <summary>Nothing has happened for a while: not sent, but for a sign of life.</summary>
    internal static readonly FarmEvent Silence = new("", null, "");

    internal static readonly FarmEvent Ended = new(End, null, "{}");
}

/// <summary>How far an attempt is.</summary>
/// <param name="Platform">Of which task of the job.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Stage">What the farm does, as its last own line of the log says; null before the first.</param>
/// <param name="Lines">How many whole lines the log has.</param>
/// <param name="Line">The last of them, cut where it is long.</param>
public sealed record ProgressJson(string Platform, int Attempt, string? Stage, long Lines, string? Line);

/// <summary>All jobs that wait or are being built.</summary>
/// <param name="Jobs">Newest first, each with what of it is being built.</param>
public sealed record FarmJson(JobJson[] Jobs);

/// <summary>Lines of a log.</summary>
/// <param name="Offset">Where the first of them begins, in bytes.</param>
/// <param name="Lines">Without their ends.</param>
/// <param name="Continues">The last of them is so long that it goes on in the next event.</param>
public sealed record LogLinesJson(long Offset, string[] Lines, bool? Continues = null);

/// <summary>How events are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(JobJson))]
[JsonSerializable(typeof(ProgressJson))]
[JsonSerializable(typeof(FarmJson))]
[JsonSerializable(typeof(LogLinesJson))]
public sealed partial class EventJson : JsonSerializerContext;
