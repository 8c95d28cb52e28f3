namespace PkgForge.Server.Configuration;

/// <summary>How <c>pkgforge serve</c> serves, and what it runs beside.</summary>
public sealed record ServeOptions
{
    /// <summary>Addresses to listen at. Default: port 8160 of this machine only.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["http://127.0.0.1:8160"];

    /// <summary>PEM file of the certificate and its chain; null without TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of its key; null when it is in the certificate's file.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>Serve other machines without TLS.</summary>
    public bool Insecure { get; init; }

    /// <summary>Those without an account may look at everything.</summary>
    public bool Anonymous { get; init; }

    /// <summary>The address by which other machines reach the server; null to work it out.</summary>
    public string? Url { get; init; }

    /// <summary>Run incoming in the same process.</summary>
    public bool Incoming { get; init; }

    /// <summary>Builders to run in the same process.</summary>
    public IReadOnlyList<string> Builders { get; init; } = [];
}
