using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Web.Api;

namespace PkgForge.Web.Pages;

/// <summary>What the form of the page to submit asks for, in its own words.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Platforms">Platforms, with commas or spaces between them.</param>
/// <param name="Report">Addresses.</param>
/// <param name="Priority">How soon.</param>
/// <param name="Order">Of its sources.</param>
/// <param name="Scratch">Publish nothing.</param>
public sealed record SubmitValues(
    string? Bucket = null,
    string? Platforms = null,
    string? Report = null,
    string? Priority = null,
    string? Order = null,
    bool Scratch = false
)
{
    /// <summary>How soon, when nobody has said it.</summary>
    public static string UsualPriority { get; } = Jobs.Priority.Normal.Name();

    internal static SubmitValues Of(SubmitForm form) =>
        new(
            form["bucket"],
            form["platforms"],
            form["report"],
            form["priority"],
            form["order"],
            form["scratch"] == "true"
        );

    internal SubmitRequest Request(string id) =>
        new(
            [],
            Bucket ?? "",
            id,
            Platforms: Words(Platforms),
            Report: Words(Report),
            Order: Order,
            Priority: Priority,
            Scratch: Scratch
        );

    /// <summary>Words of a field, with commas or spaces between them.</summary>
    public static string[] Split(string? text) =>
        text?.Split([',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string[]? Words(string? text) => Split(text) is { Length: > 0 } words ? words : null;
}
