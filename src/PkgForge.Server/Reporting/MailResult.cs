namespace PkgForge.Server.Reporting;

/// <summary>What became of one try at sending a mail.</summary>
public enum MailEnd
{
    /// <summary>The server has taken it.</summary>
    Sent,

    /// <summary>Not this time: the server was asked and does not want it.</summary>
    Refused,

    /// <summary>Not this time: the server is down, or cannot be talked to.</summary>
    Unreachable,

    /// <summary>Never: no address in it is one.</summary>
    Unsendable,
}

/// <summary>What became of one try at sending a mail.</summary>
/// <param name="End">Sent, not sent for now, or hopeless.</param>
/// <param name="Message">Why not, or which addresses were left out; null if all is well.</param>
public sealed record MailResult(MailEnd End, string? Message);
