using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// What a distribution, or the archive of a root, is made of now: a digest over the files that each of its repositories begins with, Debian's <c>InRelease</c> or <c>Release</c> and RPM's
/// <c>repomd.xml</c>. Whatever changes in a repository changes them.
/// </summary>
internal static class DistributionState
{
    private const int MostBytes = 8 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>One word for the state; or why it cannot be known at the moment.</summary>
    public static async Task<(string? State, string? Trouble)> ReadAsync(
        RootSettings settings,
        CancellationToken cancel
    )
    {
        var recipe = settings.Recipe;
        if (recipe.Tarball.Length > 0)
            return OfArchive(new(recipe.Tarball));
        using var handler = new HttpClientHandler();
        if (settings.Proxy is { } proxy)
            handler.Proxy = new WebProxy(proxy) { Credentials = Credentials(new(proxy)) };
        using var client = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = MostBytes };
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            foreach (var places in Places(recipe))
                digest.AppendData(await ReadFirstAsync(client, places, cancel));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            return (null, e.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, $"no answer in {Patience.TotalSeconds:0} s");
        }
        return (Convert.ToHexStringLower(digest.GetHashAndReset()), null);
    }

    private static NetworkCredential? Credentials(Uri proxy) =>
        proxy.UserInfo.Split(':', 2) is [var user, var password]
            ? new(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password))
            : null;

    /// <summary>Another archive may have been put in its place.</summary>
    private static (string? State, string? Trouble) OfArchive(FileInfo archive) =>
        archive.Exists
            ? (string.Create(CultureInfo.InvariantCulture, $"{archive.Length}-{archive.LastWriteTimeUtc.Ticks}"), null)
            : (null, $"there is no {archive}");

    /// <summary>For each repository where it may begin, the best place first.</summary>
    private static IEnumerable<string[]> Places(PlatformRecipe recipe)
    {
        var repositories = recipe.Repositories.Values;
        if (recipe.Format == PackageFormat.Rpm)
            return repositories.Select(url => new[] { $"{url.TrimEnd('/')}/repodata/repomd.xml" });
        return repositories
            .Select(words => words.Split(' '))
            .Select(words => (Url: words[0], Suite: words[1]))
            .Prepend((recipe.Mirror, recipe.Suite))
            .Select(it => $"{it.Item1.TrimEnd('/')}/dists/{it.Item2}")
            .Select(place => new[] { $"{place}/InRelease", $"{place}/Release" });
    }

    private static async Task<byte[]> ReadFirstAsync(HttpClient client, string[] places, CancellationToken cancel)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return places[i].StartsWith("file://", StringComparison.Ordinal)
                    ? await File.ReadAllBytesAsync(new Uri(places[i]).LocalPath, cancel)
                    : await client.GetByteArrayAsync(new Uri(places[i]), cancel);
            }
            catch (Exception e) when (e is HttpRequestException or IOException && i + 1 < places.Length)
            {
                // An old repository has no InRelease.
            }
        }
    }
}
