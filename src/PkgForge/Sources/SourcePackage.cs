namespace PkgForge.Sources;

/// <summary>
/// One thing to build, as it lies in a directory: a main file and, for some formats, further files that it names.
/// Nothing of it is ever executed, unpacked or handed to a tool by this class or its heirs: all readers are managed
/// and bounded, because sources are untrusted (DESIGN 7).
/// </summary>
public abstract class SourcePackage
{
    /// <param name="path">Path of the main file.</param>
    protected SourcePackage(string path)
    {
        MainPath = System.IO.Path.GetFullPath(path);
        FileName = System.IO.Path.GetFileName(MainPath);
        Directory = System.IO.Path.GetDirectoryName(MainPath) ?? "/";
    }

    /// <summary>Full path of the main file.</summary>
    public string MainPath { get; }

    /// <summary>The directory in which the main file and all other files of the package lie.</summary>
    public string Directory { get; }

    /// <summary>Name of the main file, e.g. <c>hello_2.10-3.dsc</c>.</summary>
    public string FileName { get; }

    /// <summary>The family of the package.</summary>
    public abstract PackageFormat Format { get; }

    /// <summary>The name of the source package (<c>Source:</c>, <c>NAME</c>); null until <see cref="Validate"/> has found it.</summary>
    public string? Name { get; protected set; }

    /// <summary>
    /// The version with epoch and release where there are any, as the format writes it; null until
    /// <see cref="Validate"/> has found it.
    /// </summary>
    public string? Version { get; protected set; }

    /// <summary>
    /// All files of the package, the main file first, with the size and SHA-256 that were read while checking;
    /// empty until <see cref="Validate"/> has found the package valid.
    /// </summary>
    public IReadOnlyList<SourceFile> Files { get; protected set; } = [];

    /// <summary>
    /// Why nothing is to be built of it on an architecture: what it says itself, in a few words; null when it says nothing against it. Known once <see cref="Validate"/> has found it valid.
    /// </summary>
    /// <param name="architecture">That of a platform of its format, as that format calls it.</param>
    public virtual string? WhyNotOn(string architecture) => null;

    /// <summary>
    /// Reads every file once and checks it against the rules of its format (DESIGN 7). Constant memory.
    /// A broken, hostile or missing file is a result, not an exception; an exception is a fault of this machine
    /// (<see cref="IOException"/> from the disk, <see cref="UnauthorizedAccessException"/>).
    /// </summary>
    public abstract ValidationResult Validate(CancellationToken cancel = default);
}
