using PkgForge.Sources.Debian;

namespace PkgForge.Sources;

/// <summary>Finds the class for a source package by what the file is. To add a format, add a line to the table.</summary>
public static class SourcePackages
{
    private static readonly IReadOnlyList<Kind> Kinds =
    [
        new(".src.rpm", (path, _) => new SourceRpm(path)),
        // Recognised so that the message can say what is wrong with it.
        new(".nosrc.rpm", (path, _) => new SourceRpm(path), IsAccepted: false),
        new(".dsc", (path, keyring) => new DebianSource(path, keyring)),
        new(".dummy", (path, _) => new DummySource(path)),
    ];

    /// <summary>What is accepted, for messages: <c>.src.rpm, .dsc, .dummy</c>.</summary>
    public static string Accepted =>
        string.Join(", ", Kinds.Where(kind => kind.IsAccepted).Select(kind => kind.Suffix));

    /// <summary>Takes a path as a source package, whose content <see cref="SourcePackage.Validate"/> then checks.</summary>
    /// <param name="path">Path of its main file.</param>
    /// <param name="keyring">Keys of which one must have signed a Debian source package; null if it need not be signed.</param>
    /// <exception cref="IOException">The machine failed, or the directory may not be searched.</exception>
    public static Recognition Recognise(string path, OpenPgpKeyring? keyring = null)
    {
        var name = Path.GetFileName(path) is { Length: > 0 } last ? last : path;
        if (RegularFile.Inspect(path) is { } broken)
            return new(null, (broken with { Message = $"{broken.Message} (accepted: {Accepted})" }).In(name));
        var kind = Kinds.FirstOrDefault(kind => name.EndsWith(kind.Suffix, StringComparison.Ordinal));
        return kind is null
            ? new(
                null,
                ValidationResult.Invalid(name, "unknown-format", $"is no source package; accepted are {Accepted}")
            )
            : new(kind.Create(path, keyring), ValidationResult.Valid);
    }

    /// <summary>Takes a path as a source package, and checks its content: the result is valid only if both are.</summary>
    /// <exception cref="IOException">The machine failed.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be searched.</exception>
    public static Recognition Check(string path, CancellationToken cancel = default)
    {
        var recognised = Recognise(path);
        return recognised.Package is { } package ? recognised with { Result = package.Validate(cancel) } : recognised;
    }

    private sealed record Kind(
        string Suffix,
        Func<string, OpenPgpKeyring?, SourcePackage> Create,
        bool IsAccepted = true
    );
}

/// <summary>What <see cref="SourcePackages.Recognise"/> found.</summary>
/// <param name="Package">The source package, whose content is still to be checked; null when it is none.</param>
/// <param name="Result">Valid when there is a package; else the rule that the path breaks.</param>
public sealed record Recognition(SourcePackage? Package, ValidationResult Result);
