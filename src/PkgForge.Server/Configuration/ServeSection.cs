using System.Net;
using System.Text.RegularExpressions;
using PkgForge.Yaml;

namespace PkgForge.Server.Configuration;

/// <summary>Reads the section <c>serve</c> of the configuration.</summary>
internal static partial class ServeSection
{
    private const int Most = 1_000_000;

    /// <summary>Its keys.</summary>
    internal static readonly string[] Keys =
    [
        "listen",
        "certificate",
        "certificate_key",
        "insecure",
        "trusted_proxies",
        "anonymous",
        "requests_per_minute",
        "changes_per_minute",
        "open_connections",
        "url",
        "oidc",
        "kerberos",
        "incoming",
        "builders",
    ];

    /// <summary>The options; keys that are not there stay as they were.</summary>
    /// <exception cref="YamlFormatException">A value is not what it must be.</exception>
    public static ServeOptions Read(YamlItem item, ServeOptions known)
    {
        var fields = new SettingFields(item, Keys, "serve: ");
        var options = known with
        {
            Listen = fields.Texts("listen", known.Listen, Address),
            Certificate = fields.Text("certificate", known.Certificate, AbsolutePath),
            CertificateKey = fields.Text("certificate_key", known.CertificateKey, AbsolutePath),
            Insecure = fields.Flag("insecure", known.Insecure),
            TrustedProxies = fields.Texts("trusted_proxies", known.TrustedProxies, Proxy),
            Anonymous = fields.Flag("anonymous", known.Anonymous),
            RequestsPerMinute = fields.Number("requests_per_minute", known.RequestsPerMinute, Most),
            ChangesPerMinute = fields.Number("changes_per_minute", known.ChangesPerMinute, Most),
            OpenConnections = fields.Number("open_connections", known.OpenConnections, Most),
            Url = fields.Text("url", known.Url, RecipeRules.Url),
            Oidc = fields.Section("oidc", known.Oidc, (part, _) => LoginSections.Oidc(part)),
            Kerberos = fields.Section("kerberos", known.Kerberos, (part, _) => LoginSections.Kerberos(part)),
            Incoming = fields.Flag("incoming", known.Incoming),
            Builders = fields.Texts("builders", known.Builders, Builder),
        };
        return options.Oidc is not null && options.Url is null
            ? throw fields.Refuse(
                "oidc",
                "'url:' beside it: the address to which browsers come back, e.g. https://forge.example.org"
            )
            : options;
    }

    // The server reads it in full when it starts.
    private static string? Address(string text) =>
        AddressPattern().IsMatch(text) ? null : "http://ADDRESS:PORT, https://ADDRESS:PORT or unix:/PATH";

    private static string? Proxy(string text) =>
        text == "unix" || IPAddress.TryParse(text, out _) || IPNetwork.TryParse(text, out _)
            ? null
            : "an address (192.0.2.1), a network (192.0.2.0/24), or 'unix' for who comes by a socket";

    private static string? AbsolutePath(string text) => text.StartsWith('/') ? null : "a path that begins with /";

    private static string? Builder(string text) => BuilderPattern().IsMatch(text) ? null : "the name of a builder";

    [GeneratedRegex(@"\A(https?://|unix:/)[!-~]{1,200}\z")]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,49}\z")]
    private static partial Regex BuilderPattern();
}
