using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary>
/// The API's document against a real farm: for each operation that it names, whoever they are, requests are made of it, and what the farm answers is what the document says, to the last property.
/// An operation that these tests cannot do by what they know fails them: it needs a value in one of the tables.
/// </summary>
public sealed class ApiClientTests : FarmTests
{
    private const string Source = "name driven 1.0\nprint hello\nproduct driven.txt x\n";

    /// <summary>Values of parameters, and of properties of what is sent, by their names.</summary>
    private readonly Dictionary<string, string> parameters = new(StringComparer.Ordinal)
    {
        ["job"] = "good",
        ["platform"] = "dummy-all",
        ["attempt"] = "1",
        ["name"] = "good.txt",
        ["bucket"] = "main",
        ["account"] = "cora",
        ["builder"] = "b1",
        ["kind"] = "submitter",
        ["package"] = "good",
        ["from"] = "1",
        ["to"] = "1",
        ["Upload-Length"] = $"{Source.Length}",
        ["Upload-Metadata"] = $"filename {Convert.ToBase64String(Encoding.UTF8.GetBytes("driven.dummy"))}",
        ["Upload-Offset"] = "0",
    };

    private readonly Dictionary<string, JsonNode> properties = new(StringComparer.Ordinal)
    {
        ["bucket"] = "main",
        ["platform"] = "dummy-all",
        ["name"] = "made",
        ["architecture"] = "all",
        ["draining"] = false,
        ["active"] = true,
        ["host"] = "elsewhere",
    };

    /// <summary>Of single operations: what is removed was added by another.</summary>
    private readonly Dictionary<string, Dictionary<string, string>> special = new(StringComparer.Ordinal)
    {
        ["removeAccount"] = new(StringComparer.Ordinal) { ["account"] = "made" },
        ["removeBuilder"] = new(StringComparer.Ordinal) { ["builder"] = "made" },
        ["getChanges"] = new(StringComparer.Ordinal) { ["job"] = "again" },
    };

    /// <summary>What single operations are sent.</summary>
    private readonly Dictionary<string, Dictionary<string, JsonNode>> sent = new(StringComparer.Ordinal)
    {
        ["submitJob"] = new(StringComparer.Ordinal) { ["id"] = "driven" },
        ["resubmitJob"] = new(StringComparer.Ordinal) { ["id"] = "driven-again" },
        ["promoteJob"] = new(StringComparer.Ordinal) { ["bucket"] = "other" },
    };

    /// <summary>What these tests' farm does not have: a service of Kerberos. Tests of its own have one.</summary>
    private readonly string[] elsewhere = ["loginByKerberos"];

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private TestFarm farm = null!;
    private ApiClient client = null!;
    private string admin = "";
    private string viewer = "";

    [Fact]
    public async Task Each_operation_does_what_the_document_says()
    {
        await StartAsync();
        await UploadAsync();
        var begun = await client.SendAsync(client["beginLogin"], null, parameters, BodyOf(client["beginLogin"]));
        properties["claim"] = begun.Json!["claim"]!.DeepClone();

        foreach (var call in client.Calls.OrderBy(Order))
            if (!client.Done.Contains(call.Id))
                await client.SendAsync(call, admin, ValuesOf(call), BodyOf(call));

        client
            .Calls.Select(call => call.Id)
            .Except(client.Done)
            .Except(elsewhere)
            .Should()
            .BeEmpty("each was done once at least");
        (await farm.FinalAsync("driven")).State.Should().Be("successful");
        var list = await client.SendAsync(
            client["listJobs"],
            admin,
            new Dictionary<string, string> { ["limit"] = "1" }
        );
        list.Json!["next"].Should().NotBeNull();
        list.Message.Headers.Contains("Link").Should().BeTrue();
    }

    [Fact]
    public async Task Each_refusal_is_one_that_the_document_names()
    {
        await StartAsync();
        foreach (var call in client.Calls.OrderBy(Order))
        {
            var values = ValuesOf(call);
            values.TryAdd("upload", new('a', 32));
            var stranger = await client.SendAsync(call, null, values, Nothing(call));
            if (!call.IsOpen)
                stranger.Status.Should().Be(401, "of {0} without a token", call);
            // Who may look may send nothing else, so that nothing is changed by what follows.
            await client.SendAsync(call, viewer, values, Nothing(call));
            foreach (var parameter in client.Parameters(call))
            foreach (var nonsense in new[] { "nothing-like-it", "bytes=9999999-", "-1", "%", "\"'<>", new('x', 300) })
                await client.SendAsync(
                    call,
                    call.Method is "GET" or "HEAD" ? viewer : admin,
                    new Dictionary<string, string>(values) { [(string)parameter["name"]!] = nonsense },
                    Nothing(call)
                );
            if (call.Node["requestBody"]?["content"]?["application/json"] is null)
                continue;
            foreach (
                var text in new[] { "", "{", "null", "[]", "7", "{\"uploads\":7}", $"\"{new string('x', 100_000)}\"" }
            )
                (await client.SendAsync(call, admin, values, ApiClient.Json(text)))
                    .Status.Should()
                    .BeOneOf(
                        [200, 201, 400, 404, 413, 422],
                        "of {0} with {1}",
                        call,
                        text[..Math.Min(text.Length, 20)]
                    );
        }
    }

    [Fact]
    public async Task Each_word_of_a_parameter_is_understood()
    {
        await StartAsync();
        foreach (var call in client.Calls.Where(call => call.Method == "GET"))
        foreach (var parameter in client.Parameters(call).Where(p => p["schema"]!["enum"] is not null))
        foreach (var word in parameter["schema"]!["enum"]!.AsArray())
            (
                await client.SendAsync(
                    call,
                    admin,
                    new Dictionary<string, string>(ValuesOf(call)) { [(string)parameter["name"]!] = (string)word! }
                )
            )
                .Status.Should()
                .Be(200, "of {0} with {1}={2}", call, parameter["name"], word);
    }

    [Fact]
    public async Task How_much_one_account_may_ask_for_is_configured()
    {
        await StartAsync("serve: { requests_per_minute: 3, changes_per_minute: 1 }");
        var (list, cancel) = (client["listJobs"], client["cancelJob"]);
        (await client.SendAsync(cancel, admin, ValuesOf(cancel))).Status.Should().Be(200);

        (await client.SendAsync(cancel, admin, ValuesOf(cancel))).Status.Should().Be(429);
        (await client.SendAsync(list, admin, ValuesOf(list))).Status.Should().Be(200);
        (await client.SendAsync(list, admin, ValuesOf(list))).Status.Should().Be(429);
        (await client.SendAsync(list, viewer, ValuesOf(list))).Status.Should().Be(200);
    }

    /// <summary>What changes nothing goes first, what removes something last.</summary>
    private static int Order(ApiCall call) =>
        Array.IndexOf(["OPTIONS", "GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"], call.Method);

    private static StringContent? Nothing(ApiCall call) =>
        call.Node["requestBody"]?["content"]?["application/json"] is null ? null : ApiClient.Json("{}");

    private Dictionary<string, string> ValuesOf(ApiCall call)
    {
        var names = client
            .Parameters(call)
            .Where(p => (bool)p["required"]!)
            .Select(p => (string)p["name"]!)
            .ToHashSet();
        var values = parameters.Where(pair => names.Contains(pair.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in special.GetValueOrDefault(call.Id) ?? [])
            values[name] = value;
        return values;
    }

    private StringContent? BodyOf(ApiCall call)
    {
        var values = new Dictionary<string, JsonNode>(properties, StringComparer.Ordinal);
        foreach (var (name, value) in sent.GetValueOrDefault(call.Id) ?? [])
            values[name] = value;
        return client.Body(call, values) is { } body ? ApiClient.Json(body) : null;
    }

    /// <summary>A file that is whole, and one of which nothing has come.</summary>
    private async Task UploadAsync()
    {
        parameters["upload"] = await BeginAsync();
        using var bytes = new ByteArrayContent(Encoding.UTF8.GetBytes(Source));
        bytes.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        var taken = await client.SendAsync(client["continueUpload"], admin, ValuesOf(client["continueUpload"]), bytes);
        taken.Status.Should().Be(204);
        properties["uploads"] = new JsonArray(parameters["upload"]);
        special["removeUpload"] = new(StringComparer.Ordinal) { ["upload"] = await BeginAsync() };
    }

    private async Task<string> BeginAsync()
    {
        var begun = await client.SendAsync(client["beginUpload"], admin, ValuesOf(client["beginUpload"]));
        begun.Status.Should().Be(201);
        return begun.Message.Headers.Location!.ToString().Split('/')[^1];
    }

    private async Task StartAsync(string more = "")
    {
        farm = await MakeFarmAsync(new() { More = more });
        var box = farm.Start("serve", "--listen", "http://127.0.0.1:0", "--incoming", "--builder", "b1");
        await box.SaysAsync("serving at ");
        var url = box.ServesAt;
        await box.SaysAsync("buildd b1 is running");
        foreach (var (name, role) in new[] { ("anna", "admin"), ("bert", "viewer"), ("cora", "submitter") })
            await farm.DoAsync("account", "add", name, "--role", role);
        admin = (await farm.DoAsync("account", "token", "anna")).Trim();
        viewer = (await farm.DoAsync("account", "token", "bert")).Trim();
        await farm.SubmitAsync("good", farm.Script("good", "print all is well", "product good.txt x"));
        await farm.SubmitAsync("bad", farm.Script("bad", "print main.c:1: error: no", "fail compile no"));
        await farm.FinalAsync("good");
        await farm.SubmitAsync("again", $"{farm.Directory}/sources/good.dummy");
        await farm.FinalAsync("again");
        await farm.FinalAsync("bad");
        var server = new Uri(url);
        client = new(http, server, JsonNode.Parse(await http.GetStringAsync(new Uri(server, "/api/v1/openapi.json")))!);
    }
}
