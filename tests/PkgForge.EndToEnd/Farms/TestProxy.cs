using System.Text.RegularExpressions;
using AwesomeAssertions;

namespace PkgForge.EndToEnd.Farms;

/// <summary>A real nginx in front of a farm's server, set up as the administrator's guide says.</summary>
internal static partial class TestProxy
{
    private const string Guide = "docs/admin/web.md";

    /// <summary>Starts one, and waits until it takes connections.</summary>
    /// <param name="farm">Whose.</param>
    /// <param name="server">Where the server serves.</param>
    /// <param name="authority">Has its certificate.</param>
    /// <returns>Where it is, without a slash at its end.</returns>
    public static async Task<string> StartAsync(TestFarm farm, Uri server, TestAuthority authority)
    {
        var port = Nginx.FreePort();
        var site = Replace(
            Site(),
            ("listen 443 ssl", $"listen 127.0.0.1:{port} ssl"),
            ("http://127.0.0.1:8160", server.AbsoluteUri.TrimEnd('/')),
            ("/etc/pkgforge/tls/cert.pem", authority.Certificate),
            ("/etc/pkgforge/tls/key.pem", authority.Key)
        );
        await Nginx.StartAsync(farm, $"{farm.Directory}/proxy", $"access_log off;\n{site}");
        return $"https://127.0.0.1:{port}";
    }

    /// <summary>The site that the guide shows.</summary>
    private static string Site()
    {
        var match = Block().Match(File.ReadAllText($"{Cache.Checkout}/{Guide}"));
        match.Success.Should().BeTrue("{0} shows a site of nginx", Guide);
        return match.Groups["site"].Value;
    }

    private static string Replace(string text, params IEnumerable<(string Old, string New)> words)
    {
        foreach (var (old, replaced) in words)
        {
            text.Should().Contain(old);
            text = text.Replace(old, replaced, StringComparison.Ordinal);
        }
        return text;
    }

    [GeneratedRegex(@"^```nginx\n(?<site>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
