using PkgForge.Server.Configuration;
using PkgForge.Yaml;

namespace PkgForge.Server.Reporting;

/// <summary>Reads the section <c>mail</c> of the configuration.</summary>
internal static class MailSection
{
    private const int MostPort = 65535;

    /// <summary>Its keys.</summary>
    internal static readonly string[] Keys = ["host", "port", "from", "tls", "user", "password_file", "timeout"];

    /// <summary>The options; keys that are not there stay as they were.</summary>
    /// <exception cref="YamlFormatException">A value is not what it must be, or host or sender are missing.</exception>
    public static MailOptions Read(YamlItem item, MailOptions? known)
    {
        var fields = new SettingFields(item, Keys, "mail: ");
        var old = known ?? new MailOptions { Host = "", From = "" };
        var options = old with
        {
            Host = fields.Text("host", old.Host),
            Port = fields.Number("port", old.Port, MostPort),
            From = fields.Text("from", old.From, Sender),
            Tls = fields.Choice<MailTls>("tls", old.Tls),
            User = fields.Text("user", old.User, _ => null),
            PasswordFile = fields.Text("password_file", old.PasswordFile, AbsolutePath),
            Timeout = fields.Time("timeout", old.Timeout),
        };
        if (options.Host.Length == 0)
            throw fields.Refuse("host", "the name or address of the mail server");
        return options.From.Length > 0 ? options : throw fields.Refuse("from", Sender("")!);
    }

    private static string? Sender(string text) =>
        MailMessage.Address(text) is null
            ? "the address that reports come from, e.g. PkgForge <farm@example.org>"
            : null;

    private static string? AbsolutePath(string text) => text.StartsWith('/') ? null : "a path that begins with /";
}
