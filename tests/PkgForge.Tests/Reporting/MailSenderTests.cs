using AwesomeAssertions;
using MimeKit;
using PkgForge.Registry;
using PkgForge.Server.Reporting;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Reporting;

public sealed class MailSenderTests : IAsyncDisposable
{
    private readonly SmtpSink sink = new();

    private MailOptions Options =>
        new()
        {
            Host = "127.0.0.1",
            Port = sink.Port,
            From = "PkgForge <farm@example.org>",
        };

    [Fact]
    public async Task A_mail_arrives_with_its_headers_and_body()
    {
        var mail = Mail() with { Headers = new Dictionary<string, string> { ["X-PkgForge-Status"] = "success" } };
        (await SendAsync(mail)).Should().Be(new MailResult(MailEnd.Sent, null));

        var message = Received();
        message.Subject.Should().Be("[PkgForge] hello");
        message.From.ToString().Should().Be("\"PkgForge\" <farm@example.org>");
        message.Headers["X-PkgForge-Status"].Should().Be("success");
        message.Headers["Auto-Submitted"].Should().Be("auto-generated");
        message.TextBody!.ReplaceLineEndings("\n").Should().Be("One\n.\nthree\n");
        sink.Messages[0].To.Should().Equal("a@example.org");
    }

    [Fact]
    public async Task Words_of_all_languages_arrive_as_they_were()
    {
        await SendAsync(Mail() with { Subject = "[PkgForge] größe 包", Body = "naïve ☃\n" });
        Received().Subject.Should().Be("[PkgForge] größe 包");
        Received().TextBody!.Trim().Should().Be("naïve ☃");
        sink.Messages[0].Content.Should().OnlyContain(b => b < 128, "not every server takes more");
    }

    [Theory]
    [InlineData("x\r\nBcc: evil@example.org")]
    [InlineData("x\nX-Evil: 1\n\nbody")]
    [InlineData("x\0\u0085\u2028Bcc: evil@example.org")]
    public async Task No_value_of_a_header_begins_another(string value)
    {
        await SendAsync(
            Mail() with
            {
                Subject = value,
                Headers = new Dictionary<string, string>
                {
                    ["X-PkgForge-ID"] = value,
                    ["Bcc"] = "evil@example.org",
                    [value] = "x",
                },
            }
        );
        var message = Received();
        message.Headers.Select(h => h.Field).Should().NotContain(["Bcc", "X-Evil"]);
        message.Bcc.Count.Should().Be(0);
        message.TextBody!.Should().StartWith("One");
        sink.Messages[0].To.Should().Equal("a@example.org");
    }

    [Theory]
    [InlineData("b@example.org\r\nRCPT TO:<evil@example.org>")]
    [InlineData("b@example.org>\nBcc: evil@example.org")]
    [InlineData("b@example.org, evil@example.org")]
    [InlineData("group: evil@example.org;")]
    [InlineData("\"x\r\ny\"@example.org")]
    [InlineData("not an address")]
    [InlineData("")]
    public async Task What_is_no_address_gets_no_mail_and_the_others_do(string address)
    {
        var result = await SendAsync(Mail() with { To = [address, "a@example.org"] });
        result.End.Should().Be(MailEnd.Sent);
        result.Message.Should().StartWith("left out").And.NotContain("\n");
        sink.Messages.Single().To.Should().Equal("a@example.org");

        (await SendAsync(Mail() with { To = [address] })).End.Should().Be(MailEnd.Unsendable);
        sink.Messages.Should().HaveCount(1);
    }

    [Fact]
    public async Task One_address_that_the_server_refuses_keeps_no_other_from_its_mail()
    {
        sink.Answer = line => line.Contains("gone@") ? "550 no such user" : null;
        var result = await SendAsync(Mail() with { To = ["gone@example.org", "a@example.org"] });
        result.End.Should().Be(MailEnd.Sent);
        result.Message.Should().Contain("gone@example.org").And.Contain("no such user");
        sink.Messages.Single().To.Should().Equal("a@example.org");
    }

    [Theory]
    [InlineData("EHLO", "554 go away")]
    [InlineData("MAIL", "451 later")]
    [InlineData("RCPT", "550 no such user")]
    [InlineData("RCPT", "450 later")]
    [InlineData("DATA", "554 spam")]
    [InlineData("MAIL", "")]
    [InlineData("DATA", "")]
    [InlineData("EHLO", "no answer of SMTP")]
    public async Task A_difficult_server_is_a_result_and_no_exception(string command, string answer)
    {
        sink.Answer = line =>
            line.StartsWith(command) || (command == "EHLO" && line.StartsWith("HELO")) ? answer : null;
        var result = await SendAsync(Mail());
        result.End.Should().BeOneOf(MailEnd.Refused, MailEnd.Unreachable);
        result.Message.Should().Contain("127.0.0.1");
        sink.Messages.Should().BeEmpty();
    }

    [Fact]
    public async Task A_server_that_is_down_is_a_result_and_no_exception()
    {
        var options = Options;
        await sink.DisposeAsync();
        (await new MailSender(options).SendAsync(Mail(), default)).End.Should().Be(MailEnd.Unreachable);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_waited_for_only_so_long()
    {
        sink.Silent = true;
        var options = Options with { Timeout = TimeSpan.FromMilliseconds(200) };
        (await new MailSender(options).SendAsync(Mail(), default)).End.Should().Be(MailEnd.Unreachable);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait()
    {
        sink.Silent = true;
        using var cancel = new CancellationTokenSource();
        var sending = new MailSender(Options).SendAsync(Mail(), cancel.Token);
        await cancel.CancelAsync();
        await FluentActions.Awaiting(() => sending).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Without_TLS_nothing_is_sent_where_TLS_is_wanted()
    {
        (await new MailSender(Options with { Tls = MailTls.StartTls }).SendAsync(Mail(), default))
            .End.Should()
            .Be(MailEnd.Unreachable);
        sink.Messages.Should().BeEmpty();
    }

    [Fact]
    public async Task A_password_file_that_is_not_there_is_a_result_and_no_exception()
    {
        var options = Options with { User = "farm", PasswordFile = "/nonexistent/password" };
        var result = await new MailSender(options).SendAsync(Mail(), default);
        result.End.Should().Be(MailEnd.Unreachable);
        result.Message.Should().Contain("/nonexistent/password");
    }

    [Fact]
    public void A_sender_that_is_no_address_is_refused_at_the_start() =>
        FluentActions
            .Invoking(() => new MailSender(Options with { From = "nobody" }))
            .Should()
            .Throw<ArgumentException>();

    public ValueTask DisposeAsync() => sink.DisposeAsync();

    private static OutgoingMail Mail() =>
        new(["a@example.org"], "[PkgForge] hello", new Dictionary<string, string>(), "One\n.\nthree\n");

    private Task<MailResult> SendAsync(OutgoingMail mail) => new MailSender(Options).SendAsync(mail, default);

    private MimeMessage Received() => MimeMessage.Load(new MemoryStream(sink.Messages[0].Content));
}
