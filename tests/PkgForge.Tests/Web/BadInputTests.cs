using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>What no builder should send: each is answered by its status and a message that helps, and nothing is changed.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;
    private IBuilderFarm farm = null!;
    private BuilderSession session = null!;
    private ClaimedTask task = null!;
    private HttpClient client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string TaskPath => $"tasks/{task.Lease.TaskId}/{task.Lease.Number}/{task.Lease.Session}";

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        client = server.Client(await server.TokenAsync("b1"));
        await site.RegisterAsync("job-1");
        var attached = await AskAsync("attach", new AttachRequest("one"), HttpStatusCode.OK);
        session = new("b1", FarmUnderTest.Dummy, attached.GetProperty("session").GetInt64());
        var claimed = await AskAsync("claim", new SessionRequest(session.Number), HttpStatusCode.OK);
        task = new(
            new(claimed.GetProperty("task").GetInt64(), claimed.GetProperty("lease").GetInt64(), "b1", session.Number),
            Jobs.SomeJob.With(Jobs.SomeJob.File("a.dummy", "a")).Id,
            FarmUnderTest.Dummy
        );
        await SendAsync(HttpMethod.Post, $"{TaskPath}/log?offset=0", "begun\n"u8.ToArray(), HttpStatusCode.OK);
        farm = await server.RemoteAsync("b2");
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await farm.DisposeAsync();
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    public static TheoryData<string, string, HttpStatusCode, string> Requests =>
        new()
        {
            {
                "PUT products/a.txt?offset=0&size=1&sha256=" + Zeros,
                "x",
                HttpStatusCode.UnprocessableEntity,
                "*a.txt*SHA-256*"
            },
            {
                "PUT products/a.txt?offset=0&size=2&sha256=" + Zeros,
                "xyz",
                HttpStatusCode.UnprocessableEntity,
                "*more bytes*2*"
            },
            {
                "PUT products/a.txt?offset=5&size=9&sha256=" + Zeros,
                "x",
                HttpStatusCode.Conflict,
                "*begin at 5*has 0*"
            },
            { "PUT products/a.txt?offset=9&size=1&sha256=" + Zeros, "x", HttpStatusCode.BadRequest, "*'offset'*" },
            { "PUT products/a.txt?offset=-1&size=1&sha256=" + Zeros, "x", HttpStatusCode.BadRequest, "*'offset'*" },
            { "PUT products/a.txt?offset=0&size=1&sha256=abc", "x", HttpStatusCode.BadRequest, "*'sha256'*64*" },
            {
                "PUT products/a.txt?offset=0&size=99999999999999&sha256=" + Zeros,
                "x",
                HttpStatusCode.RequestEntityTooLarge,
                "*limits: root*"
            },
            {
                "PUT products/..%2Flog?offset=0&size=1&sha256=" + Zeros,
                "x",
                HttpStatusCode.BadRequest,
                "*product's name*"
            },
            {
                "PUT products/.hidden?offset=0&size=1&sha256=" + Zeros,
                "x",
                HttpStatusCode.BadRequest,
                "*product's name*"
            },
            {
                "PUT products/a%0Ab?offset=0&size=1&sha256=" + Zeros,
                "x",
                HttpStatusCode.BadRequest,
                "*product's name*"
            },
            { "PUT products/a/b?offset=0&size=1&sha256=" + Zeros, "x", HttpStatusCode.NotFound, "*there is no PUT*" },
            { "PUT logs/log", "x", HttpStatusCode.BadRequest, "*.log*" },
            { "PUT logs/..%2Fx.log", "x", HttpStatusCode.BadRequest, "*.log*" },
            { "POST log?offset=0", "x", HttpStatusCode.Conflict, "*begin at 0*has 6*" },
            { "POST log?offset=7", "x", HttpStatusCode.Conflict, "*begin at 7*has 6*" },
            { "POST log", "x", HttpStatusCode.BadRequest, "*'offset'*" },
            { "GET sources/job.yml", "", HttpStatusCode.NotFound, "*no source file*" },
            { "GET sources/..%2Fjob.yml", "", HttpStatusCode.NotFound, "*no source file*" },
            { "GET repositories/secret", "", HttpStatusCode.NotFound, "*no such bucket*" },
            { "GET repositories/main/files?path=..%2Fx&revision=1", "", HttpStatusCode.NotFound, "*no such bucket*" },
            {
                "POST finish",
                "{\"state\":\"Success\",\"sources\":[],\"products\":[{\"path\":\"a.txt\",\"size\":1,\"sha256\":\""
                    + Zeros
                    + "\"}]}",
                HttpStatusCode.UnprocessableEntity,
                "*'a.txt' was never uploaded*"
            },
            {
                "POST finish",
                "{\"state\":\"Success\",\"sources\":[],\"products\":[{\"path\":\"a/b\",\"size\":1,\"sha256\":\""
                    + Zeros
                    + "\"}]}",
                HttpStatusCode.BadRequest,
                "*'a/b'*"
            },
            {
                "POST finish",
                "{\"state\":\"Fail\",\"sources\":[],\"products\":[]}",
                HttpStatusCode.BadRequest,
                "*'cause'*"
            },
            {
                "POST finish",
                "{\"state\":\"Fail\",\"cause\":\"test\",\"evidence\":\"x\",\"evidence_offset\":-1,\"evidence_line\":1,\"sources\":[],\"products\":[]}",
                HttpStatusCode.BadRequest,
                "*'evidence_offset'*"
            },
            {
                "POST finish",
                "{\"state\":\"Fail\",\"cause\":\"test\",\"evidence_offset\":0,\"evidence_line\":1,\"sources\":[],\"products\":[]}",
                HttpStatusCode.BadRequest,
                "*'evidence'*"
            },
            {
                "POST finish",
                "{\"state\":\"Building\",\"sources\":[],\"products\":[]}",
                HttpStatusCode.BadRequest,
                "*'state'*"
            },
            { "POST finish", "{\"state\":99,\"sources\":[],\"products\":[]}", HttpStatusCode.BadRequest, "*'state'*" },
            { "POST finish", "{\"state\":\"Success\"}", HttpStatusCode.BadRequest, "*sources*" },
            {
                "POST finish",
                "{\"state\":\"Success\",\"sources\":[null],\"products\":[]}",
                HttpStatusCode.BadRequest,
                "*null*"
            },
            {
                "POST finish",
                "{\"state\":\"Success\",\"sources\":[],\"products\":[null]}",
                HttpStatusCode.BadRequest,
                "*null*"
            },
            { "POST finish", "null", HttpStatusCode.BadRequest, "*null*" },
            { "POST finish", "<xml/>", HttpStatusCode.BadRequest, "*JSON*" },
            { "POST put-back", "{\"outcome\":\"Success\",\"reason\":\"\"}", HttpStatusCode.BadRequest, "*'outcome'*" },
            { "GET requests?wait=soon", "", HttpStatusCode.BadRequest, "*'wait'*" },
            { "DELETE log", "", HttpStatusCode.MethodNotAllowed, "*there is no DELETE*" },
        };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_that_makes_no_sense_changes_nothing(
        string request,
        string body,
        HttpStatusCode status,
        string message
    )
    {
        var before = await site.EverythingAsync();
        var words = request.Split(' ', 2);

        var problem = await SendAsync(new(words[0]), $"{TaskPath}/{words[1]}", Encoding.UTF8.GetBytes(body), status);

        problem.GetProperty("detail").GetString().Should().Match(message);
        problem.GetProperty("status").GetInt32().Should().Be((int)status);
        (await site.EverythingAsync()).Should().Equal(before);
    }

    public static TheoryData<string> OfTheTask =>
        [
            "GET order",
            "GET manifest",
            "GET sources/a.dummy",
            "GET repositories/main",
            "GET log",
            "POST log?offset=6",
            $"PUT products/a.txt?offset=0&size=1&sha256={Zeros}",
            "GET products/a.txt",
            "PUT logs/lintian.log",
            "PUT logs/record.yml",
            "POST flush",
            "POST heartbeat",
            "GET requests",
            "POST finish",
            "POST put-back",
            "POST refuse",
        ];

    [Theory]
    [MemberData(nameof(OfTheTask))]
    public async Task A_lease_of_yesterday_and_a_task_of_others_are_answered_alike(string request)
    {
        var details = new List<string>();
        using var other = server.Client(await server.TokenAsync("b2"));
        details.Add(await ConflictAsync(other, request, TaskPath));
        var (id, number, session) = (task.Lease.TaskId, task.Lease.Number, task.Lease.Session);
        details.Add(await ConflictAsync(client, request, $"tasks/{id}/{number - 1}/{session}"));
        details.Add(await ConflictAsync(client, request, $"tasks/{id}/{number}/{session - 1}"));
        details.Add(await ConflictAsync(client, request, $"tasks/4711/1/{session}"));
        await site.ExpireLeasesAsync();
        await site.Registry.ReleaseExpiredAsync(Cancel);
        details.Add(await ConflictAsync(client, "POST heartbeat", TaskPath));
        details.Add(await ConflictAsync(client, request, TaskPath));

        details.Distinct().Should().ContainSingle().Which.Should().Contain("does not hold this task");
    }

    [Fact]
    public async Task A_task_that_has_ended_takes_nothing_more()
    {
        await EndAsync();
        var before = await site.EverythingAsync();

        foreach (var request in OfTheTask.Select(row => (string)row.Data))
            if (request != "POST finish")
                await ConflictAsync(client, request, TaskPath);

        (await site.EverythingAsync()).Should().Equal(before);
    }

    [Fact]
    public async Task A_finish_that_is_sent_again_is_answered_again_and_another_one_is_not()
    {
        var first = await EndAsync();
        var before = await site.EverythingAsync();

        (await EndAsync()).ToString().Should().Be(first.ToString());
        await SendAsync(
            HttpMethod.Post,
            $"{TaskPath}/finish",
            "{\"state\":\"Cancelled\",\"sources\":[],\"products\":[]}"u8.ToArray(),
            HttpStatusCode.Conflict
        );

        (await site.EverythingAsync()).Should().Equal(before);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_before_it_is_read()
    {
        var before = await site.EverythingAsync();

        var problem = await SendAsync(
            HttpMethod.Post,
            $"{TaskPath}/log?offset=6",
            new byte[(1 << 20) + 1],
            HttpStatusCode.RequestEntityTooLarge
        );

        problem.GetProperty("detail").GetString().Should().Contain("1048576");
        (await site.EverythingAsync()).Should().Equal(before);
    }

    [Fact]
    public async Task The_server_does_not_say_what_it_is()
    {
        using var response = await client.GetAsync($"{TaskPath}/log", Cancel);

        response.Headers.Contains("Server").Should().BeFalse();
    }

    private async Task<string> ConflictAsync(HttpClient who, string request, string path)
    {
        var words = request.Split(' ', 2);
        var body = words[1] switch
        {
            "finish" => "{\"state\":\"Cancelled\",\"sources\":[],\"products\":[]}",
            "put-back" => "{\"outcome\":\"Interrupted\",\"reason\":\"r\"}",
            "refuse" => "{\"reason\":\"r\"}",
            _ => "x",
        };
        var answer = await SendAsync(
            new(words[0]),
            $"{path}/{words[1]}",
            words[0] == "GET" ? [] : Encoding.UTF8.GetBytes(body),
            HttpStatusCode.Conflict,
            who
        );
        answer.GetProperty("type").GetString().Should().Be(ProblemTypes.LeaseLost);
        return answer.GetProperty("detail").GetString()!;
    }

    private Task<JsonElement> EndAsync() =>
        SendAsync(
            HttpMethod.Post,
            $"{TaskPath}/finish",
            "{\"state\":\"Success\",\"sources\":[],\"products\":[]}"u8.ToArray(),
            HttpStatusCode.OK
        );

    private async Task<JsonElement> AskAsync<T>(string path, T body, HttpStatusCode expected)
    {
        using var response = await client.PostAsync(
            path,
            JsonContent.Create(body, options: WireJson.Default.Options),
            Cancel
        );
        return await ReadAsync(response, expected);
    }

    private async Task<JsonElement> SendAsync(
        HttpMethod method,
        string path,
        byte[] body,
        HttpStatusCode expected,
        HttpClient? who = null
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (method != HttpMethod.Get)
            request.Content = new ByteArrayContent(body);
        using var response = await (who ?? client).SendAsync(request, Cancel);
        return await ReadAsync(response, expected);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.Should().Be(expected, text);
        if (!response.IsSuccessStatusCode)
            response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
