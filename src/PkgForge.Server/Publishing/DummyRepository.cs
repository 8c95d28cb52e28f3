using PkgForge.Platforms;

namespace PkgForge.Server.Publishing;

/// <summary>
/// A repository of what dummy sources make: <c>list/products</c> names each file, its size, its SHA-256 and where it lies. Trials of a farm, and its
/// tests, publish in it as in any other, without the tools of a distribution.
/// </summary>
internal sealed class DummyRepository(string buckets, string bucket, PlatformKey platform)
    : BucketRepository(buckets, bucket, platform, "list")
{
    private protected override string ListOfIndexes => "list/products";

    /// <inheritdoc/>
    public override string Usage(string? url = null) => $"{url ?? FileUrl("file://")}/{ListOfIndexes}";

    private protected override bool IsPackage(string fileName) => true;

    private protected override string PackageOf(string fileName) => Path.GetFileNameWithoutExtension(fileName);

    private protected override async Task<string?> WriteMetadataAsync(SnapshotDraft draft, CancellationToken cancel)
    {
        System.IO.Directory.CreateDirectory($"{draft.Place}/list");
        var lines = draft.Members.Select(m => $"{m.FileName} {m.Product.Size} {m.Product.Sha256} {m.Path}");
        await File.WriteAllLinesAsync($"{draft.Place}/{ListOfIndexes}", lines, cancel);
        return null;
    }
}
