namespace PkgForge.Cli.Downloads;

/// <summary>What a file of an attempt is.</summary>
internal enum ResultKind
{
    Product,
    Log,
    Record,
}

/// <summary>A file of an attempt that is to be had.</summary>
/// <param name="Platform"><c>NAME-ARCHITECTURE</c>.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The name that it gets, in the directory of its platform if it is a product.</param>
/// <param name="Size">Bytes; null where that is not known before it has come.</param>
/// <param name="Sha256">Of its content; null where that is not known.</param>
internal sealed record ResultFile(
    string Platform,
    int Attempt,
    ResultKind Kind,
    string Name,
    long? Size,
    string? Sha256
)
{
    /// <summary>Where it goes, below the directory of the job.</summary>
    public string Path => Kind == ResultKind.Product ? $"{Platform}/{Name}" : Name;
}
