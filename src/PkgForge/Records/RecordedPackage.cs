namespace PkgForge.Records;

/// <summary>A package that is installed in a root.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version, with epoch and release where there are any.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Digest">
/// <c>sha256:</c> and the digest of the package's file, or <c>header-sha256:</c> and that of an RPM's header; null if not known.
/// </param>
public sealed record RecordedPackage(string Name, string Version, string Architecture, string? Digest)
{
    /// <summary>Longer than any real package's words together.</summary>
    public const int LongestText = 1000;

    /// <summary>What a text must be, for messages.</summary>
    public const string Rule = "NAME VERSION ARCHITECTURE, and a digest or none";

    /// <summary>Takes <c>NAME VERSION ARCHITECTURE [DIGEST]</c> apart; null if it is something else.</summary>
    public static RecordedPackage? Parse(string text) =>
        text.Length > LongestText || text.Any(char.IsControl)
            ? null
            : text.Split(' ') switch
            {
                [{ Length: > 0 } name, { Length: > 0 } version, { Length: > 0 } architecture] => new(
                    name,
                    version,
                    architecture,
                    null
                ),
                [{ Length: > 0 } name, { Length: > 0 } version, { Length: > 0 } architecture, { Length: > 0 } digest] =>
                    new(name, version, architecture, digest),
                _ => null,
            };

    /// <summary>True when both are the same package: also when only one of the digests is known.</summary>
    public bool IsSame(RecordedPackage other) =>
        Key == other.Key && (Digest is null || other.Digest is null || Digest == other.Digest);

    /// <summary>The package without its digest.</summary>
    public (string Name, string Version, string Architecture) Key => (Name, Version, Architecture);

    /// <summary><c>NAME VERSION ARCHITECTURE [DIGEST]</c>.</summary>
    public override string ToString() => $"{Name} {Version} {Architecture}{(Digest is null ? "" : $" {Digest}")}";
}
