using PkgForge.Sources.Rpm;

namespace PkgForge.Sources;

/// <summary>
/// An RPM source package of format v3, v4 or v6 (rpm.org, "RPM Package format"). It is read once, from the first byte to
/// the last, and every digest that it carries is compared; the exceptions, and what no digest covers, are listed in
/// <c>docs/formats/sources.md</c>.
/// </summary>
public sealed class SourceRpm : SourcePackage
{
    private const string Suffix = ".src.rpm";

    /// <param name="path">Path of the package.</param>
    public SourceRpm(string path)
        : base(path) { }

    /// <inheritdoc/>
    public override PackageFormat Format => PackageFormat.Rpm;

    /// <summary>3, 4 or 6; 0 until <see cref="Validate"/> has found it.</summary>
    public int RpmVersion { get; private set; }

    /// <summary>Name of the spec file in the package, a plain name; null until <see cref="Validate"/> has found it.</summary>
    public string? SpecFile { get; private set; }

    /// <summary>
    /// What must be installed to build it, as <c>NAME</c> or <c>NAME OPERATOR VERSION</c>. This is what the spec file
    /// asked for where the source package was made; another platform may ask for more. Untrusted text.
    /// </summary>
    public IReadOnlyList<string> BuildRequires { get; private set; } = [];

    /// <summary>True when the spec file works out more build requirements while it is built (<c>%generate_buildrequires</c>).</summary>
    public bool HasDynamicRequires { get; private set; }

    /// <summary>Architectures that the spec file builds for (BuildArch); empty means that of the platform. Untrusted text.</summary>
    public IReadOnlyList<string> BuildArchitectures { get; private set; } = [];

    /// <summary>Architectures on which it cannot be built (ExcludeArch). Untrusted text.</summary>
    public IReadOnlyList<string> ExcludedArchitectures { get; private set; } = [];

    /// <summary>The only architectures on which it can be built (ExclusiveArch); empty means any. Untrusted text.</summary>
    public IReadOnlyList<string> ExclusiveArchitectures { get; private set; } = [];

    /// <summary>
    /// Seconds since 1970 that stand for the time of a build: those of the newest entry of its changelog, as rpmbuild would take them; of a package
    /// without a changelog, when the source package was made. Null if it says neither. Untrusted.
    /// </summary>
    public long? SourceDateEpoch { get; private set; }

    /// <inheritdoc/>
    /// <remarks>As rpmbuild decides it: one of what it builds for must be in <c>ExclusiveArch</c>, if there is one, and not in <c>ExcludeArch</c>.</remarks>
    public override string? WhyNotOn(string architecture)
    {
        string[] targets = [architecture, .. BuildArchitectures];
        bool IsTarget(string word) => Array.Exists(targets, target => Family(target) == Family(word));
        if (ExclusiveArchitectures.Count > 0 && !ExclusiveArchitectures.Any(IsTarget))
            return $"ExclusiveArch: {string.Join(' ', ExclusiveArchitectures)}";
        return ExcludedArchitectures.Any(word => Family(word) == Family(architecture))
            ? $"ExcludeArch: {string.Join(' ', ExcludedArchitectures)}"
            : null;
    }

    /// <summary>The processors that rpm takes for one when it builds: those of %{ix86}.</summary>
    private static string Family(string architecture) =>
        architecture is "i386" or "i486" or "i586" or "i686" ? "i386" : architecture;

    /// <inheritdoc/>
    public override ValidationResult Validate(CancellationToken cancel = default) =>
        (CheckName() ?? Read(cancel))?.In(FileName) ?? ValidationResult.Valid;

    private Broken? CheckName() =>
        FileName.EndsWith(".nosrc.rpm", StringComparison.Ordinal)
            ? new("nosrc", "is a nosrc package: sources or patches are left out of it, so it cannot be built")
        : !FileName.EndsWith(Suffix, StringComparison.Ordinal) || FileName.Length == Suffix.Length
            ? new("file-name", $"does not end in {Suffix}, as the name of a source package does")
        : PlainName.Fault(FileName) is { } fault ? new("file-name", $"has a name that {fault}")
        : null;

    private Broken? Read(CancellationToken cancel)
    {
        if (!RegularFile.TryOpen(MainPath, out var file, out var broken))
            return broken;
        using (file)
        using (var pass = new FilePass(file))
            return Read(pass, cancel);
    }

    private Broken? Read(FilePass pass, CancellationToken cancel)
    {
        if (RpmLead.Read(pass, out var lead) is { } notRpm)
            return notRpm;
        if (!RpmHeaderReader.TryRead(pass, RpmHeaderKind.Signature, out var signature, out var broken))
            return broken;
        if (!RpmHeaderReader.TryRead(pass, RpmHeaderKind.Main, out var header, out broken))
            return broken;
        broken =
            RpmDigests.CheckHeader(signature, header)
            ?? RpmContents.CheckKind(lead, header)
            ?? RpmFormat.Check(lead, signature, header)
            ?? CheckSize(signature, header, pass.Remaining)
            ?? RpmContents.CheckIdentity(header)
            ?? RpmContents.CheckPayload(header)
            ?? ReadPayload(pass, signature, header, cancel)
            ?? RpmContents.FindSpec(header, out var spec)
            ?? Take(header, spec!);
        if (broken is null)
            Files = [pass.Finish(FileName)];
        return broken;
    }

    private static Broken? CheckSize(RpmHeader signature, RpmHeader header, long payload)
    {
        var whole = (ulong)(header.Bytes.Length + payload);
        return payload == 0
            ? new("truncated", "ends after the header: it has no payload")
            : Differs(signature.Number(RpmTag.SigSize), whole)
                ?? Differs(signature.Number(RpmTag.SigLongSize), whole)
                ?? Differs(header.Number(RpmTag.PayloadSize), (ulong)payload);
    }

    private static Broken? Differs(ulong? expected, ulong actual) =>
        expected is not { } size || size == actual ? null
        : size > actual ? new("size", $"is truncated: {size - actual} bytes are missing at its end")
        : new("size", $"has {actual - size} bytes too many at its end");

    private static Broken? ReadPayload(FilePass pass, RpmHeader signature, RpmHeader header, CancellationToken cancel)
    {
        var broken = RpmDigests.Begin(signature, header, pass.Remaining, out var digests);
        using (digests)
            return broken ?? pass.ReadRest(digests.Running, cancel) ?? digests.Finish();
    }

    private Broken? Take(RpmHeader header, string spec)
    {
        if (RpmRequires.Read(header) is not { } requires)
            return new("requires", "lists names, flags and versions of its build dependencies that do not match");
        Name = header.Text(RpmTag.Name);
        Version = RpmContents.FullVersion(header);
        RpmVersion = RpmFormat.Version(header);
        SpecFile = spec;
        BuildRequires = requires;
        HasDynamicRequires = RpmRequires.AreDynamic(header);
        BuildArchitectures = header.Texts(RpmTag.BuildArchs);
        ExcludedArchitectures = header.Texts(RpmTag.ExcludeArch);
        ExclusiveArchitectures = header.Texts(RpmTag.ExclusiveArch);
        SourceDateEpoch = Epoch(header);
        return null;
    }

    // An entry of a changelog that names a day only is written with its noon; rpmbuild takes the beginning of that day, which is always over.
    private static long? Epoch(RpmHeader header)
    {
        const long Day = 86_400;
        if (header.Int32s(RpmTag.ChangelogTime) is not [var newest, ..])
            return (long?)header.Number(RpmTag.BuildTime);
        return newest % Day == Day / 2 ? newest - Day / 2 : newest;
    }
}
