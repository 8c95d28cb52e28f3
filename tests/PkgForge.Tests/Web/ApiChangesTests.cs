using System.Text.Json.Nodes;
using AwesomeAssertions;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>What breaks those who use an API is found and named; what only adds to it is not.</summary>
public sealed class ApiChangesTests
{
    private const string Before = """
        {
          "paths": {
            "/jobs": {
              "get": {
                "operationId": "listJobs",
                "security": [{}, { "bearer": [] }],
                "parameters": [
                  { "name": "limit", "in": "query", "required": false, "schema": { "type": "integer", "minimum": 1, "maximum": 1000 } },
                  { "name": "state", "in": "query", "required": false, "schema": { "type": "string", "enum": ["failed", "building"] } },
                  { "$ref": "#/components/parameters/Tag" }
                ],
                "responses": {
                  "200": {
                    "headers": { "ETag": {} },
                    "content": { "application/json": { "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Job" } } } }
                  },
                  "404": {}
                }
              },
              "post": {
                "operationId": "submitJob",
                "security": [{ "bearer": [] }],
                "requestBody": {
                  "required": false,
                  "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Submit" } } }
                },
                "responses": { "201": {} }
              }
            }
          },
          "components": {
            "parameters": { "Tag": { "name": "If-None-Match", "in": "header", "required": false, "schema": { "type": "string" } } },
            "schemas": {
              "Job": {
                "type": "object",
                "required": ["id"],
                "properties": { "id": { "type": "string" }, "ended": { "type": "string", "format": "date-time" }, "words": { "type": "string", "enum": ["a"] } }
              },
              "Submit": {
                "type": "object",
                "required": ["bucket"],
                "properties": { "bucket": { "type": "string" }, "scratch": { "type": "boolean" } }
              }
            }
          }
        }
        """;

    [Theory]
    [InlineData("/paths//jobs", null, "/jobs is gone")]
    [InlineData("/paths//jobs/post", null, "POST /jobs is gone")]
    [InlineData("/paths//jobs/get/operationId", "\"jobs\"", "GET /jobs was called listJobs, and is now jobs")]
    [InlineData("/paths//jobs/get/security", """[{ "bearer": [] }]""", "GET /jobs needs a token now")]
    [InlineData("/paths//jobs/get/parameters/0", null, "GET /jobs: parameter limit (query) is gone")]
    [InlineData("/paths//jobs/get/parameters/0/required", "true", "GET /jobs: parameter limit (query) is required now")]
    [InlineData(
        "/paths//jobs/get/parameters/0/schema/type",
        "\"string\"",
        "GET /jobs: parameter limit (query) was integer, and is now string"
    )]
    [InlineData(
        "/paths//jobs/get/parameters/0/schema/maximum",
        "500",
        "GET /jobs: parameter limit (query) may be 500 at most now"
    )]
    [InlineData(
        "/paths//jobs/get/parameters/0/schema/minimum",
        "2",
        "GET /jobs: parameter limit (query) must be 2 at least now"
    )]
    [InlineData(
        "/paths//jobs/get/parameters/1/schema/enum",
        """["failed"]""",
        "GET /jobs: parameter state (query) may not be 'building' now"
    )]
    [InlineData(
        "/paths//jobs/get/parameters/1",
        """{ "name": "state", "in": "path", "required": true, "schema": { "type": "string" } }""",
        "GET /jobs: parameter state (query) is gone",
        "GET /jobs: parameter state (path) is new, and required"
    )]
    [InlineData(
        "/components/parameters/Tag/required",
        "true",
        "GET /jobs: parameter If-None-Match (header) is required now"
    )]
    [InlineData("/paths//jobs/get/responses/200", null, "GET /jobs: answer 200 is gone")]
    [InlineData("/paths//jobs/get/responses/200/headers/ETag", null, "GET /jobs: answer 200: header ETag is gone")]
    [InlineData(
        "/paths//jobs/get/responses/200/content/application~json",
        null,
        "GET /jobs: answer 200: application/json is gone"
    )]
    [InlineData(
        "/components/schemas/Job/properties/ended",
        null,
        "GET /jobs: answer 200: each: property ended is gone"
    )]
    [InlineData(
        "/components/schemas/Job/properties/ended/format",
        null,
        "GET /jobs: answer 200: each: property ended was string (date-time), and is now string"
    )]
    [InlineData(
        "/components/schemas/Job/required",
        "[]",
        "GET /jobs: answer 200: each: property id may be missing now"
    )]
    [InlineData("/paths//jobs/post/requestBody/required", "true", "POST /jobs: a body is required now")]
    [InlineData("/paths//jobs/post/requestBody", null, "POST /jobs: body: application/json is gone")]
    [InlineData("/components/schemas/Submit/properties/scratch", null, "POST /jobs: body: property scratch is gone")]
    [InlineData(
        "/components/schemas/Submit/properties/scratch/type",
        "\"string\"",
        "POST /jobs: body: property scratch was boolean, and is now string"
    )]
    [InlineData(
        "/components/schemas/Submit/required",
        """["bucket", "scratch"]""",
        "POST /jobs: body: property scratch is required now"
    )]
    [InlineData(
        "/components/schemas/Submit/properties/bucket/enum",
        """["main"]""",
        "POST /jobs: body: property bucket may only be some words now"
    )]
    public void What_takes_something_away_is_named(string place, string? value, params string[] expected) =>
        ApiChanges.Breaking(JsonNode.Parse(Before)!, Changed(place, value)).Should().Equal(expected);

    [Theory]
    [InlineData("/paths//builders", """{ "get": {} }""")]
    [InlineData("/paths//jobs/delete", "{}")]
    [InlineData("/paths//jobs/get/parameters/0/schema/maximum", "5000")]
    [InlineData("/paths//jobs/get/parameters/1/schema/enum", """["failed", "building", "lost"]""")]
    [InlineData("/paths//jobs/get/responses/404", null)]
    [InlineData("/paths//jobs/get/responses/304", "{}")]
    [InlineData("/paths//jobs/get/summary", "\"other words\"")]
    [InlineData("/components/schemas/Job/properties/more", """{ "type": "string" }""")]
    [InlineData("/components/schemas/Job/properties/words/enum", """["a", "b"]""")]
    [InlineData("/components/schemas/Job/required", """["id", "ended"]""")]
    [InlineData("/components/schemas/Submit/properties/more", """{ "type": "string" }""")]
    [InlineData("/components/schemas/Submit/required", "[]")]
    public void What_adds_something_passes(string place, string? value) =>
        ApiChanges.Breaking(JsonNode.Parse(Before)!, Changed(place, value)).Should().BeEmpty();

    /// <summary>The document with another value at a place, or none. A path's slash is doubled, a media type's is a tilde.</summary>
    private static JsonNode Changed(string place, string? value)
    {
        var document = JsonNode.Parse(Before)!;
        var parts = place[1..].Replace("//", "/\0", StringComparison.Ordinal).Split('/');
        var names = parts.Select(part => part.Replace('\0', '/').Replace('~', '/')).ToArray();
        var parent = names[..^1]
            .Aggregate(document, (at, name) => at is JsonArray list ? list[int.Parse(name)]! : at[name]!);
        if (parent is JsonArray array)
        {
            array.RemoveAt(int.Parse(names[^1]));
            if (value is not null)
                array.Insert(int.Parse(names[^1]), JsonNode.Parse(value));
        }
        else if (value is null)
            parent.AsObject().Remove(names[^1]);
        else
            parent[names[^1]] = JsonNode.Parse(value);
        return document;
    }
}
