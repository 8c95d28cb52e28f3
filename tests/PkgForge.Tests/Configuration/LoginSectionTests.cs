using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Server.Configuration;
using Xunit;

namespace PkgForge.Tests.Configuration;

/// <summary>What <c>serve:</c> says of logging in.</summary>
public sealed class LoginSectionTests
{
    private const string Oidc = "issuer: https://id.example.org, client_id: farm";

    [Fact]
    public void A_provider_is_read_with_the_roles_of_its_groups()
    {
        var serve = Read(
            $"url: https://forge.example.org, oidc: {{ {Oidc}, client_secret_file: /etc/x, name: Example, roles: {{ staff: viewer, ops: admin }}, new_accounts: submitter }}"
        );

        serve
            .Oidc!.Should()
            .BeEquivalentTo(
                new OidcSettings
                {
                    Issuer = "https://id.example.org",
                    ClientId = "farm",
                    ClientSecretFile = "/etc/x",
                    Name = "Example",
                    Roles = new Dictionary<string, AccountRole>
                    {
                        ["staff"] = AccountRole.Viewer,
                        ["ops"] = AccountRole.Admin,
                    },
                    NewAccounts = AccountRole.Submitter,
                }
            );
        serve.Kerberos.Should().BeNull();
        Read("kerberos: { keytab: /etc/k, realms: [EXAMPLE.ORG] }").Kerberos!.Realms.Should().Equal("EXAMPLE.ORG");
    }

    [Theory]
    [InlineData($"oidc: {{ {Oidc} }}", "'url:' beside it")]
    [InlineData("url: https://f.example.org, oidc: { client_id: farm }", "the provider's address")]
    [InlineData("url: https://f.example.org, oidc: { issuer: https://id.example.org }", "knows the farm by")]
    [InlineData("url: https://f.example.org, oidc: { issuer: http://id.example.org, client_id: farm }", "https://")]
    [InlineData($"url: https://f.example.org, oidc: {{ {Oidc}, roles: {{ a: owner }} }}", "viewer, submitter or admin")]
    [InlineData($"url: https://f.example.org, oidc: {{ {Oidc}, new_accounts: 3 }}", "viewer, submitter, admin")]
    [InlineData($"url: https://f.example.org, oidc: {{ {Oidc}, secret: x }}", "secret")]
    [InlineData("kerberos: { realms: [A] }", "keytab")]
    [InlineData("kerberos: { keytab: /k }", "one realm or more")]
    [InlineData("kerberos: { keytab: k, realms: [A] }", "begins with /")]
    public void What_is_missing_or_unsafe_is_said(string text, string expected) =>
        FluentActions.Invoking(() => Read(text)).Should().Throw<ConfigurationException>().WithMessage($"*{expected}*");

    private static ServeOptions Read(string text)
    {
        var path = Path.Combine(Path.GetTempPath(), $"pkgforge-{Guid.NewGuid():N}.yml");
        File.WriteAllText(path, $"serve: {{ {text} }}\n");
        try
        {
            return ConfigurationFiles.Load(path).Serve;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
