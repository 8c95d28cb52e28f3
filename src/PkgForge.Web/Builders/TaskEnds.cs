using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Web.Builders;

/// <summary>Reads what a builder says of a task's end, and checks it against what has arrived.</summary>
internal static class TaskEnds
{
    /// <summary>Characters of a text that is kept in the registry and mailed.</summary>
    private const int LongestText = 4000;

    /// <summary>Evidence is one line of a log.</summary>
    private const int LongestEvidence = 500;

    /// <summary>What the builder says; or what is wrong with it.</summary>
    public static (TaskEnd? End, string? Fault) Read(EndRequest request)
    {
        if (Fault(request) is { } fault)
            return (null, fault);
        var evidence = request.Evidence is { Length: > LongestEvidence } line
            ? line[..LongestEvidence]
            : request.Evidence;
        return (
            new(
                request.State,
                CauseOf(request.Cause),
                evidence,
                Bounded(request.Message),
                [
                    .. request.Sources.Select(s => new SourceResult(
                        s.File,
                        CauseOf(s.Cause),
                        TimeSpan.FromMilliseconds(s.Time)
                    )),
                ],
                [.. request.Products.Select(p => new Product(p.Path, p.Size, p.Sha256))]
            )
            {
                Place = LogPlace.Of(request.EvidenceOffset, request.EvidenceLine),
            },
            null
        );
    }

    /// <summary>The first product of the list that has not arrived as the list says; null when all have.</summary>
    public static string? Missing(HeldTask held, TaskEnd end)
    {
        foreach (var product in end.Products)
        {
            var kept = held.Kept(product.FileName);
            if (kept != product)
                return $"'{product.FileName}' "
                    + (kept is null ? "was never uploaded" : $"has {kept.Size} bytes with the SHA-256 {kept.Sha256}")
                    + $"; the list of products says {product.Size} bytes and {product.Sha256}: upload it, then finish again";
        }
        return null;
    }

    /// <summary>A text, no longer than is kept.</summary>
    public static string? Bounded(string? text) => text is { Length: > LongestText } ? text[..LongestText] : text;

    private static Cause? CauseOf(string? name) => name is null ? null : CauseNames.Parse(name);

    private static bool IsPlace(EndRequest end) =>
        end is { EvidenceOffset: null, EvidenceLine: null }
        || end.Evidence is not null && LogPlace.Of(end.EvidenceOffset, end.EvidenceLine) is not null;

    private static string? Fault(EndRequest end)
    {
        // A serializer reads null where a list says that there is none.
        if (end.Sources.Any(source => source is null) || end.Products.Any(product => product is null))
            return "'sources' or 'products' has null among its entries";
        if (end.State is not (BuildTaskState.Success or BuildTaskState.Fail or BuildTaskState.Cancelled))
            return "'state' is not Success, Fail or Cancelled";
        if (end.State == BuildTaskState.Fail != end.Cause is not null)
            return "'cause' must be there when, and only when, the state is Fail";
        if (end.State != BuildTaskState.Success && end.Products.Count > 0)
            return "only a success has products";
        if (!IsPlace(end))
            return "'evidence_offset' and 'evidence_line' are not the place of 'evidence' in the log: expected both, from 0 and from 1, or neither";
        if (end.Sources.Any(source => source.Time is not (>= 0 and < 1e10)))
            return "a source's 'time' is not a number of milliseconds";
        if (end.Products.FirstOrDefault(product => !ProductName.IsWellFormed(product.Path)) is { } bad)
            return $"'{bad.Path}' is not a product's name: expected {ProductName.Rule}";
        return end.Products.CountBy(product => product.Path).FirstOrDefault(one => one.Value > 1).Key is { } twice
            ? $"'{twice}' is in the list of products twice"
            : null;
    }
}
