namespace PkgForge.Registry.Builders.Wire;

/// <summary>Kinds of <see cref="Problem"/> that a builder tells apart.</summary>
public static class ProblemTypes
{
    /// <summary>The task is not, or no longer, the caller's under the lease that it names.</summary>
    public const string LeaseLost = "urn:pkgforge:lease-lost";

    /// <summary>The bytes do not continue what the farm has: <see cref="Problem.Length"/> says where it is.</summary>
    public const string WrongOffset = "urn:pkgforge:wrong-offset";

    /// <summary>What arrived is not what was announced: size, digest, or the list of products.</summary>
    public const string NotAsAnnounced = "urn:pkgforge:not-as-announced";

    /// <summary>No token, or none that is valid.</summary>
    public const string Token = "urn:pkgforge:token";

    /// <summary>The builder may not run, or its name was taken over.</summary>
    public const string Refused = "urn:pkgforge:builder-refused";

    /// <summary>The farm failed at what was asked, e.g. its disk is full. Not the package's fault.</summary>
    public const string FarmFault = "urn:pkgforge:farm-fault";

    /// <summary>The farm cannot be asked now.</summary>
    public const string Unavailable = "urn:pkgforge:unavailable";

    /// <summary>The request makes no sense as it is.</summary>
    public const string BadRequest = "urn:pkgforge:bad-request";

    /// <summary>There is no such thing.</summary>
    public const string NotFound = "urn:pkgforge:not-found";

    /// <summary>More bytes, or more requests, than are taken.</summary>
    public const string TooMuch = "urn:pkgforge:too-much";
}
