using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>A job that was accepted, and what the spool must hold for it.</summary>
/// <param name="Number">Grows with each registration: where the next page begins.</param>
/// <param name="Id">Its id, which names its directories.</param>
/// <param name="ManifestSha256">Of the bytes of its manifest.</param>
/// <param name="Ended">It has ended: its results may have been cleared away.</param>
/// <param name="Products">What its tasks have made.</param>
public sealed record KeptJob(
    long Number,
    JobId Id,
    string ManifestSha256,
    bool Ended,
    IReadOnlyList<KeptProduct> Products
);

/// <summary>A product, and the attempt in whose results it lies.</summary>
public sealed record KeptProduct(PlatformKey Platform, int Attempt, Product Product);
