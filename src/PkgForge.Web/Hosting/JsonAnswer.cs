using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using PkgForge.Web.Access;

namespace PkgForge.Web.Hosting;

/// <summary>JSON. What people's scripts get has an entity tag.</summary>
internal sealed class JsonAnswer<T>(T value, JsonTypeInfo<T> type) : IResult
{
    private const string MediaType = "application/json; charset=utf-8";

    public Task ExecuteAsync(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) && http.Items.ContainsKey(typeof(Visitor))
            ? EntityTags.SendAsync(http, MediaType, JsonSerializer.SerializeToUtf8Bytes(value, type))
            : TypedResults.Json(value, type).ExecuteAsync(http);
}
