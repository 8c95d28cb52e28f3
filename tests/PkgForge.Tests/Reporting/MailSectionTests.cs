using AwesomeAssertions;
using PkgForge.Server.Reporting;
using PkgForge.Yaml;
using Xunit;

namespace PkgForge.Tests.Reporting;

public sealed class MailSectionTests
{
    [Fact]
    public void Host_and_sender_are_enough() =>
        Read(("host", "mail"), ("from", "farm@example.org"))
            .Should()
            .Be(new MailOptions { Host = "mail", From = "farm@example.org" });

    [Fact]
    public void Every_key_is_read() =>
        Read(
                ("host", "mail"),
                ("port", "465"),
                ("from", "PkgForge <farm@example.org>"),
                ("tls", "implicit"),
                ("user", "farm"),
                ("password_file", "/etc/pkgforge/password"),
                ("timeout", "10s")
            )
            .Should()
            .Be(
                new MailOptions
                {
                    Host = "mail",
                    Port = 465,
                    From = "PkgForge <farm@example.org>",
                    Tls = MailTls.Implicit,
                    User = "farm",
                    PasswordFile = "/etc/pkgforge/password",
                    Timeout = TimeSpan.FromSeconds(10),
                }
            );

    [Theory]
    [InlineData("host", "")]
    [InlineData("from", "nobody")]
    [InlineData("port", "65536")]
    [InlineData("tls", "maybe")]
    [InlineData("password_file", "password")]
    [InlineData("no_such_key", "1")]
    public void A_wrong_value_is_refused_by_its_key(string key, string value) =>
        FluentActions
            .Invoking(() =>
                Read([
                    .. new[] { ("host", "mail"), ("from", "farm@example.org") }.Where(p => p.Item1 != key),
                    (key, value),
                ])
            )
            .Should()
            .Throw<YamlFormatException>()
            .WithMessage($"*{key}*");

    private static MailOptions Read(params (string Key, string Value)[] pairs) =>
        MailSection.Read(
            new YamlMap(pairs.ToDictionary(p => p.Key, YamlItem (p) => new YamlText(p.Value, true, 1)), 1),
            null
        );
}
