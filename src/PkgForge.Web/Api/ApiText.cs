using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>The document of the API: <c>docs/formats/openapi.json</c>, which is in the executable.</summary>
internal static class ApiText
{
    private const string Resource = "PkgForge.Web.openapi.json";

    /// <summary>As it is in the repository.</summary>
    public static byte[] Document { get; } = Load();

    /// <summary>Sends it. It is no secret: the repository has it.</summary>
    public static Task<IResult> Send(HttpContext http)
    {
        EntityTags.MayBeKept(http);
        return Task.FromResult<IResult>(TypedResults.Bytes(Document, ApiBody.Json, entityTag: Tag));
    }

    private static EntityTagHeaderValue Tag { get; } = EntityTags.Of(Document);

    private static byte[] Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
