namespace PkgForge.Sources;

/// <summary>One file of a source package, with what identifies its content.</summary>
/// <param name="Name">A plain file name, without a directory.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Sha256">SHA-256 of the content, 64 lower-case hexadecimal digits.</param>
public sealed record SourceFile(string Name, long Size, string Sha256);
