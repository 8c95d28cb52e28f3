using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using PkgForge.Registry;

namespace PkgForge.Server.Reporting;

/// <summary>Sends mails through the configured server, one connection a mail.</summary>
public sealed class MailSender
{
    private readonly MailOptions options;

    /// <exception cref="ArgumentException">The options' sender is no address.</exception>
    public MailSender(MailOptions options)
    {
        if (MailMessage.Address(options.From) is null)
            throw new ArgumentException($"'{options.From}' is not an address that mail can come from", nameof(options));
        this.options = options;
    }

    /// <summary>Tries to send a mail.</summary>
    /// <returns>What became of it: no failure of the server or the connection is an exception.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the mail may have been sent.</exception>
    public async Task<MailResult> SendAsync(OutgoingMail mail, CancellationToken cancel)
    {
        var (message, wrong) = MailMessage.Of(mail, options.From);
        if (message.To.Count == 0)
            return new(MailEnd.Unsendable, $"no address to send it to: {string.Join(", ", wrong)}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(options.Timeout);
        try
        {
            var refused = wrong.Concat(await DeliverAsync(message, limit.Token)).ToList();
            return new(MailEnd.Sent, refused.Count > 0 ? $"left out: {string.Join(", ", refused)}" : null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return NotSent(MailEnd.Unreachable, $"no receipt within {options.Timeout.TotalSeconds} s");
        }
        catch (Exception e) when (IsOfTheServer(e))
        {
            return NotSent(e is CommandException ? MailEnd.Refused : MailEnd.Unreachable, e.Message);
        }
    }

    private async Task<IReadOnlyList<string>> DeliverAsync(MimeMessage message, CancellationToken cancel)
    {
        using var client = new Client();
        client.Timeout = (int)Math.Min(options.Timeout.TotalMilliseconds, int.MaxValue);
        var security = options.Tls switch
        {
            MailTls.None => SecureSocketOptions.None,
            MailTls.StartTls => SecureSocketOptions.StartTls,
            MailTls.Implicit => SecureSocketOptions.SslOnConnect,
            _ => SecureSocketOptions.StartTlsWhenAvailable,
        };
        await client.ConnectAsync(options.Host, options.Port, security, cancel);
        if (options.User is { } user)
            await client.AuthenticateAsync(user, await PasswordAsync(cancel), cancel);
        await client.SendAsync(message, cancel);
        // The receipt is there: how the connection ends is of no consequence.
        return client.Refused;
    }

    private async Task<string> PasswordAsync(CancellationToken cancel) =>
        options.PasswordFile is { } file && await File.ReadAllLinesAsync(file, cancel) is [var first, ..] ? first : "";

    private MailResult NotSent(MailEnd end, string why) =>
        new(end, $"{options.Host}:{options.Port}: {MailText.ForHeader(why)}");

    private static bool IsOfTheServer(Exception e) =>
        e
            is SocketException
                or IOException
                or UnauthorizedAccessException
                or TimeoutException
                or CommandException
                or ProtocolException
                or AuthenticationException
                or SslHandshakeException
                or ServiceNotConnectedException
                or ServiceNotAuthenticatedException
                or NotSupportedException;

    /// <summary>Goes on with the other addresses when the server refuses one for good.</summary>
    private sealed class Client : SmtpClient
    {
        private const int FirstPermanent = 500;

        public List<string> Refused { get; } = [];

        protected override void OnRecipientNotAccepted(
            MimeMessage message,
            MailboxAddress mailbox,
            SmtpResponse response
        )
        {
            if ((int)response.StatusCode < FirstPermanent)
                base.OnRecipientNotAccepted(message, mailbox, response);
            Refused.Add($"{mailbox.Address} ({MailText.ForHeader(response.Response)})");
        }

        protected override void OnNoRecipientsAccepted(MimeMessage message) =>
            throw new SmtpCommandException(
                SmtpErrorCode.RecipientNotAccepted,
                SmtpStatusCode.MailboxUnavailable,
                $"refused: {string.Join(", ", Refused)}"
            );
    }
}
