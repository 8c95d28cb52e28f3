using PkgForge.Sources.Debian;

namespace PkgForge.Sources;

/// <summary>
/// A Debian source package: a <c>.dsc</c> (Debian Policy 5.4) and the files that it names, which lie beside it. Every
/// digest that the <c>.dsc</c> gives is compared, and the lists must name the same files.
/// </summary>
public sealed class DebianSource : SourcePackage
{
    private const string Suffix = ".dsc";

    private readonly OpenPgpKeyring? keyring;

    /// <param name="path">Path of the <c>.dsc</c>.</param>
    /// <param name="keyring">Keys of which one must have signed it; null if it need not be signed. A signature that
    /// nobody asked for is taken off and not checked.</param>
    public DebianSource(string path, OpenPgpKeyring? keyring = null)
        : base(path) => this.keyring = keyring;

    /// <inheritdoc/>
    public override PackageFormat Format => PackageFormat.Debian;

    /// <summary>Build-Depends, Build-Depends-Arch, Build-Depends-Indep and the three Build-Conflicts fields, by name,
    /// each as it is written; only those that are there. Untrusted text.</summary>
    public IReadOnlyDictionary<string, string> BuildRelations { get; private set; } = new Dictionary<string, string>();

    /// <summary>There are packages that must not be there when it is built: Build-Conflicts, or one of its two sisters (Debian Policy 7.7).</summary>
    public bool HasConflicts =>
        BuildRelations.Keys.Any(name => name.StartsWith("Build-Conflicts", StringComparison.OrdinalIgnoreCase));

    /// <summary>The words of the field Architecture, e.g. <c>any</c>, <c>all</c>, <c>linux-any</c>. Untrusted text.</summary>
    public IReadOnlyList<string> Architectures { get; private set; } = [];

    /// <summary>The field Package-List, a line for each package that it makes; null when it is not there. Untrusted text.</summary>
    public string? PackageList { get; private set; }

    /// <summary>The field Binary, the names of the packages that it makes; null when it is not there. Untrusted text.</summary>
    public string? Binary { get; private set; }

    /// <inheritdoc/>
    /// <remarks>Debian Policy 5.6.8.</remarks>
    public override string? WhyNotOn(string architecture) =>
        Architectures.Count == 0
        || Architectures.Any(word => word is "all" || DebianArchitecture.IsMeant(architecture, word))
            ? null
            : $"Architecture: {string.Join(' ', Architectures)}";

    /// <summary>What it makes and needs on an architecture, without a build profile.</summary>
    /// <param name="architecture">As Debian calls it.</param>
    /// <param name="complain">Takes what is wrong with a field that cannot be read, and is therefore left out.</param>
    public SourceRelations Relations(string architecture, Action<string> complain) =>
        DebianRelations.Of(this, architecture, complain);

    /// <inheritdoc/>
    public override ValidationResult Validate(CancellationToken cancel = default) =>
        CheckName()
        ?? CheckDsc(out var dsc, out var fields, out var named)
        ?? CheckFiles(dsc!, named!, cancel)
        ?? Take(fields!);

    private ValidationResult? CheckName() =>
        !FileName.EndsWith(Suffix, StringComparison.Ordinal)
            ? Invalid("file-name", $"does not end in {Suffix}, as the name of a Debian source package does")
        : PlainName.Fault(FileName) is { } fault ? Invalid("file-name", $"has a name that {fault}")
        : null;

    private ValidationResult? CheckDsc(
        out SourceFile? dsc,
        out Deb822Paragraph? fields,
        out IReadOnlyList<DscFile>? named
    )
    {
        (dsc, fields, named) = (null, null, null);
        if (!RegularFile.TryOpen(MainPath, out var file, out var broken))
            return broken.In(FileName);
        using (file)
        {
            if (file.Size > Deb822.MaxLength)
                return Invalid("size", $"has {file.Size} bytes; at most {Deb822.MaxLength} are allowed");
            using var pass = new FilePass(file);
            var bytes = new byte[file.Size];
            if (!pass.TryRead(bytes))
                return Invalid("changed", "was changed while it was read");
            dsc = pass.Finish(FileName);
            if (!DscText.TryRead(bytes, keyring, out fields, out broken))
                return broken.In(FileName);
        }

        return (CheckFields(fields) ?? (DscFiles.TryRead(fields, out named, out broken) ? null : broken))?.In(FileName);
    }

    private Broken? CheckFields(Deb822Paragraph fields)
    {
        string[] required = ["Format", "Source", "Version", "Files", "Checksums-Sha256"];
        if (Array.Find(required, field => fields[field] is null) is { } missing)
            return new("field", $"does not have the field {missing}");
        var (source, version) = (fields["Source"]!, fields["Version"]!);
        var expected = $"{source}_{DebianNames.WithoutEpoch(version)}{Suffix}";
        return !DebianNames.IsFormat(fields["Format"]!) ? NotWellFormed("Format", fields)
            : !DebianNames.IsSource(source) ? NotWellFormed("Source", fields)
            : !DebianNames.IsVersion(version) ? NotWellFormed("Version", fields)
            : FileName != expected
                ? new("file-name", $"has a name that does not agree with Source and Version; {expected} is expected")
            : null;
    }

    private static Broken NotWellFormed(string field, Deb822Paragraph fields) =>
        new("field", $"has a {field} that is not well formed: '{PlainName.ToPrint(fields[field]!)}'");

    private ValidationResult? CheckFiles(SourceFile dsc, IReadOnlyList<DscFile> named, CancellationToken cancel)
    {
        var files = new List<SourceFile> { dsc };
        foreach (var file in named)
        {
            var broken =
                file.Name == FileName
                    ? new("file-name", "is named by the .dsc as one of its own files")
                    : DscFileCheck.Check(Directory, file, files, cancel);
            if (broken is not null)
                return broken.In(file.Name);
        }

        Files = files;
        return null;
    }

    private ValidationResult Take(Deb822Paragraph fields)
    {
        Name = fields["Source"];
        Version = fields["Version"];
        BuildRelations = fields
            .Names.Where(name =>
                name.StartsWith("Build-Depends", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("Build-Conflicts", StringComparison.OrdinalIgnoreCase)
            )
            .ToDictionary(name => name, name => fields[name]!, StringComparer.OrdinalIgnoreCase);
        (PackageList, Binary) = (fields["Package-List"], fields["Binary"]);
        Architectures = (fields["Architecture"] ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return ValidationResult.Valid;
    }

    private ValidationResult Invalid(string rule, string message) => ValidationResult.Invalid(FileName, rule, message);
}
