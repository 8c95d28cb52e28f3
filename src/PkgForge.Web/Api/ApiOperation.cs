using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;

namespace PkgForge.Web.Api;

/// <summary>Something that a request brings beside its body.</summary>
/// <param name="In"><c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="What">What it is, in a sentence.</param>
/// <param name="Value">What it may be.</param>
/// <param name="Required">The request makes no sense without.</param>
internal sealed record ApiParameter(string In, string Name, string What, ApiValue Value, bool Required);

/// <summary>What a request brings or an answer has: JSON of a type, or bytes of a media type.</summary>
/// <param name="MediaType">How it is sent.</param>
/// <param name="Type">What it is; null where it is no JSON.</param>
/// <param name="Required">A request's: it makes no sense without.</param>
internal sealed record ApiBody(string MediaType, JsonTypeInfo? Type, bool Required = true)
{
    /// <summary>How JSON is sent.</summary>
    public const string Json = "application/json";
}

/// <summary>A header of an answer.</summary>
internal sealed record ApiHeader(string Name, string What, ApiValue Value);

/// <summary>What a request that was done is answered with.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="What">What it means, in a sentence.</param>
/// <param name="Body">Null when it has none.</param>
/// <param name="Headers">What its head says beside.</param>
internal sealed record ApiAnswer(int Status, string What, ApiBody? Body, IReadOnlyList<ApiHeader> Headers);

/// <summary>
/// What the API's document says of a route. Of these a test (<c>ApiDocumentationTests</c>) makes <c>docs/formats/openapi.json</c>, with what follows from the route itself and from its
/// rule: its path, who may, and the problems that any request can be answered with.
/// </summary>
/// <param name="Id">What clients that are generated call it: <c>listJobs</c>. It never changes.</param>
/// <param name="Summary">What it does, in a few words.</param>
internal sealed record ApiOperation(string Id, string Summary)
{
    /// <summary>What else there is to know.</summary>
    public string Description { get; private init; } = "";

    /// <summary>What is said of parameters; those of the path that <see cref="ApiPaths"/> knows need not be here.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; private init; } = [];

    /// <summary>What the request brings; null when it has no body.</summary>
    public ApiBody? Body { get; private init; }

    /// <summary>What it is answered with when it was done.</summary>
    public IReadOnlyList<ApiAnswer> Answers { get; private init; } = [];

    /// <summary>Statuses of problems that are this route's own.</summary>
    public IReadOnlyList<int> Problems { get; private init; } = [];

    /// <summary>Its answer has an entity tag: all JSON that a GET is answered with has, and so have files.</summary>
    public bool HasTag { get; private init; }

    /// <summary>Says more.</summary>
    public ApiOperation More(string text) => this with { Description = text };

    /// <summary>A part of the path that <see cref="ApiPaths"/> does not know.</summary>
    public ApiOperation Path(string name, string what, ApiValue? value = null) => With("path", name, what, value, true);

    /// <summary>A parameter after the path.</summary>
    public ApiOperation Query(string name, string what, ApiValue? value = null, bool required = false) =>
        With("query", name, what, value, required);

    /// <summary>A header of the request.</summary>
    public ApiOperation Header(string name, string what, ApiValue? value = null, bool required = false) =>
        With("header", name, what, value, required);

    /// <summary>The request's body is JSON.</summary>
    public ApiOperation Takes(JsonTypeInfo type, bool required = true) =>
        this with
        {
            Body = new(ApiBody.Json, type, required),
        };

    /// <summary>The request's body is bytes.</summary>
    public ApiOperation Takes(string mediaType) => this with { Body = new(mediaType, null) };

    /// <summary>It is answered with JSON.</summary>
    public ApiOperation Gives(JsonTypeInfo type, string what, int status = 200, params ApiHeader[] headers) =>
        With(new(status, what, new(ApiBody.Json, type), headers));

    /// <summary>It is answered with bytes, or text.</summary>
    public ApiOperation Sends(string mediaType, string what, int status = 200, params ApiHeader[] headers) =>
        With(new(status, what, new(mediaType, null), headers));

    /// <summary>It is answered without a body.</summary>
    public ApiOperation Done(int status, string what, params ApiHeader[] headers) =>
        With(new(status, what, null, headers));

    /// <summary>Its answer has an entity tag, though it is no JSON.</summary>
    public ApiOperation Tagged() => this with { HasTag = true };

    /// <summary>It can be answered with these problems, beside those that its rule, its parameters and its body bring.</summary>
    public ApiOperation Fails(params int[] statuses) => this with { Problems = statuses };

    private ApiOperation With(string place, string name, string what, ApiValue? value, bool required) =>
        this with
        {
            Parameters = [.. Parameters, new(place, name, what, value ?? ApiValue.Text, required)],
        };

    private ApiOperation With(ApiAnswer answer) => this with { Answers = [.. Answers, answer] };
}
