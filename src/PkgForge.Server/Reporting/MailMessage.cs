using System.Text.RegularExpressions;
using MimeKit;
using PkgForge.Registry;

namespace PkgForge.Server.Reporting;

/// <summary>
/// Makes a message of a mail. Whatever the mail says (names of packages, lines of logs, addresses that users gave) stays
/// where it belongs: no value can add a header, a recipient or a part.
/// </summary>
internal static partial class MailMessage
{
    /// <summary>The message, and the addresses that are none.</summary>
    public static (MimeMessage Message, IReadOnlyList<string> NoAddresses) Of(OutgoingMail mail, string from)
    {
        var message = new MimeMessage { Subject = MailText.ForHeader(mail.Subject) };
        message.From.Add(MailboxAddress.Parse(from));
        var wrong = new List<string>();
        foreach (var text in mail.To)
        {
            if (Address(text) is { } address)
                message.To.Add(address);
            else
                wrong.Add(MailText.ForHeader(text));
        }
        foreach (var (name, value) in mail.Headers.Where(h => OwnHeader().IsMatch(h.Key)))
            message.Headers.Replace(name, MailText.ForHeader(value));
        // RFC 3834: keeps holiday notices from being answers to a farm.
        message.Headers.Replace(HeaderId.AutoSubmitted, "auto-generated");
        message.Body = new TextPart("plain") { Text = MailText.ForBody(mail.Body) };
        return (message, wrong);
    }

    /// <summary>One address, with or without a name; null when the text is none, or more than one.</summary>
    public static MailboxAddress? Address(string text) =>
        !text.Any(char.IsControl)
        && MailboxAddress.TryParse(text, out var address)
        && PlainAddress().IsMatch(address.Address)
            ? address
            : null;

    [GeneratedRegex(@"\A[^\s<>@,;:()\[\]\\""]+@[^\s<>@,;:()\[\]\\""]+\z")]
    private static partial Regex PlainAddress();

    // The farm's own headers are the only ones that a mail may bring along.
    [GeneratedRegex(@"\AX-PkgForge-[A-Za-z0-9-]{1,40}\z")]
    private static partial Regex OwnHeader();
}
