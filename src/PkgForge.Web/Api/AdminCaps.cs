using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>How many tasks of whom are built at once: <c>/api/v1/caps</c>.</summary>
internal sealed class AdminCaps(ServedFarm farm)
{
    private const string One = "/caps/{kind}/{name}";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAdmin("GET", "/caps", CapOperations.List, ListAsync, Rule.Look);
        routes.MapAdmin("PUT", One, CapOperations.Put, SetAsync);
        routes.MapAdmin("DELETE", One, CapOperations.Remove, RemoveAsync);
    }

    /// <summary>The kind of a word; null for none.</summary>
    public static CapKind? Kind(string word) =>
        word switch
        {
            "submitter" => CapKind.Submitter,
            "bucket" => CapKind.Bucket,
            _ => null,
        };

    private async Task<IResult> ListAsync(HttpContext http) =>
        Answers.Json(
            [.. (await farm.Registry.ListCapsAsync(http.RequestAborted)).Select(CapJson.Of)],
            AdminJson.Default.CapJsonArray
        );

    private async Task<IResult> SetAsync(HttpContext http)
    {
        var (request, bad) = await RequestBody.ReadAsync(http, AdminRequestJson.Default.CapChange);
        if (request is null)
            return bad!;
        var (word, name) = (Addressed.Part(http, "kind"), Addressed.Part(http, "name"));
        if (Kind(word) is not { } kind)
            return NoKind(word);
        var refusal = await farm.By(http).SetCapAsync(kind, name, request.Tasks, http.RequestAborted);
        return refusal is null
            ? Answers.Json(new(word, name, request.Tasks), AdminJson.Default.CapJson)
            : AdminRoutes.Problem(refusal);
    }

    private async Task<IResult> RemoveAsync(HttpContext http)
    {
        var word = Addressed.Part(http, "kind");
        return Kind(word) is { } kind
            ? AdminRoutes.Done(
                await farm.By(http).RemoveCapAsync(kind, Addressed.Part(http, "name"), http.RequestAborted)
            )
            : NoKind(word);
    }

    private static IResult NoKind(string word) =>
        Answers.BadRequest($"a cap is on a submitter or a bucket, not on '{word}'");
}
