using PkgForge.Registry;
using PkgForge.Yaml;

namespace PkgForge.Server.Configuration;

/// <summary>Reads what section <c>serve</c> says of logging in by another's word: <c>oidc</c> and <c>kerberos</c>.</summary>
internal static class LoginSections
{
    private const int Longest = 200;

    internal static readonly string[] OidcKeys =
    [
        "issuer",
        "client_id",
        "client_secret_file",
        "name",
        "account_claim",
        "scopes",
        "groups_claim",
        "roles",
        "new_accounts",
    ];

    internal static readonly string[] KerberosKeys = ["keytab", "realms"];

    /// <exception cref="YamlFormatException">A value is not what it must be, or is not there.</exception>
    public static OidcSettings Oidc(YamlItem item)
    {
        var fields = new SettingFields(item, OidcKeys, "oidc: ");
        var usual = new OidcSettings { Issuer = "", ClientId = "" };
        return usual with
        {
            Issuer = fields.Has("issuer")
                ? fields.Text("issuer", null, IssuerFault)
                : throw fields.Refuse("issuer", "the provider's address"),
            ClientId = fields.Has("client_id")
                ? fields.Text("client_id", null, Word)
                : throw fields.Refuse("client_id", "what the provider knows the farm by"),
            ClientSecretFile = fields.Text("client_secret_file", usual.ClientSecretFile, AbsolutePath),
            Name = fields.Text("name", usual.Name, Line),
            AccountClaim = fields.Text("account_claim", usual.AccountClaim, Word),
            Scopes = fields.Texts("scopes", usual.Scopes, Word),
            GroupsClaim = fields.Text("groups_claim", usual.GroupsClaim, Word),
            Roles = fields.Map("roles", usual.Roles, ReadRole),
            NewAccounts = fields.Has("new_accounts") ? fields.Choice<AccountRole>("new_accounts") : null,
        };
    }

    /// <exception cref="YamlFormatException">A value is not what it must be, or is not there.</exception>
    public static KerberosSettings Kerberos(YamlItem item)
    {
        var fields = new SettingFields(item, KerberosKeys, "kerberos: ");
        return new()
        {
            Keytab = fields.Has("keytab")
                ? fields.Text("keytab", null, AbsolutePath)
                : throw fields.Refuse("keytab", "the path of a keytab"),
            Realms = fields.Texts("realms", [], Word) is { Count: > 0 } realms
                ? realms
                : throw fields.Refuse("realms", "one realm or more, e.g. [EXAMPLE.ORG]"),
        };
    }

    private static (string, AccountRole) ReadRole(string group, YamlItem item)
    {
        foreach (var role in Enum.GetValues<AccountRole>())
            if (item is YamlText text && text.Value == Words.Of(role))
                return (group, role);
        throw new YamlFormatException(item.Line, $"oidc: roles: {group}: expected viewer, submitter or admin");
    }

    private static string? IssuerFault(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == "https" || url.Scheme == "http" && url.IsLoopback)
        && text.Length <= Longest
        && url.Query.Length == 0
            ? null
            : "an address that begins with https://";

    private static string? Word(string text) =>
        text.Length is > 0 and <= Longest && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            ? null
            : $"a word of 1 to {Longest} characters without spaces";

    private static string? Line(string text) =>
        text.Length is > 0 and <= Longest && !text.Any(char.IsControl) ? null : $"1 to {Longest} characters";

    private static string? AbsolutePath(string text) => text.StartsWith('/') ? null : "a path that begins with /";
}
