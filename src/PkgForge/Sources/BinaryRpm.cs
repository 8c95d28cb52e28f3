using PkgForge.Sources.Rpm;

namespace PkgForge.Sources;

/// <summary>What a binary RPM package says of itself. It is as untrusted as its source: only its header is read, within bounds.</summary>
public static class BinaryRpm
{
    /// <summary>The name of the source package that it says it was built from; null when it is no package, or says nothing.</summary>
    public static string? SourceOf(string path)
    {
        if (!RegularFile.TryOpen(path, out var file, out _))
            return null;
        using (file)
        using (var pass = new FilePass(file))
            return Read(pass)?.Text(RpmTag.SourceRpm) is { } source ? SourceName.Of(source) : null;
    }

    private static RpmHeader? Read(FilePass pass) =>
        RpmLead.Read(pass, out _) is null
        && RpmHeaderReader.TryRead(pass, RpmHeaderKind.Signature, out _, out _)
        && RpmHeaderReader.TryRead(pass, RpmHeaderKind.Main, out var header, out _)
            ? header
            : null;
}
