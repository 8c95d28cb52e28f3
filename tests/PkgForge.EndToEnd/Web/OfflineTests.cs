using System.Net;
using System.Net.Sockets;
using System.Text;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary>What a person is told when the server cannot be asked: each time what is wrong, and what to do.</summary>
public sealed class OfflineTests : FarmTests
{
    private const string Page =
        "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";

    private TestFarm farm = null!;

    [Fact]
    public async Task A_server_that_is_not_there_is_told_from_a_name_that_is_not_known()
    {
        farm = await MakeFarmAsync();

        await FailAsync("http://127.0.0.1:9", 4, "nothing listens there (connection refused)");
        await FailAsync("http://nowhere.invalid", 4, "check the address, and this machine's name server");
        await FailAsync("http://127.0.0.1:9", 4, "connection refused", "watch", "a");
        await FailAsync("http://127.0.0.1:9", 4, "connection refused", "download", "a");
    }

    [Fact]
    public async Task A_certificate_that_nobody_here_has_signed_is_told_with_what_to_do()
    {
        var authority = Keep(new TestAuthority());
        farm = await MakeFarmAsync(
            new() { More = $"serve: {{ certificate: {authority.Certificate}, certificate_key: {authority.Key} }}" }
        );
        var (_, url) = await OtherMachine.ServeAsync(farm, "https://127.0.0.1:0");

        await FailAsync(url, 4, "SSL_CERT_FILE");
        await FailAsync(url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), 4, "cannot be trusted");
        await FailAsync(url.Replace("https:", "http:", StringComparison.Ordinal), 4, "perhaps it is https://");
        var anna = await FarPerson.MakeAsync(farm, url);
        anna.Environment["SSL_CERT_FILE"] = authority.Itself;
        await anna.DoAsync("status");
    }

    [Fact]
    public async Task What_is_no_farm_is_told_and_so_is_one_that_is_too_old()
    {
        farm = await MakeFarmAsync();
        using var page = new Answering(_ => Page);
        using var success = new Answering(_ => Page.Replace("404 Not Found", "200 OK", StringComparison.Ordinal));
        using var elsewhere = new Answering(_ =>
            "HTTP/1.1 301 Moved\r\nLocation: https://forge.example.org/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        using var old = new Answering(request => Problem($"there is no {request} here"));

        await FailAsync(page.Url, 4, "is no PkgForge server: it answered 404 Not Found with text/html");
        await FailAsync(success.Url, 4, "is no PkgForge server: it answered 200 OK with text/html");
        await FailAsync(elsewhere.Url, 4, "it points to https://forge.example.org");
        await FailAsync(old.Url, 4, "is an older farm than this command", "watch", "a");
        await FailAsync(page.Url, 4, "is no PkgForge server", "watch", "a");
        await FailAsync(success.Url, 4, "it answered 200 OK with text/html", "watch", "a");
        using var silent = new Answering(_ => "");
        await FailAsync(silent.Url, 4, "ended the connection without an answer");
    }

    [Fact]
    public async Task An_answer_that_does_not_go_on_is_given_up()
    {
        farm = await MakeFarmAsync();
        using var stuck = new Answering(_ =>
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        {
            StaysOpen = true,
        };

        await FailAsync(stuck.Url, 4, "has begun to answer, and does not go on");
    }

    [Fact]
    public async Task A_token_that_has_ended_is_told_with_how_to_get_another()
    {
        farm = await MakeFarmAsync();
        var (_, url) = await OtherMachine.ServeAsync(farm, "http://127.0.0.1:0");
        var anna = await FarPerson.MakeAsync(farm, url);
        await anna.DoAsync("status");
        await farm.DoAsync("account", "revoke", "anna");

        foreach (var words in new[] { new[] { "status" }, ["watch", "a"], ["download", "a"], ["log", "--cause", "a"] })
            await anna.FailAsync(5, $"log in again: pkgforge login {url}", words);
    }

    private async Task FailAsync(string url, int code, string message, params string[] words)
    {
        var start = Executable.Start([.. words.Length == 0 ? ["status"] : words, "--target", url]);
        var result = await farm.Run(FarmProcess.Start(start)).EndAsync();
        result.Error.Should().Contain(message, "of {0}", url);
        result.ExitCode.Should().Be(code, "of {0}", result);
        result.Error.TrimEnd('\n').Should().NotContain("\n", "it is one line");
    }

    private static string Problem(string detail)
    {
        var body = $$"""{"type":"urn:pkgforge:not-found","title":"not found","status":404,"detail":"{{detail}}"}""";
        return $"HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
    }

    /// <summary>Something that listens and is no farm: it answers each request with the same, whatever that is.</summary>
    private sealed class Answering : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly Func<string, string> answer;
        private readonly List<TcpClient> open = [];

        /// <param name="answer">All of the answer to a request, of which it gets the method and the path.</param>
        public Answering(Func<string, string> answer)
        {
            this.answer = answer;
            listener.Start();
            _ = AcceptAsync();
        }

        /// <summary>It says no more, and does not go.</summary>
        public bool StaysOpen { get; init; }

        public string Url => $"http://{listener.LocalEndpoint}";

        public void Dispose()
        {
            listener.Dispose();
            open.ForEach(client => client.Dispose());
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    await AnswerAsync(await listener.AcceptTcpClientAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task AnswerAsync(TcpClient client)
        {
            try
            {
                var buffer = new byte[8192];
                var read = await client.GetStream().ReadAsync(buffer);
                var first = Encoding.ASCII.GetString(buffer, 0, read).Split(" HTTP/")[0];
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer(first)));
            }
            catch (IOException)
            {
                // The caller has gone; the next one is answered all the same.
            }
            if (StaysOpen)
                open.Add(client);
            else
                client.Dispose();
        }
    }
}
