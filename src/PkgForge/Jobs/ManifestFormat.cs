namespace PkgForge.Jobs;

/// <summary>Constants of the manifest's format (docs/formats/job.md).</summary>
internal static class ManifestFormat
{
    internal const string FileName = "job.yml";
    internal const int Version = 1;
    internal const string Time = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>10,000 files with names of 255 bytes, each of them escaped, need less.</summary>
    internal const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>The document, <c>files</c>, an entry: 3 levels. The rest is room for later versions.</summary>
    internal const int MaxDepth = 8;

    /// <summary>A file entry has 7 nodes; 10,000 of them, and the rest of the largest manifest, need 71,500.</summary>
    internal const int MaxNodes = 100_000;

    internal static readonly string[] Required = ["version", "id", "submitter", "time", "bucket", "sources", "files"];

    internal static readonly string[] Keys =
    [
        "version",
        "id",
        "submitter",
        "time",
        "bucket",
        "platforms",
        "architectures",
        "report",
        "on_error",
        "scratch",
        "sources",
        "files",
    ];

    internal static readonly string[] FileKeys = ["name", "size", "sha256"];
}
