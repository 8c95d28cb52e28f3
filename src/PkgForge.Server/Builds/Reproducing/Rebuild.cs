using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Server.Builds.Logs;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Reproducing;

/// <summary>What a product of a rebuild is, beside the recorded one.</summary>
public enum Likeness
{
    /// <summary>The same, byte for byte.</summary>
    Same,

    /// <summary>Another file under the same name.</summary>
    Different,

    /// <summary>Recorded, and not made again.</summary>
    Missing,

    /// <summary>Made, and not recorded.</summary>
    New,

    /// <summary>It says when it was built, so it cannot be the same, and does not count.</summary>
    Dated,
}

/// <summary>A product of a rebuild.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Likeness">What it is beside the recorded one.</param>
/// <param name="Recorded">SHA-256 of the recorded one; null if there is none.</param>
/// <param name="Rebuilt">SHA-256 of what was made now; null if nothing was.</param>
public sealed record RebuiltProduct(string Name, Likeness Likeness, string? Recorded, string? Rebuilt);

/// <summary>What a rebuild came to for one source.</summary>
/// <param name="Source">Its main file.</param>
/// <param name="Recorded">Its recorded result.</param>
/// <param name="Result">Its result now.</param>
/// <param name="Message">Why it failed now; null if it did not.</param>
/// <param name="Products">Its products.</param>
public sealed record RebuiltSource(
    string Source,
    string Recorded,
    string Result,
    string? Message,
    IReadOnlyList<RebuiltProduct> Products
)
{
    /// <summary>True when it came to the same, and made the same.</summary>
    public bool IsSame =>
        (Result == Recorded || Recorded == RecordedBuild.Stopped)
        && Products.All(product => product.Likeness is Likeness.Same or Likeness.Dated);
}

/// <summary>Builds the sources of a recorded attempt again, and compares what they make with what they made.</summary>
/// <param name="attempt">What it takes to do so.</param>
public sealed class Rebuild(Reconstruction attempt)
{
    // dpkg-genbuildinfo writes the time of day, and the .changes file has the digest of what it writes.
    private static readonly string[] Dated = [".buildinfo", ".changes"];

    /// <summary>Builds one source.</summary>
    /// <param name="build">The recorded one.</param>
    /// <param name="products">Takes what it makes; what the sources before it have made may lie there.</param>
    /// <param name="log">Takes what the build prints.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task<RebuiltSource> RunAsync(
        RecordedBuild build,
        string products,
        BuildLog log,
        CancellationToken cancel
    )
    {
        log.Say($"source: {build.Source}");
        var request = attempt.Request(attempt.Source(build, cancel), products, log);
        var outcome = await attempt.Builder.BuildAgainAsync(request, attempt.RootOf(build), cancel);
        var made = outcome.Products.ToDictionary(name => name, name => Digest.OfFile($"{products}/{name}"));
        return new(
            build.Source,
            build.Result,
            outcome.Cause?.Name() ?? RecordedBuild.Built,
            outcome.Message,
            [.. Compare(build.Products, made).OrderBy(product => product.Name, StringComparer.Ordinal)]
        );
    }

    private static IEnumerable<RebuiltProduct> Compare(
        IReadOnlyList<SourceFile> recorded,
        Dictionary<string, string> made
    )
    {
        foreach (var product in recorded)
        {
            var now = made.GetValueOrDefault(product.Name);
            var likeness =
                now is null ? Likeness.Missing
                : now == product.Sha256 ? Likeness.Same
                : Dated.Any(suffix => product.Name.EndsWith(suffix, StringComparison.Ordinal)) ? Likeness.Dated
                : Likeness.Different;
            yield return new(product.Name, likeness, product.Sha256, now);
        }
        foreach (var (name, now) in made.Where(one => recorded.All(product => product.Name != one.Key)))
            yield return new(name, Likeness.New, null, now);
    }
}
