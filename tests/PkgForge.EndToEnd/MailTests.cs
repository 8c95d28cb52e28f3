using System.Globalization;
using System.Text;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Spool;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>Reports by mail.</summary>
public sealed class MailTests : FarmTests
{
    [Fact]
    public async Task Each_task_is_reported_to_the_address_of_the_job()
    {
        var sink = Keep(new SmtpSink());
        var farm = await MakeFarmAsync(new() { More = Mail(sink.Port) });
        await farm.SubmitAsync("good", "-r", "anna@example.org", farm.Script("a", "product a.txt a"));
        await farm.SubmitAsync(
            "bad",
            "-r",
            "anna@example.org",
            farm.Script("b", "print cc b.c", "print b.c:1: no", "fail compile b.c:1: no")
        );
        await farm.SubmitAsync("quiet", farm.Script("c", "print c"));
        await farm.DoAsync(
            "submit",
            "-B",
            "nowhere",
            "--id",
            "lost",
            "-r",
            "otto@example.org",
            farm.Script("d", "print d")
        );
        await farm.WorkAsync();

        var mails = sink.Messages.Select(message => Encoding.UTF8.GetString(message.Content)).ToList();
        mails.Should().HaveCount(3);
        mails
            .Should()
            .ContainSingle(mail => mail.Contains("X-PkgForge-ID: good") && mail.Contains("X-PkgForge-Status: success"));
        mails
            .Should()
            .ContainSingle(mail => mail.Contains("X-PkgForge-ID: bad") && mail.Contains("b.c:1: no"))
            .Which.Should()
            .MatchRegex(@"\d  cc b\.c\r\n  > \d  b\.c:1: no\r\n");
        mails.Should().ContainSingle(mail => mail.Contains("X-PkgForge-ID: lost") && mail.Contains("nowhere"));
    }

    [Fact]
    public async Task A_task_that_is_given_up_because_its_builders_died_is_reported()
    {
        var sink = Keep(new SmtpSink());
        var farm = await MakeFarmAsync(new() { More = Mail(sink.Port) });
        await farm.SubmitAsync("doomed", "-r", "anna@example.org", farm.Script("a", "print a"));
        await farm.DoAsync("incoming");
        for (var i = 0; i < 3; i++)
            (await farm.StartAt(FaultPoints.BuilddBuilt, "buildd", "--name", "b1").EndAsync())
                .ExitCode.Should()
                .Be(CommandResult.Killed);
        await farm.DoAsync("buildd", "--name", "b1");

        (await farm.StatusAsync("doomed")).State.Should().Be("failed");
        Encoding
            .UTF8.GetString(sink.Messages.Should().ContainSingle().Which.Content)
            .Should()
            .Contain("X-PkgForge-ID: doomed")
            .And.Contain("gives this task up");
    }

    [Fact]
    public async Task A_mail_server_that_is_down_changes_no_task()
    {
        var sink = new SmtpSink();
        var port = sink.Port;
        await sink.DisposeAsync();
        var farm = await MakeFarmAsync(new() { More = Mail(port) });
        await farm.SubmitAsync("good", "-r", "anna@example.org", farm.Script("a", "product a.txt a"));
        await farm.WorkAsync();

        (await farm.StatusAsync("good")).State.Should().Be("successful");
    }

    private static string Mail(int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"mail: {{ host: 127.0.0.1, port: {port}, from: farm@example.org, tls: none, timeout: 5s }}"
        );
}
