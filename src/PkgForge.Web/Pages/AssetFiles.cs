using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>The site's own style, script and icon. Their addresses carry their digest, so that a browser never asks twice.</summary>
public static class AssetFiles
{
    private const string Prefix = "PkgForge.Web.Assets.";
    private const int DigitsInAddress = 12;

    private static readonly FrozenDictionary<string, Asset> All = Assembly
        .GetExecutingAssembly()
        .GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(Load)
        .ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    /// <summary>Address of the style sheet.</summary>
    public static string Style { get; } = AddressOf("site.css");

    /// <summary>Address of the script.</summary>
    public static string Script { get; } = AddressOf("site.js");

    /// <summary>Address of the icon.</summary>
    public static string Icon { get; } = AddressOf("icon.svg");

    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/assets/{digest}/{name}", (RequestDelegate)SendAsync).For(Rule.Open);

    private static Task SendAsync(HttpContext http)
    {
        if (
            !All.TryGetValue((string)http.Request.RouteValues["name"]!, out var asset)
            || asset.Digest != (string)http.Request.RouteValues["digest"]!
        )
            return Answers.NotFound("there is no such file").ExecuteAsync(http);
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return TypedResults.Bytes(asset.Bytes, asset.Type, entityTag: new($"\"{asset.Digest}\"")).ExecuteAsync(http);
    }

    private static string AddressOf(string name) => $"/assets/{All[name].Digest}/{name}";

    private static Asset Load(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        var name = resource[Prefix.Length..];
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))[..DigitsInAddress];
        return new(name, digest, TypeOf(name), bytes.ToArray());
    }

    private static string TypeOf(string name) =>
        Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };

    private sealed record Asset(string Name, string Digest, string Type, byte[] Bytes);
}
