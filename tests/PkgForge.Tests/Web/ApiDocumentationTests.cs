using System.Text.Json.Nodes;
using AwesomeAssertions;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Api;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>
/// The document of the API (OpenAPI 3.1) says what its routes say, all of them, and takes nothing away from those who know the one that was released last. With PKGFORGE_WRITE_OPENAPI=1 the
/// document is written instead: <c>./dev openapi</c>.
/// </summary>
public sealed class ApiDocumentationTests : IAsyncLifetime
{
    private const string Document = "docs/formats/openapi.json";
    private const string Released = "docs/formats/openapi.released.json";
    private const string Write = "PKGFORGE_WRITE_OPENAPI";

    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        await server.RestartAsync(server.AllWays);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public void Each_route_of_the_API_is_described() =>
        server
            .ApiRoutes.Where(route => route.Operation is null)
            .Select(route => $"{route.Method} {route.Path}")
            .Should()
            .BeEmpty(
                "each has .Described(new ApiOperation(...)) beside its .For(Rule), as in src/PkgForge.Web/Api/JobOperations.cs; then ./dev openapi writes {0}",
                Document
            );

    [Fact]
    public void The_document_is_what_the_routes_say()
    {
        var made = ApiDocument.Of(server.ApiRoutes.Where(route => route.Operation is not null));
        if (Environment.GetEnvironmentVariable(Write) == "1")
            File.WriteAllText(Checkout.PathOf(Document), made);
        Checkout
            .Read(Document)
            .Should()
            .Be(made, "{0} is made of what the routes say: ./dev openapi writes it anew", Document);
    }

    [Fact]
    public void The_document_has_each_route_and_nothing_else()
    {
        var described =
            from path in Read(Document)["paths"]!.AsObject()
            from method in path.Value!.AsObject()
            select $"{method.Key.ToUpperInvariant()} {path.Key}";

        described.Should().BeEquivalentTo(server.ApiRoutes.Select(route => $"{route.Method} {route.Path}"));
    }

    [Fact]
    public void Each_operation_has_a_name_of_its_own() =>
        server.ApiRoutes.Select(route => route.Operation?.Id ?? route.Path).Should().OnlyHaveUniqueItems();

    [Fact]
    public void Each_property_and_parameter_is_described()
    {
        var document = Read(Document);
        var properties =
            from schema in document["components"]!["schemas"]!.AsObject()
            from property in schema.Value!["properties"]!.AsObject()
            where string.IsNullOrEmpty((string?)property.Value!["description"])
            select $"{schema.Key}.{property.Key}";

        properties.Should().BeEmpty("each has a <param> or a <summary> where its type is");
        document["components"]!["schemas"]!.AsObject().Should().HaveCountGreaterThan(10);
    }

    [Fact]
    public void Words_are_of_properties_that_there_are() =>
        ApiSchemas
            .WordsOf.Select(name => name.Split('.'))
            .Where(name => Read(Document)["components"]!["schemas"]![name[0]]?["properties"]![name[1]] is null)
            .Should()
            .BeEmpty();

    [Fact]
    public void Nothing_of_what_was_released_last_is_taken_away() =>
        ApiChanges
            .Breaking(Read(Released), Read(Document))
            .Should()
            .BeEmpty("who knows the API of {0} goes on with it; what has to break it becomes /api/v2", Released);

    [Fact]
    public async Task The_server_sends_the_document_to_anybody()
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(server.Address, "/api/v1/openapi.json"), Cancel);

        answer.Content.Headers.ContentType!.MediaType.Should().Be(ApiBody.Json);
        var sent = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        JsonNode.DeepEquals(sent, Read(Document)).Should().BeTrue("it is in the executable");
    }

    private static JsonNode Read(string file) => JsonNode.Parse(Checkout.Read(file))!;
}
