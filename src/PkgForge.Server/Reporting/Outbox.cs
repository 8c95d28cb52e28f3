using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Server.Handlers;

namespace PkgForge.Server.Reporting;

/// <summary>
/// Sends what waits in the registry's outbox. A mail leaves the outbox when the server has taken it: should the process
/// die in between, it is sent again rather than lost. Whatever happens here changes no task.
/// </summary>
internal static class Outbox
{
    /// <summary>After so many tries a mail is given up. The registry makes the time between them longer with each.</summary>
    public const int MostTries = 10;

    /// <summary>Sends the mails that are due now, if the farm sends any.</summary>
    public static Task DeliverAsync(Farm farm, CancellationToken cancel) =>
        farm.Configuration.Mail is { } options
            ? DeliverAsync(farm.Registry, new MailSender(options), farm.Log, cancel)
            : Task.CompletedTask;

    /// <summary>Sends the mails that are due now; stops at the first that finds no server, so as to wait for it but once.</summary>
    /// <returns>How many were sent.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the only exception.</exception>
    public static async Task<int> DeliverAsync(
        IRegistry registry,
        MailSender sender,
        ILogger log,
        CancellationToken cancel
    )
    {
        var sent = 0;
        try
        {
            // One at a time: what is taken and not tried would count as tried.
            while (await registry.TakeMailAsync(1, cancel) is [var item])
            {
                var result = await sender.SendAsync(item.Mail, cancel);
                sent += result.End == MailEnd.Sent ? 1 : 0;
                if (IsDone(item, result, log))
                    await registry.RemoveMailAsync(item.Id, cancel);
                if (result.End == MailEnd.Unreachable)
                    break;
            }
        }
        catch (Exception e) when (e is RegistryUnavailableException or RegistrySchemaException)
        {
            ReportingLogMessages.OutboxUnreachable(log, e.Message);
        }
        return sent;
    }

    /// <summary>True when a mail is not to be tried again.</summary>
    private static bool IsDone(OutboxItem item, MailResult result, ILogger log)
    {
        var subject = MailText.ForHeader(item.Mail.Subject);
        if (result is { End: MailEnd.Sent, Message: { } some })
            ReportingLogMessages.MailSentToSome(log, subject, some);
        if (result.End == MailEnd.Sent)
            return true;
        var givenUp = result.End == MailEnd.Unsendable || item.Tries >= MostTries;
        if (givenUp)
            ReportingLogMessages.MailGivenUp(log, subject, item.Tries, result.Message);
        else
            ReportingLogMessages.MailFailed(log, subject, item.Tries, result.Message);
        return givenUp;
    }
}
