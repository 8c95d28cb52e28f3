namespace PkgForge.Server.Builds;

/// <summary>What builds the source packages of a platform.</summary>
public enum BuildDriver
{
    /// <summary>The farm itself, in its own roots. The default.</summary>
    Roots,

    /// <summary>Debian's <c>sbuild</c>.</summary>
    Sbuild,

    /// <summary>Fedora's <c>mock</c>.</summary>
    Mock,
}
