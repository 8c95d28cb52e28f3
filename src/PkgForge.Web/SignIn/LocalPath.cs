namespace PkgForge.Web.SignIn;

/// <summary>Where to go after logging in.</summary>
internal static class LocalPath
{
    /// <summary>It comes back in a cookie.</summary>
    private const int Longest = 1000;

    /// <summary>Only a path of this site: no link to here leads elsewhere.</summary>
    public static string Of(string to) =>
        to.StartsWith('/')
        && to.Length <= Longest
        && !to.StartsWith("//", StringComparison.Ordinal)
        && !to.Contains('\\')
        && !to.Any(c => char.IsControl(c) || !char.IsAscii(c))
            ? to
            : "/";
}
